package siotest

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/packet"
)

// Server is a running socketio.Server. Its fields may be changed until the
// first connection is opened.
type Server struct {
	// URL is the address of the server, without a path. For NewServer it has a
	// meaning only to HTTPClient, for Listen to every program on this machine.
	URL string
	// Path is where the Socket.IO server is found, "/socket.io/" by default. It
	// must be the one in its Config.
	Path string
	// Handler answers the requests: the server, unless a test puts the
	// middlewares of its program around it.
	Handler http.Handler
	// HTTPClient reaches the server.
	HTTPClient *http.Client
	// Patience is how long a wait may take before it fails the test. Default
	// 10 s. A test in a synctest bubble that waits for heartbeats or timeouts
	// sets a longer one, which costs nothing there.
	Patience time.Duration

	codec packet.Codec
}

// unbounded lets a test send and receive more than a server allows.
const unbounded = 1 << 20

// NewServer serves srv on connections in memory until the end of the test.
// It then calls srv.Shutdown, and fails the test if a handler does not return
// within Patience.
func NewServer(t testing.TB, srv *socketio.Server) *Server {
	ln := newMemory()
	transport := &http.Transport{DialContext: ln.dial, MaxIdleConnsPerHost: 64}
	return serve(t, srv, ln, transport, "http://socketio.test")
}

// Listen is NewServer on a port of the loopback interface, chosen by the
// system: for tests of what only real connections do, and for other programs
// as clients. It does not work inside a synctest bubble.
func Listen(t testing.TB, srv *socketio.Server) *Server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("siotest: %v", err)
	}
	return serve(t, srv, ln, &http.Transport{MaxIdleConnsPerHost: 64}, "http://"+ln.Addr().String())
}

func serve(t testing.TB, srv *socketio.Server, ln net.Listener, transport *http.Transport, url string) *Server {
	ts := &Server{
		URL:        url,
		Path:       "/socket.io/",
		Handler:    srv,
		HTTPClient: &http.Client{Transport: transport},
		Patience:   10 * time.Second,
	}
	ts.codec.MaxAttachments = unbounded
	hs := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ts.Handler.ServeHTTP(w, r) // read now: a test may set it after the server is up
	})}
	served := make(chan struct{})
	go func() { // the cleanup below ends it and waits for it
		defer close(served)
		_ = hs.Serve(ln)
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), ts.Patience)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("siotest: %v after the end of the test something of the server still runs (a handler?): %v", ts.Patience, err)
		}
		transport.CloseIdleConnections()
		_ = hs.Close()
		<-served
	})
	return ts
}

// Dial opens a connection by WebSocket and joins a namespace. auth is encoded
// as JSON and must be an object there; nil sends none. It fails the test if
// the server refuses. The connection is cut at the end of the test.
func (ts *Server) Dial(t testing.TB, namespace string, auth any) *Client {
	t.Helper()
	return ts.Open(t, Options{}).Connect(namespace, auth)
}
