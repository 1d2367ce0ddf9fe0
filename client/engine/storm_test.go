package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/engine"
)

// C16 C17 D8 D11: everything at once, from many goroutines, while connections are cut
// and servers die. Each connection ends once, and nothing is left.
func TestStorm(t *testing.T) {
	before := runtime.NumGoroutine()
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	for round := range rounds {
		storm(t, round)
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	until(t, "all goroutines are gone", func() bool { return runtime.NumGoroutine() <= before+3 })
}

func storm(t *testing.T, round int) {
	h := newHost()
	srv := engine.NewServer(engine.Config{
		Logger: quiet(), PingInterval: 20 * time.Millisecond, PingTimeout: 500 * time.Millisecond,
		UpgradeTimeout: 300 * time.Millisecond, CloseTimeout: 300 * time.Millisecond,
	}, h)
	web := httptest.NewUnstartedServer(srv)
	web.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	web.Start()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			case s := <-h.opened:
				if rand.IntN(4) == 0 {
					wg.Go(func() {
						<-time.After(time.Duration(rand.IntN(60)) * time.Millisecond)
						if rand.IntN(2) == 0 {
							s.Close(engine.ForcedClose)
						} else {
							s.Abort(engine.ForcedClose)
						}
					})
				}
			case <-h.closed:
			}
		}
	})
	var opened, ended atomic.Int64
	var watch client.Watch // of every other connection
	for i := range 48 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(round), uint64(i)))
			var cfg client.Config
			for _, one := range modes {
				cfg = one
				if r.IntN(3) == 0 {
					break
				}
			}
			if i%2 == 0 {
				cfg.Watch = &watch
			}
			cfg.Logger, cfg.RequestTimeout, cfg.UpgradeTimeout, cfg.CloseTimeout = quiet(), 2*time.Second, 300*time.Millisecond, 300*time.Millisecond
			for range 4 {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(1+r.IntN(200))*time.Millisecond)
				q := &quick{ended: make(chan struct{})}
				c, err := client.Dial(ctx, web.URL, cfg, q)
				if err == nil {
					opened.Add(1)
					bother(c, r.Uint64())
					c.Close()
					<-q.ended
					<-c.Done()
					ended.Add(1)
					if n := q.closed.Load(); n != 1 {
						t.Errorf("Closed was called %d times", n)
					}
				}
				cancel()
			}
		})
	}
	<-time.After(150 * time.Millisecond)
	web.CloseClientConnections() // as kill -9 would
	<-time.After(100 * time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), patience())
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	close(stop)
	wg.Wait()
	web.Close()
	unwatched(t, &watch)
	if opened.Load() == 0 || opened.Load() != ended.Load() {
		t.Errorf("%d connections were opened and %d ended", opened.Load(), ended.Load())
	}
}

// bother uses a connection from several goroutines at the same time.
func bother(c *client.Conn, seed uint64) {
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			for n := range 40 {
				switch r.IntN(14) {
				case 0:
					_ = c.SendVolatile(client.Message{Kind: client.Binary, Data: []byte{1}})
				case 1:
					_ = c.SendMessages(client.Message{Data: fmt.Append(nil, n)}, client.Message{Kind: client.Binary, Data: make([]byte, r.IntN(5000))})
				case 2:
					_, _, _, _ = c.ReadyState(), c.Transport(), c.BufferedAmount(), c.ID()
				case 3:
					_ = c.Writable()
				case 4:
					<-time.After(time.Duration(r.IntN(5)) * time.Millisecond)
				case 5:
					if r.IntN(40) == 0 {
						c.CloseNow()
					}
				case 6:
					if r.IntN(40) == 0 {
						c.Close()
					}
				case 7:
					_ = c.Context().Err()
				default:
					_ = c.Send(client.Text, fmt.Append(nil, n))
				}
			}
		})
	}
	wg.Wait()
}

// quick is a Receiver that keeps nothing.
type quick struct {
	inside, closed atomic.Int64
	ended          chan struct{}
}

func (q *quick) Message(client.Kind, []byte) {
	if q.inside.Add(1) != 1 || q.closed.Load() != 0 {
		panic("the Receiver is called twice at the same time, or behind Closed")
	}
	q.inside.Add(-1)
}

func (q *quick) Closed(client.Reason, error) {
	if q.closed.Add(1) == 1 {
		close(q.ended)
	}
}
