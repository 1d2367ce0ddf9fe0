package engine_test

import (
	"runtime"
	"testing"

	"github.com/go-socketio/socketio/engine"
)

// A Receiver that ends the goroutine it is called on, as testing.T.Fatal does,
// ends its session, and Shutdown does not wait for it for ever.
func TestReceiverExits(t *testing.T) {
	a := newApp(t)
	a.onMsg = func(_ *talk, _ engine.Kind, s string) {
		if s == "exit" {
			runtime.Goexit()
		}
	}
	g := start(t, engine.Config{}, a)
	other, otherTalk := g.connect()
	for range 3 {
		w, k := g.connect()
		w.say("4exit")
		k.wantEnd(engine.TransportClose)
		_ = w.end()
	}
	p, k := g.session()
	w := g.upgrade(p)
	w.say("4exit")
	k.wantEnd(engine.TransportClose)
	_ = w.end()
	other.say("4still there")
	otherTalk.wantMessage("text:still there")
}
