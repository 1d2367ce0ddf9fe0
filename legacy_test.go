package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// openOld opens a WebSocket as a client of Socket.IO 2, and takes nothing from it yet.
func openOld(t *testing.T, ts *siotest.Server) *siotest.Conn {
	t.Helper()
	return ts.Open(t, siotest.Options{Query: url.Values{"EIO": {"3"}, "room": {"7"}}})
}

func send(t *testing.T, c *siotest.Conn, texts ...string) {
	t.Helper()
	if err := c.Send(texts...); err != nil {
		t.Fatal(err)
	}
}

// ENG-12: an old client is in "/" at once, knows its id, and is served like
// any other there.
func TestLegacyMainNamespace(t *testing.T) {
	met := make(chan *socketio.Socket, 1)
	srv, ts := start(t, socketio.Config{AllowEIO3: true}, func(srv *socketio.Server) {
		ns := srv.Of("/")
		ns.Handle("echo", echo)
		ns.OnConnect(func(_ context.Context, s *socketio.Socket) error {
			met <- s
			return s.Emit("welcome", []byte{1, 2})
		})
	})
	c := openOld(t, ts)
	c.Expect("40", `451-["welcome",{"_placeholder":true,"num":0}]`, "binary 040102")
	s := get(t, met)
	if s.ID() != c.SID || s.Session().Protocol() != 3 || s.Handshake().Query.Get("room") != "7" || s.Handshake().Auth != nil {
		t.Errorf("id %q (session %q), protocol %d, handshake %+v", s.ID(), c.SID, s.Session().Protocol(), s.Handshake())
	}
	send(t, c, `425["echo","a"]`, `451-6["echo",{"_placeholder":true,"num":0}]`)
	if err := c.SendBinary([]byte{4, 9, 8}); err != nil {
		t.Fatal(err)
	}
	c.Expect(`435["a"]`, `461-6[{"_placeholder":true,"num":0}]`, "binary 040908")
	if err := srv.Of("/").To(s.ID()).Emit("direct"); err != nil {
		t.Fatal(err)
	}
	c.Expect(`42["direct"]`)
	_ = s.Disconnect(false)
	c.Expect("41")
	c.Quiet()
}

// ENG-12 B-58: the query of a namespace is its auth payload, and no part of its name.
func TestLegacyNamespace(t *testing.T) {
	auths := make(chan json.RawMessage, 1)
	_, ts := start(t, socketio.Config{AllowEIO3: true}, func(srv *socketio.Server) {
		srv.Of("/admin").OnConnect(onConnect(func(s *socketio.Socket) { auths <- s.Handshake().Auth }))
		srv.Of("/admin").Handle("echo", echo)
	})
	for packet, want := range map[string]string{
		"40/admin":                          "",
		"40/admin,":                         "",
		"40/admin?token=a%20b&uid=1&uid=2,": `{"token":"a b","uid":"2"}`,
		"40/admin?" + "t=" + strings.Repeat("x", 4000): `{"t":"` + strings.Repeat("x", 4000) + `"}`,
		"40/admin?":            `{}`,
		"40/admin?a;b=%zz&c=d": `{"c":"d"}`,
	} {
		c := openOld(t, ts)
		send(t, c, packet)
		c.Expect("40", "40/admin,")
		if got := get(t, auths); string(got) != want {
			t.Errorf("%.40s: auth is %.60s, want %.60s", packet, got, want)
		}
		send(t, c, `42/admin,1["echo",2]`, `42/admin?token=x,3["echo",4]`)
		c.Expect("43/admin,1[2]", "43/admin,3[4]")
		send(t, c, "41/admin")
		c.Quiet()
	}
	c := openOld(t, ts)
	send(t, c, "40/"+strings.Repeat("x", 600))
	c.Expect("40")
	_ = c.WaitClosed()
}

// ENG-12 B-79 NSP-09: what an old client is told when it is refused.
func TestLegacyRefusals(t *testing.T) {
	refuse := map[string]error{
		"/data":   &socketio.Error{Message: "no", Data: map[string]int{"code": 1}},
		"/text":   &socketio.Error{Message: "no", Data: "because"},
		"/bare":   &socketio.Error{Message: `not "you"`},
		"/zero":   &socketio.Error{Message: "zero", Data: 0},
		"/false":  &socketio.Error{Message: "false", Data: false},
		"/secret": errors.New("the password is swordfish"),
		"/broken": &socketio.Error{Message: "broken", Data: make(chan int)},
		"/panic":  &socketio.Error{Message: "panic", Data: panicky{}},
	}
	_, ts := start(t, socketio.Config{AllowEIO3: true}, func(srv *socketio.Server) {
		for name, err := range refuse {
			srv.Of(name).Use(func(context.Context, *socketio.Socket) error { return err })
		}
		srv.Of("/").Handle("echo", echo)
	})
	c := openOld(t, ts)
	c.Expect("40")
	for name, want := range map[string]string{
		"/data": `{"code":1}`, "/text": `"because"`, "/bare": `"not \"you\""`, "/zero": `"zero"`, "/false": `"false"`,
		"/secret": `"internal error"`, "/broken": `"broken"`, "/panic": `"panic"`, "/nobody": `"Invalid namespace"`,
	} {
		send(t, c, "40"+name)
		c.Expect("44" + name + "," + want)
	}
	send(t, c, `421["echo"]`)
	c.Expect("431[]")
}

type panicky struct{}

func (panicky) MarshalJSON() ([]byte, error) { panic("no JSON today") }

// ENG-12: "/" may refuse an old client too, which then may join others.
func TestLegacyMainRefusal(t *testing.T) {
	_, ts := start(t, socketio.Config{AllowEIO3: true}, func(srv *socketio.Server) {
		srv.Of("/").Use(func(context.Context, *socketio.Socket) error { return &socketio.Error{Message: "go away"} })
		srv.Of("/admin")
	})
	c := openOld(t, ts)
	c.Expect(`44"go away"`)
	send(t, c, "40/admin")
	c.Expect("40/admin,")
}

// ENG-12 B-60: a second CONNECT ends the connection here as well.
func TestLegacySecondConnect(t *testing.T) {
	gone := make(chan socketio.DisconnectReason, 1)
	_, ts := start(t, socketio.Config{AllowEIO3: true}, func(srv *socketio.Server) {
		srv.Of("/").OnDisconnect(func(_ *socketio.Socket, why socketio.DisconnectReason) { gone <- why })
	})
	c := openOld(t, ts)
	c.Expect("40")
	send(t, c, "40")
	_ = c.WaitClosed()
	if why := get(t, gone); why != socketio.ForcedClose {
		t.Errorf("reason is %q", why)
	}
}

// ENG-12 CSR-04: recovery leaves clients alone that know nothing of it.
func TestLegacyWithoutRecovery(t *testing.T) {
	srv, ts := start(t, socketio.Config{AllowEIO3: true, Recovery: &socketio.Recovery{}}, func(srv *socketio.Server) {
		srv.Of("/admin").Handle("echo", echo)
		srv.Of("/admin").OnConnect(func(_ context.Context, s *socketio.Socket) error { return s.Emit("hello", "you") })
	})
	young := ts.Dial(t, "/admin", nil)
	c := openOld(t, ts)
	send(t, c, "40/admin?pid=x&offset=0")
	c.Expect("40", "40/admin,", `42/admin,["hello","you"]`)
	if err := srv.Of("/admin").Emit("all", 1); err != nil {
		t.Fatal(err)
	}
	if got := c.Receive().String(); !strings.HasPrefix(got, `42/admin,["all",1,"`) {
		t.Errorf("a broadcast is %s, want it with an offset, as it is for all", got)
	}
	until(t, func() bool { return srv.Of("/admin").Len() == 2 })
	c.Cut()
	until(t, func() bool { return srv.Of("/admin").Len() == 1 })
	alive(t, young)
}

// ENG-12: old clients are refused unless asked for, and the log says what to set.
func TestLegacyIsOffByDefault(t *testing.T) {
	log := &journal{}
	_, ts := start(t, socketio.Config{Logger: log.logger()}, nil)
	_, err := ts.TryOpen(t, siotest.Options{Query: url.Values{"EIO": {"3"}}})
	if err == nil || !strings.Contains(err.Error(), "Unsupported protocol version") {
		t.Errorf("an old client gets %v", err)
	}
	if text := log.String(); !strings.Contains(text, "level=WARN") || !strings.Contains(text, "Config.AllowEIO3") || !strings.Contains(text, "EIO=3") {
		t.Errorf("the log does not say what to do: %s", text)
	}
}
