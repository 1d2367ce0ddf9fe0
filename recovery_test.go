package socketio_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

// recoverer is a client that remembers what the official one does.
type recoverer struct {
	t      *testing.T
	ts     *siotest.Server
	conn   *siotest.Conn
	sid    string
	pid    string
	offset string
	got    []string // payloads of the event "n"
}

// connect joins "/", with what is known of the last time, and reports whether
// the server took it for the same socket. Missed events come after the answer:
// the official client would keep those before it, and hand them out twice when
// the line breaks in between.
func (r *recoverer) connect() bool {
	r.t.Helper()
	r.conn = r.ts.Open(r.t, siotest.Options{Transport: engine.WebSocket})
	auth := "{}"
	if r.pid != "" {
		m := map[string]string{"pid": r.pid}
		if r.offset != "" {
			m["offset"] = r.offset
		}
		b, _ := json.Marshal(m)
		auth = string(b)
	}
	_ = r.conn.Send("40" + auth)
	text := r.conn.Receive().String()
	payload, ok := strings.CutPrefix(text, "40")
	if !ok {
		r.t.Fatalf("got %s before the answer to CONNECT", text)
	}
	var hello struct{ SID, PID string }
	if err := json.Unmarshal([]byte(payload), &hello); err != nil {
		r.t.Fatalf("CONNECT %s: %v", text, err)
	}
	same := hello.PID == r.pid
	if same && hello.SID != r.sid {
		r.t.Errorf("same pid, but sid %s instead of %s", hello.SID, r.sid)
	}
	r.sid, r.pid = hello.SID, hello.PID
	if !same {
		r.offset = ""
	}
	return same
}

// take notes an event as the official client does: a string at the end is the offset.
func (r *recoverer) take(text string) {
	r.t.Helper()
	payload, ok := strings.CutPrefix(text, "42")
	if !ok {
		r.t.Fatalf("got %s, want an event", text)
	}
	var args []any
	if err := json.Unmarshal([]byte(payload), &args); err != nil {
		r.t.Fatalf("%s: %v", text, err)
	}
	if s, ok := args[len(args)-1].(string); ok {
		r.offset = s
	}
	if args[0] == "n" {
		r.got = append(r.got, fmt.Sprint(args[1]))
	}
}

func (r *recoverer) want(list ...string) {
	r.t.Helper()
	for len(r.got) < len(list) {
		r.take(r.conn.Receive().String())
	}
	if fmt.Sprint(r.got) != fmt.Sprint(list) {
		r.t.Fatalf("received %v, want %v", r.got, list)
	}
	r.got = nil
}

// lose cuts the line and waits until the server knows.
func (r *recoverer) lose(s *socketio.Socket) {
	r.conn.Cut()
	<-s.Context().Done()
}

// startRecovering serves "/" with recovery. seen gets each socket that connects.
func startRecovering(t *testing.T, rec socketio.Recovery, seen chan *socketio.Socket) (*socketio.Namespace, *recoverer) {
	srv, ts := start(t, socketio.Config{Recovery: &rec}, func(srv *socketio.Server) {
		srv.Of("/").OnConnect(func(_ context.Context, s *socketio.Socket) error {
			seen <- s
			return nil
		})
	})
	return srv.Of("/"), &recoverer{t: t, ts: ts}
}

// CSR-01 CSR-02 CSR-04 CSR-05 CSR-06 B-92 B-93 B-94 B-98 B-102: id, rooms, data and
// missed events are back, in order, after CONNECT.
func TestRecovery(t *testing.T) {
	seen := make(chan *socketio.Socket, 1)
	ns, r := startRecovering(t, socketio.Recovery{}, seen)
	if r.connect() {
		t.Fatal("a new client was taken for an old one")
	}
	s := get(t, seen)
	s.SetData("its data")
	_ = s.Join("a", "b")
	_ = s.Emit("n", 1)
	r.want("1")
	r.lose(s)

	_ = ns.Emit("n", 2)
	_ = ns.To("a", "b").Emit("n", 3)
	_ = ns.To("c").Emit("n", "not for it")
	_ = ns.Except("b").Emit("n", "not for it")
	_ = ns.Broadcast().Volatile().Emit("n", "volatile")
	if err := s.Emit("n", 4); err != nil {
		t.Errorf("emitting to a socket that may come back: %v", err)
	}
	_ = s.To("a").Emit("n", "its own")

	if !r.connect() {
		t.Fatal("not recovered")
	}
	r.want("2", "3", "4")
	again := get(t, seen)
	if !again.Recovered() || s.Recovered() {
		t.Error("Recovered does not tell the truth")
	}
	if again.ID() != s.ID() || again.Data() != "its data" || !again.In("a") || !again.In("b") {
		t.Errorf("back as %s with %v in %v", again.ID(), again.Data(), again.Rooms())
	}
	_ = ns.To("a").Emit("n", 5)
	r.want("5")
}

// K8, B-96: a client that never received an event comes back, too.
func TestRecoveryWithoutOffset(t *testing.T) {
	seen := make(chan *socketio.Socket, 1)
	ns, r := startRecovering(t, socketio.Recovery{}, seen)
	_ = ns.Emit("n", "before its time")
	r.connect()
	r.lose(get(t, seen))
	_ = ns.Emit("n", 1)
	if !r.connect() {
		t.Fatal("not recovered")
	}
	r.want("1")
}

// K8: a client that is faster than the server's notice of its loss. B-101: the
// first connection is over then, so that two never share one id.
func TestRecoveryOfLiveSocket(t *testing.T) {
	seen := make(chan *socketio.Socket, 1)
	ns, r := startRecovering(t, socketio.Recovery{}, seen)
	r.connect()
	old := get(t, seen)
	r.conn.Pause()
	_ = ns.Emit("n", 1)
	if !r.connect() {
		t.Fatal("not recovered")
	}
	r.want("1")
	if get(t, seen).ID() != old.ID() || old.Connected() {
		t.Error("the old socket is still there")
	}
	if ns.Len() != 1 {
		t.Errorf("%d sockets, want 1", ns.Len())
	}
}

// CSR-07 B-100: who was disconnected on purpose starts anew.
func TestNoRecoveryAfterDisconnect(t *testing.T) {
	for _, who := range []string{"client", "server", "parse error"} {
		t.Run(who, func(t *testing.T) {
			seen := make(chan *socketio.Socket, 1)
			_, r := startRecovering(t, socketio.Recovery{}, seen)
			r.connect()
			s := get(t, seen)
			_ = s.Emit("n", 1)
			r.want("1")
			switch who {
			case "client":
				_ = r.conn.Send("41")
			case "server":
				_ = s.Disconnect(false)
			default:
				_ = r.conn.Send("x")
			}
			<-s.Context().Done()
			if err := s.Emit("n", 2); err == nil {
				t.Error("an event was taken for a socket that cannot come back")
			}
			if r.connect() {
				t.Error("recovered")
			}
		})
	}
}

// B-103 CSR-02 CSR-09 B-95: past the window, or with an offset that nobody knows, a
// client starts anew and learns no error.
func TestRecoveryExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := make(chan *socketio.Socket, 1)
		_, r := startRecovering(t, socketio.Recovery{Window: time.Minute}, seen)
		r.connect()
		s := get(t, seen)
		_ = s.Emit("n", 1)
		r.want("1")
		r.lose(s)
		pass(59 * time.Second)
		if !r.connect() {
			t.Error("not recovered within the window")
		}
		r.lose(get(t, seen))
		pass(61 * time.Second)
		if r.connect() {
			t.Error("recovered after the window")
		}
		s = get(t, seen)
		_ = s.Emit("n", 2)
		r.want("2")
		r.lose(s)
		r.offset = "zzzz"
		if r.connect() {
			t.Error("recovered with an unknown offset")
		}
		get(t, seen)
	})
}

// A client whose missed events are no longer all kept must not be told that it
// missed nothing.
func TestRecoveryBound(t *testing.T) {
	seen := make(chan *socketio.Socket, 1)
	ns, r := startRecovering(t, socketio.Recovery{MaxBytes: 1000}, seen)
	r.connect()
	s := get(t, seen)
	_ = s.Emit("n", 1)
	r.want("1")
	r.lose(s)
	for range 50 {
		_ = ns.Emit("n", strings.Repeat("x", 100))
	}
	if r.connect() {
		t.Error("recovered across a gap")
	}
}

// B-98: who comes back gets what it missed, but no question: whoever asked it has
// long been told that there is no answer.
func TestRecoveryLeavesQuestionsOut(t *testing.T) {
	seen := make(chan *socketio.Socket, 1)
	ns, r := startRecovering(t, socketio.Recovery{}, seen)
	r.connect()
	s := get(t, seen)
	_ = s.Emit("n", 1)
	r.want("1")
	r.lose(s)
	for reply, err := range ns.Broadcast().EmitWithAck(context.Background(), "n", 2) {
		t.Errorf("a client that is away answers %v, %v", reply, err)
	}
	if _, err := s.EmitWithAck(context.Background(), "n", 3); err == nil {
		t.Error("a client that is away was asked")
	}
	_ = ns.Emit("n", 4)
	if !r.connect() {
		t.Fatal("not recovered")
	}
	r.want("4")
}

// B-97: a volatile event that ends with a string does not cost the client its place.
func TestRecoveryAfterVolatileString(t *testing.T) {
	seen := make(chan *socketio.Socket, 1)
	ns, r := startRecovering(t, socketio.Recovery{}, seen)
	r.connect()
	s := get(t, seen)
	_ = s.Emit("n", 1)
	r.want("1")
	stop := make(chan struct{})
	go func() { // until one finds the connection free
		for {
			select {
			case <-stop:
				return
			default:
				_ = s.Volatile().Emit("n", "v")
				runtime.Gosched()
			}
		}
	}()
	r.take(r.conn.Receive().String())
	close(stop)
	if r.got[0] != "v" {
		t.Fatalf("got %v", r.got)
	}
	r.got = nil
	r.lose(s)
	_ = ns.Emit("n", 2)
	if !r.connect() {
		t.Fatal("not recovered")
	}
	r.want("2")
}

// CSR-03: middlewares are skipped for a client that comes back, unless told otherwise.
func TestRecoveryMiddlewares(t *testing.T) {
	for _, run := range []bool{false, true} {
		seen := make(chan *socketio.Socket, 1)
		ns, r := startRecovering(t, socketio.Recovery{RunMiddlewares: run}, seen)
		calls := 0
		ns.Use(func(context.Context, *socketio.Socket) error { calls++; return nil })
		r.connect()
		r.lose(get(t, seen))
		if !r.connect() {
			t.Fatal("not recovered")
		}
		get(t, seen)
		if want := map[bool]int{false: 1, true: 2}[run]; calls != want {
			t.Errorf("RunMiddlewares %v: %d calls, want %d", run, calls, want)
		}
	}
}

// Many senders, a line that is cut again and again: each event once, in order
// for each sender. B-99, K8
func TestRecoveryExactlyOnce(t *testing.T) {
	seen := make(chan *socketio.Socket, 100)
	ns, r := startRecovering(t, socketio.Recovery{}, seen)
	r.connect()
	_ = get(t, seen).Join("a")
	const senders, each, cuts = 4, 300, 40
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			for k := range each {
				b := ns.Broadcast()
				if k%2 == 0 {
					b = ns.To("a", "b")
				}
				_ = b.Emit("n", fmt.Sprintf("%d.%d", i, k), true)
			}
		})
	}
	for cut := 0; len(r.got) < senders*each; {
		if cut < cuts && rand.IntN(20) == 0 {
			cut++
			r.conn.Cut()
			if !r.connect() {
				t.Fatalf("not recovered after %d cuts", cut)
			}
			continue
		}
		r.take(r.conn.Receive().String())
	}
	wg.Wait()
	next := make([]int, senders)
	for _, name := range r.got {
		var i, k int
		_, _ = fmt.Sscanf(name, "%d.%d", &i, &k)
		if k != next[i] {
			t.Fatalf("sender %d: got event %d, want %d", i, k, next[i])
		}
		next[i]++
	}
}
