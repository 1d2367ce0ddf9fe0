package engine_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/wsock"
)

// LIFE-06 B-52: Close sends what is queued, then closes without a code; Abort
// throws it away.
func TestCloseWebSocket(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	w, k := g.connect()
	_ = k.Send(text("a"), text("b"))
	k.Close(engine.ForcedClose)
	if st := k.ReadyState(); st == engine.Open {
		t.Error("still open after Close")
	}
	k.wantEnd(engine.ForcedClose)
	w.want("4a", "4b")
	w.wantClose(1005)
	w.say("4ignored")
	w.sayClose(0)
	until(t, "it is closed", func() bool { return k.ReadyState() == engine.Closed })
	if len(k.got) != 0 {
		t.Errorf("delivered %q after Close", <-k.got)
	}

	w, k = g.connect()
	k.Abort("a reason of the application's own")
	k.wantEnd("a reason of the application's own")
	w.wantClose(1005)
	until(t, "it is closed", func() bool { return k.ReadyState() == engine.Closed })
}

// B-27 LIFE-06 LIFE-07: Close over polling waits for a GET, which gets
// everything and the close packet.
func TestClosePolling(t *testing.T) {
	g := start(t, engine.Config{}, newApp(t))
	p, k := g.session()
	get := p.park()
	until(t, "the GET is parked", k.Waiting)
	k.Close(engine.ForcedClose)
	get.wait().want(t, 200, "1")
	k.wantEnd(engine.ForcedClose)
	p.get().want(t, 400, code1)

	p, k = g.session()
	_ = k.Send(text("a"), binary("b"))
	k.Close(engine.ForcedClose)
	k.wantEnd(engine.ForcedClose)
	if st := k.ReadyState(); st != engine.Closing {
		t.Errorf("state is %d while last words wait, want closing", st)
	}
	p.post("4ignored").want(t, 200, "ok")
	p.wantGet("4a", "bYg==")
	p.wantGet("1") // B-27: by itself, or the official client misses what came before
	if st := k.ReadyState(); st != engine.Closed || len(k.got) != 0 {
		t.Errorf("state is %d, %d messages delivered", st, len(k.got))
	}
	p.get().want(t, 400, code1)

	p, k = g.session()
	_ = k.Send(text("never"))
	k.Abort(engine.ForcedClose)
	k.wantEnd(engine.ForcedClose)
	p.wantGet("1") // the client's GET may have been under way
	p.get().want(t, 400, code1)
}

// LIFE-07: nobody fetches the last words.
func TestCloseTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := startInMemory(t, engine.Config{})
		p, k := g.session()
		w, wk := g.connect()
		k.Close(engine.ForcedClose)
		wk.Close(engine.ForcedClose)
		w.wantClose(1005) // and it never answers
		pass(29 * time.Second)
		if k.ReadyState() != engine.Closing || wk.ReadyState() != engine.Closing || g.srv.Len() != 1 || g.srv.Leaving() != 1 {
			t.Errorf("states %d and %d, %d known, %d leaving before the timeout", k.ReadyState(), wk.ReadyState(), g.srv.Len(), g.srv.Leaving())
		}
		pass(2 * time.Second)
		if k.ReadyState() != engine.Closed || wk.ReadyState() != engine.Closed || g.srv.Len() != 0 || g.srv.Leaving() != 0 || g.srv.Busy() != 0 {
			t.Errorf("states %d and %d, %d known, %d leaving, %d busy after the timeout", k.ReadyState(), wk.ReadyState(), g.srv.Len(), g.srv.Leaving(), g.srv.Busy())
		}
		p.get().want(t, 400, code1)
	})
}

// LIFE-07: a client that says goodbye itself will not fetch the last words. It
// is only given the time that a GET under way may take, however often it says so.
func TestGoodbyeToClosing(t *testing.T) {
	for _, body := range []string{"1", "4left\x1e1", "4left\x1e4for good\x1e1"} {
		synctest.Test(t, func(t *testing.T) {
			g := startInMemory(t, engine.Config{})
			p, k := g.session()
			late, lateTalk := g.session()
			k.Close(engine.ForcedClose)
			lateTalk.Close(engine.ForcedClose)
			pass(10 * time.Second)
			p.post("4no goodbye\x1e4\x1e6").want(t, 200, "ok")
			pass(2 * time.Second)
			p.post(body).want(t, 200, "ok")
			late.post(body).want(t, 200, "ok")
			pass(900 * time.Millisecond)
			if st := k.ReadyState(); st != engine.Closing {
				t.Errorf("%q: state is %d before a GET under way can have come", body, st)
			}
			late.wantGet("1")
			p.post(body).want(t, 200, "ok")
			pass(200 * time.Millisecond)
			if st := k.ReadyState(); st != engine.Closed || g.srv.Len() != 0 || g.srv.Busy() != 0 {
				t.Errorf("%q: state is %d, %d known, %d busy, want none", body, st, g.srv.Len(), g.srv.Busy())
			}
		})
	}
}

// A GET that is cut off while it would fetch the last words ends the wait.
func TestAbortedLastGet(t *testing.T) {
	g := start(t, engine.Config{CloseTimeout: time.Hour}, newApp(t))
	for range 50 {
		p, k := g.session()
		get := p.park()
		until(t, "the GET is parked", k.Waiting)
		go get.cancel()
		k.Close(engine.ForcedClose)
		<-get.done
		<-k.ended
	}
	until(t, "nothing is waited for", func() bool { return g.srv.Busy() == 0 && g.srv.Len() == 0 })
}

// The context of a session ends with it, whenever it was asked for, and tells
// why.
func TestContext(t *testing.T) {
	a := newApp(t)
	causes := make(chan error, 1)
	a.onClose = func(k *talk) { causes <- context.Cause(k.Context()) }
	g := start(t, engine.Config{}, a)
	w, k := g.connect()
	ctx := k.Context()
	if ctx.Err() != nil || k.Context() != ctx {
		t.Error("the context has ended, or is another each time")
	}
	w.say("7")
	<-ctx.Done()
	if err := context.Cause(ctx); !errors.Is(err, engine.ParseError) {
		t.Errorf("cause is %v", err)
	}
	if err := <-causes; !errors.Is(err, engine.ParseError) {
		t.Errorf("cause in Closed is %v", err)
	}
	w, k = g.connect()
	w.sayClose(1000)
	k.wantEnd(engine.TransportClose)
	if err := context.Cause(k.Context()); !errors.Is(err, engine.TransportClose) {
		t.Errorf("cause of a context asked for after the end is %v", err)
	}
}

// Close and Send within a Receiver's own calls do not deadlock. D2
func TestReentrance(t *testing.T) {
	a := newApp(t)
	a.onMsg = func(k *talk, _ engine.Kind, s string) {
		for range 100 {
			_ = k.Send(text("y"))
		}
		if s == "close" {
			k.Close(engine.ForcedClose)
		}
	}
	a.onClose = func(k *talk) {
		_ = k.Send(text("z"))
		k.Close(engine.ForcedClose)
		k.Abort(engine.ForcedClose)
		_ = k.Context()
		_ = a.t
	}
	g := start(t, engine.Config{}, a)
	w, k := g.connect()
	w.say("4x")
	k.wantMessage("text:x")
	w.say("4close")
	for range 200 {
		w.want("4y")
	}
	k.wantEnd(engine.ForcedClose)
	w.wantClose(1005)
	p, pk := g.session()
	p.say("4close", "4unheard")
	pk.wantEnd(engine.ForcedClose)
	if n := len(p.get().body); n != 200+99 {
		t.Errorf("last but one GET has %d bytes, want 100 messages", n)
	}
	p.wantGet("1")
}

// C8: close during an open poll, both orders, ten thousand times, without a
// network in between so that the instants are close.
func TestCloseDuringPoll(t *testing.T) {
	a := newApp(t)
	a.opened = make(chan *talk, 1)
	srv := engine.NewServer(engine.Config{Logger: quiet()}, a)
	serve := func(method, query string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, httptest.NewRequest(method, "/engine.io/?EIO=4&transport=polling"+query, nil))
		return w
	}
	rounds := 10000
	if testing.Short() {
		rounds = 1000
	}
	for i := range rounds {
		serve("GET", "")
		k := <-a.opened
		query := "&sid=" + k.ID()
		how := k.Close
		if i%4 >= 2 {
			how = k.Abort
		}
		var both sync.WaitGroup
		var got *httptest.ResponseRecorder
		get := func() { got = serve("GET", query) }
		end := func() { how(engine.ForcedClose) }
		if i%2 == 0 {
			get, end = end, get
		}
		both.Go(get)
		both.Go(end)
		both.Wait()
		// A Close is delivered to whichever GET there is. An Abort is delivered
		// to a GET that waits; one that comes later finds no session.
		if body := got.Body.String(); body != "1" && (i%4 < 2 || body != code1) {
			t.Fatalf("round %d: the GET got %d %q", i, got.Code, body)
		}
		if len(k.ended) != 1 {
			t.Fatalf("round %d: ended %d times", i, len(k.ended))
		}
	}
	if n, busy := srv.Len(), srv.Busy(); n != 0 || busy != 0 {
		t.Errorf("%d sessions, %d busy at the end", n, busy)
	}
}

// C8 C11: everything that can end a polling session, all at once.
func TestManyEnds(t *testing.T) {
	a := newApp(t)
	a.opened = make(chan *talk, 1)
	srv := engine.NewServer(engine.Config{Logger: quiet(), CloseTimeout: time.Millisecond}, a)
	serve := func(method, query, body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), method, "/engine.io/?EIO=4&transport=polling"+query, http.NoBody)
		if body != "" {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r = r.WithContext(ctx)
			if body == "cancelled" {
				cancel()
			}
		}
		srv.ServeHTTP(w, r)
		return w
	}
	for range 2000 {
		serve("GET", "", "")
		k := <-a.opened
		query := "&sid=" + k.ID()
		var all sync.WaitGroup
		for _, f := range []func(){
			func() { serve("GET", query, "") },
			func() { serve("GET", query, "") },
			func() { serve("GET", query, "cancelled") },
			func() { serve("POST", query, "") },
			func() { k.Close(engine.ForcedClose) },
			func() { k.Abort(engine.ForcedClose) },
			func() { _ = k.Send(text("x")) },
		} {
			all.Go(f)
		}
		all.Wait()
		if len(k.ended) != 1 {
			t.Fatalf("ended %d times", len(k.ended))
		}
	}
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if n, busy := srv.Len(), srv.Busy(); n != 0 || busy != 0 {
		t.Errorf("%d sessions, %d busy at the end", n, busy)
	}
}

// Abort beside a Receiver that blocks: nobody reads, and the connection is closed
// all the same.
func TestAbortBesideBlockedReceiver(t *testing.T) {
	a := newApp(t)
	entered, release := make(chan struct{}), make(chan struct{})
	a.onMsg = func(*talk, engine.Kind, string) { close(entered); <-release }
	g := start(t, engine.Config{CloseTimeout: time.Hour}, a)
	w, k := g.connect()
	free := sync.OnceFunc(func() { close(release) })
	t.Cleanup(free)
	w.say("4x")
	<-entered
	k.Abort(engine.ForcedClose)
	k.wantEnd(engine.ForcedClose)
	w.wantClose(1005)
	_, _ = w.conn.Write(wsock.AppendMaskedFrame(nil, wsock.Text, []byte("4y")))
	free()
	k.wantMessage("text:x")
	until(t, "all is over", func() bool { return g.srv.Busy() == 0 && g.srv.Leaving() == 0 })
	if len(k.got) != 0 {
		t.Errorf("delivered %q after the end", <-k.got)
	}
}
