package packet_test

import (
	"context"
	"errors"
	"testing"

	"github.com/go-socketio/socketio/packet"
)

// peer records what is sent through it, and answers.
type peer struct {
	event  string
	args   []any
	answer int
	err    error
}

func (p *peer) Emit(event string, args ...any) error {
	p.event, p.args = event, args
	return p.err
}

func (p *peer) Call(_ context.Context, out any, event string, args ...any) error {
	p.event, p.args = event, args
	*out.(*int) = p.answer
	return p.err
}

func TestDefinitions(t *testing.T) {
	sum := packet.DefineCall[packet.Args2[int, int], int]("sum")
	told := packet.DefineEvent[string]("told")
	failed := errors.New("gone")
	p := &peer{answer: 7, err: failed}
	n, err := sum.Call(t.Context(), p, packet.Args2[int, int]{A: 3, B: 4})
	if n != 7 || err != failed || p.event != sum.Name() || len(packet.Expand(p.args)) != 2 {
		t.Errorf("sum: %d, %v, sent %s %v", n, err, p.event, p.args)
	}
	if err := told.Emit(p, "x"); err != failed || p.event != "told" || p.args[0] != "x" {
		t.Errorf("told: %v, sent %s %v", err, p.event, p.args)
	}
	defer func() {
		if recover() == nil {
			t.Error("a reserved name was defined")
		}
	}()
	packet.DefineEvent[int]("connect_error")
}
