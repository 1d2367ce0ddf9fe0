package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// NSP-01, NSP-02: a client is in no namespace until it asks, "/" included; the
// answer carries a public id that is not the session's secret.
func TestConnect(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) { srv.Of("admin") })
		if srv.Of("/admin") != srv.Of("admin") || srv.Of("") != srv.Of("/") || srv.Of("admin").Name() != "/admin" {
			t.Error("a missing leading slash makes another namespace")
		}
		c := ts.Open(t, opt)
		c.Fence()
		if n := srv.Of("/").Len(); n != 0 {
			t.Errorf("%d sockets in / before a CONNECT", n)
		}
		for _, ask := range []string{"40", `40/admin,{"token":"x"}`} {
			if err := c.Send(ask); err != nil {
				t.Fatal(err)
			}
			answer := c.Receive().String()
			m := regexp.MustCompile(`^40(/admin,)?\{"sid":"([A-Za-z0-9_-]{20})"\}$`).FindStringSubmatch(answer)
			if m == nil {
				t.Fatalf("%s is answered %s", ask, answer)
			}
			if m[2] == c.SID { // NSP-10
				t.Error("the socket's id is the session's secret")
			}
			ns := srv.Of(strings.TrimSuffix(m[1], ","))
			if s := ns.Socket(m[2]); s == nil || !s.Connected() || s.Namespace() != ns || s.Namespace().Server() != srv {
				t.Errorf("the server knows the socket as %v", s)
			}
		}
		if c.Quiet(); srv.Of("/").Len() != 1 || srv.Of("/admin").Len() != 1 {
			t.Error("sockets were not counted")
		}
	})
}

// NSP-09, B-56, B-57, B-58: an unknown namespace is refused and the connection stays.
func TestUnknownNamespace(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) { srv.Of("/").Handle("echo", echo) })
		c := ts.Open(t, opt)
		for ask, answer := range map[string]string{
			"40/nope,":        `44/nope,{"message":"Invalid namespace"}`,
			"40/nope":         `44/nope,{"message":"Invalid namespace"}`,
			`40/nope,{"a":1}`: `44/nope,{"message":"Invalid namespace"}`,
			"40/?a=b":         `44/?a=b,{"message":"Invalid namespace"}`,
			"40/?a=b,":        `44/?a=b,{"message":"Invalid namespace"}`,
			"40//":            `44//,{"message":"Invalid namespace"}`,
		} {
			if err := c.Send(ask); err != nil {
				t.Fatal(err)
			}
			if got := c.Receive().String(); got != answer {
				t.Errorf("%s is answered %s, want %s", ask, got, answer)
			}
		}
		alive(t, c.Connect("/", nil))
	})
}

// NSP-18: the namespaces of one connection live and die apart from each other.
func TestSeveralNamespaces(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		names := []string{"/", "/a", "/b", "/c"}
		srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
			for _, name := range names {
				srv.Of(name).Handle("echo", echo)
			}
		})
		conn := ts.Open(t, opt)
		clients := map[string]*siotest.Client{}
		for _, name := range names {
			clients[name] = conn.Connect(name, nil)
		}
		for _, name := range names {
			clients[name].Emit("echo", name)
			clients[name].Expect("echo", name)
			if err := srv.Of(name).Emit("all", name); err != nil {
				t.Error(err)
			}
			clients[name].Expect("all", name)
		}
		conn.Quiet()
		clients["/a"].Disconnect()
		conn.Fence()
		if srv.Of("/a").Len() != 0 || srv.Of("/b").Len() != 1 {
			t.Error("leaving one namespace is not leaving just that one")
		}
		alive(t, clients["/b"])
		alive(t, conn.Connect("/a", nil)) // and coming back is allowed
	})
}

// X9, NSP-11, B-86: the handshake is that of the session's first request, and each
// namespace has its own auth.
func TestHandshake(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		srv, ts := start(t, socketio.Config{Origins: []string{"https://a.example"}}, func(srv *socketio.Server) { srv.Of("/x") })
		opt.Query = url.Values{"room": {"1", "2"}, "name": {"ä b"}}
		opt.Header = http.Header{"X-Token": {"secret"}, "Origin": {"https://a.example"}, "Cookie": {"a=1; b=2"}}
		conn := ts.Open(t, opt)
		main := conn.Connect("/", map[string]any{"token": "main", "n": int64(1) << 53})
		other := conn.Connect("/x", nil)

		h := srv.Of("/").Socket(main.ID()).Handshake()
		if h.Query.Get("name") != "ä b" || len(h.Query["room"]) != 2 || h.Query.Get("EIO") != "4" {
			t.Errorf("query %v", h.Query)
		}
		if h.Headers.Get("X-Token") != "secret" || h.Headers.Get("Cookie") != "a=1; b=2" || h.Headers.Get("Host") != "socketio.test" {
			t.Errorf("headers %v", h.Headers)
		}
		if !strings.HasPrefix(h.URL, "/socket.io/?") || h.RemoteAddr == "" || h.Secure || !h.CrossDomain || time.Since(h.Time) > time.Minute {
			t.Errorf("handshake %+v", h)
		}
		var auth struct {
			Token string
			N     int64
		}
		if err := h.DecodeAuth(&auth); err != nil || auth.Token != "main" || auth.N != 1<<53 {
			t.Errorf("auth %+v, %v", auth, err)
		}
		o := srv.Of("/x").Socket(other.ID()).Handshake()
		if o.Auth != nil || o.DecodeAuth(&auth) == nil {
			t.Errorf("auth of a namespace that got none: %s", o.Auth)
		}
		if o.URL != h.URL || !o.Time.Equal(h.Time) {
			t.Error("two namespaces of one connection have two handshakes")
		}
		h.Headers.Set("X-Token", "spoilt")
		h.Query.Set("name", "spoilt")
		if again := srv.Of("/").Socket(main.ID()).Handshake(); again.Headers.Get("X-Token") != "secret" || again.Query.Get("name") != "ä b" {
			t.Error("one caller of Handshake changes what the next sees")
		}
	})
}

// NSP-14, EVT-01, B-79, B-84: middlewares run in order, once per namespace and
// client, before the answer; the first error refuses, and nothing of what the
// others did stays.
func TestMiddleware(t *testing.T) {
	var order []string
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		ns := srv.Of("/")
		ns.Handle("echo", echo)
		step := func(name string, err error) func(context.Context, *socketio.Socket) error {
			return func(_ context.Context, s *socketio.Socket) error {
				var auth struct{ FailAt string }
				_ = s.Handshake().DecodeAuth(&auth)
				if s.Connected() {
					t.Errorf("connected in %s", name)
				}
				order = append(order, name)
				if jerr := s.Join("room of " + name); jerr != nil {
					t.Error(jerr)
				}
				if auth.FailAt == name {
					return err
				}
				return nil
			}
		}
		ns.Use(step("a", &socketio.Error{Message: "no"}))
		ns.Use(step("b", &socketio.Error{Message: "no", Data: map[string]any{"code": 401, "hint": []any{"try", true}}}))
		ns.Use(step("c", errors.New("the database password is hunter2")))
		ns.OnConnect(step("d", &socketio.Error{Message: "late"}))
	})
	for _, test := range []struct{ failAt, ran, answer string }{
		{"a", "a", `44{"message":"no"}`},
		{"b", "ab", `44{"message":"no","data":{"code":401,"hint":["try",true]}}`},
		{"c", "abc", `44{"message":"internal error"}`},
		{"d", "abcd", `44{"message":"late"}`},
	} {
		order = nil
		c := ts.Open(t, siotest.Options{})
		if err := c.Send(`40{"failAt":"` + test.failAt + `"}`); err != nil {
			t.Fatal(err)
		}
		c.Expect(test.answer)
		if got := strings.Join(order, ""); got != test.ran {
			t.Errorf("refused at %s after %s", test.failAt, got)
		}
		if ns := srv.Of("/"); ns.Len() != 0 || len(ns.Rooms()) != 0 {
			t.Errorf("a refused client left rooms %v", ns.Rooms())
		}
		alive(t, c.Connect("/", nil)) // the connection stays, and another try is allowed
		c.Close()
		until(t, func() bool { return srv.Of("/").Len() == 0 && len(srv.Of("/").Rooms()) == 0 }) // the next round counts rooms
	}
}

// B-85: a client that goes away while a middleware thinks never becomes a socket.
func TestGoneDuringMiddleware(t *testing.T) {
	entered, ended := make(chan *socketio.Socket, 1), make(chan error, 1)
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		srv.Of("/").Use(func(ctx context.Context, s *socketio.Socket) error {
			entered <- s
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return nil // as if nothing had happened
		})
		srv.Of("/").OnConnect(func(context.Context, *socketio.Socket) error {
			t.Error("OnConnect of a client that is gone")
			return nil
		})
		srv.Of("/").OnDisconnect(func(*socketio.Socket, socketio.DisconnectReason) {
			t.Error("OnDisconnect of a client that was never connected")
		})
	})
	c := ts.Open(t, siotest.Options{})
	if err := c.Send("40"); err != nil {
		t.Fatal(err)
	}
	s := get(t, entered)
	c.Close()
	if why := get(t, ended); why != socketio.TransportClose {
		t.Errorf("the cause of the context is %v", why)
	}
	if s.Join("late") != socketio.ErrClosed || s.Emit("x") != socketio.ErrClosed || s.Disconnect(false) != socketio.ErrClosed {
		t.Error("a socket that is gone can still be used")
	}
	if n := srv.Of("/").Len(); n != 0 {
		t.Errorf("%d sockets", n)
	}
}

// EVT-09 EVT-11 NSP-12: data belongs to one socket.
func TestData(t *testing.T) {
	type user struct{ Name string }
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		srv.Of("/").Use(func(_ context.Context, s *socketio.Socket) error {
			var u user
			if err := s.Handshake().DecodeAuth(&u); err != nil {
				return err
			}
			s.SetData(u)
			return nil
		})
	})
	a, b := ts.Dial(t, "/", user{"a"}), ts.Dial(t, "/", user{"b"})
	for _, c := range []*siotest.Client{a, b} {
		u, ok := socketio.DataOf[user](srv.Of("/").Socket(c.ID()))
		if want := map[*siotest.Client]string{a: "a", b: "b"}[c]; !ok || u.Name != want {
			t.Errorf("data %+v, want %s", u, want)
		}
	}
	s := srv.Of("/").Socket(a.ID())
	if _, ok := socketio.DataOf[int](s); ok {
		t.Error("a user is an int")
	}
	if s.SetData(nil); s.Data() != nil {
		t.Error("data stays")
	}
	if n, ok := socketio.DataOf[json.Number](s); ok {
		t.Errorf("no data is %v", n)
	}
}

// A name that cannot stand on the wire is a mistake in the program.
func TestBadNamespaceName(t *testing.T) {
	defer func() {
		if v := recover(); v == nil {
			t.Error("a comma in a namespace's name was accepted")
		}
	}()
	socketio.NewServer(socketio.Config{}).Of("/a,b")
}
