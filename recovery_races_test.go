package socketio_test

import (
	"testing"

	"github.com/go-socketio/socketio"
)

// An application that keeps a Socket emits to its client, who came back as
// another: now, and not when the line breaks the next time.
func TestEmitToSocketThatCameBack(t *testing.T) {
	seen := make(chan *socketio.Socket, 1)
	_, r := startRecovering(t, socketio.Recovery{}, seen)
	r.connect()
	first := get(t, seen)
	_ = first.Emit("n", 1)
	r.want("1")
	r.lose(first)
	if !r.connect() {
		t.Fatal("not recovered")
	}
	second := get(t, seen)
	if err := first.Emit("n", 2); err != nil {
		t.Errorf("emitting through the socket of before: %v", err)
	}
	_ = second.Emit("n", 3)
	r.want("2", "3")
	r.lose(second)
	_ = first.Emit("n", 4)
	if !r.connect() {
		t.Fatal("not recovered")
	}
	_ = get(t, seen).Emit("n", 5)
	r.want("4", "5")
}

// The official client keeps the last offset that it saw when it becomes
// somebody new. What was sent before its new life is not for it, be it still
// kept or not.
func TestRecoveryWithOffsetOfEarlierLife(t *testing.T) {
	for _, kept := range []int{1 << 20, 40} {
		seen := make(chan *socketio.Socket, 1)
		ns, r := startRecovering(t, socketio.Recovery{MaxBytes: kept}, seen)
		r.connect()
		s := get(t, seen)
		_ = s.Emit("n", 1)
		r.want("1")
		offset := r.offset
		_ = s.Disconnect(false)
		r.conn.Cut()
		_ = ns.Emit("n", "before its time")
		if r.connect() {
			t.Fatal("recovered after Disconnect")
		}
		r.lose(get(t, seen))
		r.offset = offset
		_ = ns.Emit("n", 2)
		if !r.connect() {
			t.Fatalf("not recovered, with %d bytes kept", kept)
		}
		get(t, seen)
		r.want("2")
	}
}

// A client may be back before its old socket has left the namespace.
func TestOldSocketLeavesAfterNewOne(t *testing.T) {
	all, found := socketio.Overlap()
	if all != 1 || !found {
		t.Errorf("%d sockets in the namespace, want 1; the new one is found by its id: %v", all, found)
	}
}
