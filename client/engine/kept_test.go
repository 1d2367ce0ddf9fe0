package engine_test

import (
	"fmt"
	"testing"
	"time"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/engine"
)

// keeper keeps all messages as they were given to it.
type keeper struct {
	all [][]byte
	got chan struct{}
}

func (k *keeper) Message(_ client.Kind, data []byte) {
	k.all = append(k.all, data)
	k.got <- struct{}{}
}

func (*keeper) Closed(client.Reason, error) {}

// What a Receiver was given stays as it was when more has come.
func TestMessagesAreKept(t *testing.T) {
	for name, cfg := range modes {
		t.Run(name, func(t *testing.T) {
			url := serve(t, engine.Config{}, newHost())
			k := &keeper{got: make(chan struct{}, 10)}
			cfg.Logger = quiet()
			c, err := client.Dial(t.Context(), url, cfg, k)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for range 20 { // reads
				for range 10 {
					i := len(want)
					text := fmt.Sprintf("%d %0*d", i, i%50, i)
					want = append(want, text)
					if err := c.Send(client.Kind(i%2), []byte(text)); err != nil {
						t.Fatal(err)
					}
				}
				for range 10 {
					select {
					case <-k.got:
					case <-time.After(patience()):
						t.Fatal("not all came back")
					}
				}
			}
			for i := range want {
				if string(k.all[i]) != want[i] {
					t.Fatalf("message %d became %q, not %q", i, k.all[i], want[i])
				}
			}
			c.CloseNow()
			<-c.Done()
		})
	}
}
