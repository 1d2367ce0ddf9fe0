package engine_test

import (
	"runtime"
	"sync/atomic"
	"testing"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/engine"
)

// pingPong sends each message back until it has had enough.
type pingPong struct {
	c    *client.Conn
	left atomic.Int64
	done chan struct{}
}

func (p *pingPong) Opened(c *client.Conn) { p.c = c }

func (p *pingPong) Message(kind client.Kind, data []byte) {
	if p.left.Add(-1) > 0 {
		_ = p.c.Send(kind, data)
	} else {
		p.done <- struct{}{}
	}
}

func (*pingPong) Closed(client.Reason, error) {}

// One round trip of a small message, the server's part in this process included.
func BenchmarkEcho(b *testing.B) {
	for name, cfg := range map[string]client.Config{"websocket": modes["websocket"], "polling": modes["polling"]} {
		b.Run(name, func(b *testing.B) {
			url := serve(b, engine.Config{}, newHost())
			p := &pingPong{done: make(chan struct{})}
			cfg.Logger = quiet()
			c, err := client.Dial(b.Context(), url, cfg, p)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			p.left.Store(int64(b.N))
			_ = c.Send(client.Text, []byte(`2["message","hello"]`))
			<-p.done
			b.StopTimer()
			c.CloseNow()
			<-c.Done()
		})
	}
}

// Messages of one direction, as fast as the queue takes them.
func BenchmarkSend(b *testing.B) {
	server := newCrowd(b)
	c, err := client.Dial(b.Context(), "http://"+server.l.Addr().String(), client.Config{Transports: []string{client.WebSocket}, Logger: quiet()}, &pingPong{})
	if err != nil {
		b.Fatal(err)
	}
	server.mu.Lock()
	nc := server.conns[0]
	server.mu.Unlock()
	go func() {
		buf := make([]byte, 64<<10)
		for {
			if _, err := nc.Read(buf); err != nil {
				return
			}
		}
	}()
	data := make([]byte, 100)
	b.SetBytes(100)
	b.ReportAllocs()
	for b.Loop() {
		for c.Send(client.Binary, data) == client.ErrQueueFull {
			runtime.Gosched()
		}
	}
	c.CloseNow()
	<-c.Done()
}
