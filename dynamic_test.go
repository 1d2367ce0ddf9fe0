package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// NSP-04 NSP-06 NSP-08 B-90: children by pattern, with the parent's handlers, whenever those came.
func TestParentByPattern(t *testing.T) {
	var made []string
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		srv.OnNamespace(func(ns *socketio.Namespace) { made = append(made, ns.Name()) })
		fixed := srv.Of("/dynamic-101")
		fixed.Handle("echo", echo)
		parent := srv.OfPattern(regexp.MustCompile(`^/dynamic-\d+$`))
		parent.Handle("echo", echo)
		parent.Use(func(_ context.Context, s *socketio.Socket) error {
			s.SetData("dynamic")
			return nil
		})
	})
	if ns := srv.Of("/dynamic-3"); ns.Len() != 0 || !slices.Contains(made, "/dynamic-3") {
		t.Error("Of does not make a child")
	}
	a, b, fixed := ts.Dial(t, "/dynamic-1", nil), ts.Dial(t, "/dynamic-2", nil), ts.Dial(t, "/dynamic-101", nil)
	for _, c := range []*siotest.Client{a, b, fixed} {
		alive(t, c)
	}
	if d := srv.Of("/dynamic-1").Socket(a.ID()).Data(); d != "dynamic" {
		t.Errorf("the parent's middleware did not run: data %v", d)
	}
	if d := srv.Of("/dynamic-101").Socket(fixed.ID()).Data(); d != nil {
		t.Errorf("a namespace of its own has the parent's middleware: data %v", d)
	}
	_, err := ts.Open(t, siotest.Options{}).TryConnect("/dynamic-x", nil)
	if ce, ok := errors.AsType[*siotest.ConnectError](err); !ok || ce.Message != "Invalid namespace" {
		t.Errorf("a name that does not match: %v", err)
	}

	parent := srv.OfPattern(regexp.MustCompile(`^/late-`))
	child := srv.Of("/late-1")
	socketio.On(parent, "late", func(_ context.Context, s *socketio.Socket, _ socketio.None) error {
		return parent.Emit("heard", s.Namespace().Name())
	})
	one, two := ts.Dial(t, "/late-1", nil), ts.Dial(t, "/late-2", nil)
	one.Emit("late")
	one.Expect("heard", "/late-1")
	two.Expect("heard", "/late-1")
	if n := len(parent.Children()); n != 2 || child.Children() != nil {
		t.Errorf("%d children, want 2", n)
	}
	for _, err := range parent.Broadcast().EmitWithAck(t.Context(), "x") {
		if err == nil {
			t.Error("a parent waits for acks")
		}
	}
}

// NSP-19: a parent of every name takes those that nobody else has, and "/" is not among them.
func TestParentOfAll(t *testing.T) {
	_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		srv.Of("/fixed") // later it would be a child
		srv.OfPattern(regexp.MustCompile(`^/mine-`)).OnConnect(func(_ context.Context, s *socketio.Socket) error {
			return s.Emit("welcome", "mine")
		})
		srv.OfPattern(regexp.MustCompile(`.*`)).OnConnect(func(_ context.Context, s *socketio.Socket) error {
			return s.Emit("welcome", "all", s.Namespace().Name())
		})
	})
	conn := ts.Open(t, siotest.Options{})
	for _, name := range []string{"/a", "/some/path", "/ü?q=1"} {
		conn.Connect(name, nil).Expect("welcome", "all", name)
	}
	conn.Connect("/mine-1", nil).Expect("welcome", "mine")
	for _, name := range []string{"/", "/fixed"} {
		conn.Connect(name, nil).Quiet()
	}
}

// NSP-05: the function decides, by name and auth; the first parent that allows takes the name.
func TestParentByFunction(t *testing.T) {
	srv, ts := start(t, socketio.Config{}, func(srv *socketio.Server) {
		first := srv.OfFunc(func(_ context.Context, name string, auth json.RawMessage) bool {
			var a struct{ Tenant string }
			return json.Unmarshal(auth, &a) == nil && name == "/tenant-"+a.Tenant
		})
		first.Handle("who", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) { return []any{"first"}, nil })
		second := srv.OfPattern(regexp.MustCompile(`^/tenant-open$`))
		second.Handle("who", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) { return []any{"second"}, nil })
	})
	who := func(ns string, auth any) string {
		c := ts.Dial(t, ns, auth)
		return c.EmitWithAck("who").String()
	}
	if got := who("/tenant-a", map[string]string{"tenant": "a"}); got != `["first"]` {
		t.Errorf("tenant a got %s", got)
	}
	if got := who("/tenant-open", nil); got != `["second"]` {
		t.Errorf("the open tenant got %s", got)
	}
	if _, err := ts.Open(t, siotest.Options{}).TryConnect("/tenant-b", map[string]string{"tenant": "a"}); err == nil {
		t.Error("a foreign tenant was let in")
	}
	if srv.Of("/tenant-a").Len() != 1 {
		t.Error("Of does not find the child")
	}
	if got := who("/tenant-a", nil); got != `["first"]` { // as the reference does, and the documentation says
		t.Errorf("the function was asked about a namespace that is there: %s", got)
	}
}

// NSP-07: an empty child goes when the configuration says so, and comes back fresh.
func TestCleanupOfChildren(t *testing.T) {
	for _, cleanup := range []bool{false, true} {
		var parent *socketio.Namespace
		_, ts := start(t, socketio.Config{CleanupEmptyChildren: cleanup}, func(srv *socketio.Server) {
			parent = srv.OfPattern(regexp.MustCompile(`^/d-`))
			parent.Handle("echo", echo)
		})
		a, b := ts.Dial(t, "/d-1", nil), ts.Dial(t, "/d-1", nil)
		a.Close()
		alive(t, b)
		if len(parent.Children()) != 1 {
			t.Error("a child with a socket is gone")
		}
		b.Close()
		want := 1
		if cleanup {
			want = 0
		}
		until(t, func() bool { return len(parent.Children()) == want })
		alive(t, ts.Dial(t, "/d-1", nil))
	}
}

// A client cannot fill the server with namespaces. OPS-09
func TestMaxNamespaces(t *testing.T) {
	_, ts := start(t, socketio.Config{MaxNamespaces: 3}, func(srv *socketio.Server) {
		srv.OfPattern(regexp.MustCompile(`^/d-`)).Handle("echo", echo)
	})
	conn := ts.Open(t, siotest.Options{})
	a := conn.Connect("/d-1", nil)
	conn.Connect("/d-2", nil)
	conn.Connect("/d-3", nil)
	if _, err := conn.TryConnect("/d-4", nil); err == nil {
		t.Error("the fourth namespace was joined")
	}
	a.Disconnect()
	alive(t, conn.Connect("/d-5", nil))
}
