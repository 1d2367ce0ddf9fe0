package socketio_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// OPS-01: Shutdown ends every client, waits for what runs, and lets nobody in.
func TestShutdown(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		synctest.Test(t, func(t *testing.T) {
			var farewells <-chan farewell
			handled := 0
			started := make(chan struct{}, 1)
			srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
				farewells = watch(srv.Of("/"))
				socketio.On(srv.Of("/"), "work", func(ctx context.Context, s *socketio.Socket, _ socketio.None) error {
					started <- struct{}{}
					<-ctx.Done()
					if context.Cause(ctx) != socketio.ServerShuttingDown {
						t.Errorf("the handler sees %v", context.Cause(ctx))
					}
					pass(3 * time.Second) // it has things to put away
					handled++
					return s.Emit("done") // to nobody
				})
			})
			conn := ts.Open(t, opt)
			busy := conn.Connect("/", nil)
			idle := ts.Open(t, opt).Connect("/", nil)
			nowhere := ts.Open(t, opt)
			busy.Emit("work")
			<-started
			_ = srv.Of("/").Emit("last words")
			began := time.Now()
			if err := srv.Shutdown(context.Background()); err != nil {
				t.Errorf("Shutdown: %v", err)
			}
			if took := time.Since(began); handled != 1 || took != 3*time.Second {
				t.Errorf("Shutdown took %v, %d handlers ended", took, handled)
			}
			for range 2 {
				if f := get(t, farewells); f.why != socketio.ServerShuttingDown {
					t.Errorf("the reason is %q", f.why)
				}
			}
			for _, c := range []*siotest.Client{busy, idle} {
				c.Expect("last words")
				if why := c.WaitDisconnect(); why != "transport close" { // so that it comes back, elsewhere
					t.Errorf("the client sees %q", why)
				}
			}
			nowhere.WaitClosed()
			_, err := ts.TryOpen(t, opt)
			refused, ok := errors.AsType[*siotest.RefusedError](err)
			if !ok || refused.Status != http.StatusServiceUnavailable {
				t.Errorf("a new client is told %v", err)
			}
			if err := srv.Shutdown(context.Background()); err != nil {
				t.Errorf("a second Shutdown: %v", err)
			}
			if srv.Of("/").Len() != 0 || srv.Engine().Len() != 0 {
				t.Error("somebody is left")
			}
			_ = srv.Of("/").Emit("to nobody")
		})
	})
}

// A Shutdown whose context ends says so, and has cut everybody off.
func TestShutdownImpatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
			socketio.On(srv.Of("/"), "stubborn", func(context.Context, *socketio.Socket, socketio.None) error {
				<-release
				return nil
			})
		})
		c := ts.Dial(t, "/", nil)
		c.Emit("stubborn")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		began := time.Now()
		if err := srv.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 5*time.Second {
			t.Errorf("Shutdown: %v after %v", err, time.Since(began))
		}
		c.WaitDisconnect()
		close(release)
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Errorf("once it can: %v", err)
		}
	})
}

// Shutdown while clients come and while a middleware thinks.
func TestShutdownWhileEntering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
			srv.Of("/").Use(func(ctx context.Context, _ *socketio.Socket) error {
				<-ctx.Done()
				return context.Cause(ctx)
			})
			srv.Of("/").OnDisconnect(func(*socketio.Socket, socketio.DisconnectReason) {
				t.Error("OnDisconnect of a client that was never in")
			})
		})
		c := ts.Open(t, siotest.Options{})
		_ = c.Send("40")
		synctest.Wait()
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		c.WaitClosed()
	})
}

// OPS-06: quiet by default, and with a Logger at Debug everything a client
// does wrong can be found.
func TestLog(t *testing.T) {
	var log journal
	_, ts := start(t, socketio.Config{Logger: log.logger()}, func(srv *socketio.Server) {
		socketio.On(srv.Of("/"), "fail", func(context.Context, *socketio.Socket, int) error { return errors.New("disk full") })
		srv.Of("/").Handle("echo", echo)
		srv.Of("/x").Use(func(context.Context, *socketio.Socket) error { return errors.New("no database") })
	})
	c := ts.Dial(t, "/", nil)
	c.Emit("fail", 1)
	c.Emit("fail", "x")
	alive(t, c)
	_, _ = c.Conn().TryConnect("/x", nil)
	_ = c.Conn().Send("4?")
	c.WaitDisconnect()
	for _, want := range []string{
		`level=ERROR msg="socketio: handler failed" namespace=/ event=fail socket=` + c.ID() + ` error="disk full"`,
		`bad arguments`,
		`no database`,
		`unknown packet type`,
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("not in the log: %s", want)
		}
	}
	if strings.Contains(log.String(), c.Conn().SID) {
		t.Error("the session's secret is in the log")
	}
}
