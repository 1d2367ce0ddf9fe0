package engine_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/go-socketio/socketio/engine"
)

// Many senders to many WebSockets: the flushers share the work, and each
// client's messages arrive in the order in which each sender sent them.
func TestCrowd(t *testing.T) {
	const clients, senders, rounds = 150, 4, 40
	g := start(t, engine.Config{}, newApp(t))
	var peers []*peer
	var talks []*talk
	for range clients {
		w, k := g.connect()
		peers, talks = append(peers, w), append(talks, k)
	}
	var all sync.WaitGroup
	for n := range senders {
		all.Go(func() {
			for i := range rounds {
				m := text(strconv.Itoa(n) + " " + strconv.Itoa(i))
				for _, k := range talks {
					if err := k.Send(m); err != nil {
						t.Errorf("Send: %v", err)
					}
				}
			}
		})
	}
	all.Wait()
	for _, w := range peers {
		next := [senders]int{}
		for range senders * rounds {
			s := w.next()
			n := int(s[1] - '0')
			if want := "4" + strconv.Itoa(n) + " " + strconv.Itoa(next[n]); s != want {
				t.Fatalf("got %q, want %q", s, want)
			}
			next[n]++
		}
		w.hang()
	}
}
