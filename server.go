package socketio

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/go-socketio/socketio/browser"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/crew"
	"github.com/go-socketio/socketio/packet"
)

// Server serves Socket.IO clients; it is an http.Handler for Config.Path. All
// methods may be called concurrently.
type Server struct {
	cfg    Config
	engine *engine.Server
	codec  packet.Codec
	limits packet.Limits
	crew   crew.Crew[*Socket]

	mu         sync.RWMutex
	namespaces map[string]*Namespace
	parents    []*Namespace       // copied on write
	created    []func(*Namespace) // copied on write
}

// NewServer makes a server. It starts nothing: mount it in an http.Server.
func NewServer(cfg Config) *Server {
	srv := &Server{cfg: cfg.withDefaults(), namespaces: map[string]*Namespace{}}
	srv.limits.MaxAttachments = srv.cfg.MaxAttachments
	srv.codec.MaxAttachments = srv.cfg.MaxAttachments
	srv.codec.JSON = srv.cfg.JSON
	below := srv.cfg.engine()
	if f := srv.cfg.Hooks.Refused; f != nil {
		below.Refused = func(r engine.Refusal) { srv.attempt("Hooks.Refused", func() { f(r) }) }
	}
	srv.engine = engine.NewServer(below, (*opener)(srv))
	srv.crew.Init(srv.engine.Go, (*Socket).work)
	srv.Of("/")
	return srv
}

// Engine returns the layer below, which counts and carries the connections.
func (srv *Server) Engine() *engine.Server { return srv.engine }

// Of returns the namespace with the given name, which it makes when there is
// none yet: from then on clients may join it. "/" is the main namespace; a
// missing leading slash is added. A name that a parent namespace takes (see
// [Server.OfPattern]) becomes a child of it. It panics if the name holds a comma, which
// cannot be written on the wire.
func (srv *Server) Of(name string) *Namespace {
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	if err := packet.CheckNamespace(name); err != nil {
		panic(fmt.Sprintf("socketio: namespace %q: %v", name, err))
	}
	if ns := srv.existing(name); ns != nil {
		return ns
	}
	if ns := srv.child(context.Background(), name, nil); ns != nil {
		return ns
	}
	return srv.adopt(nil, name)
}

func (srv *Server) existing(name string) *Namespace {
	srv.mu.RLock()
	defer srv.mu.RUnlock()
	return srv.namespaces[name]
}

// ServeHTTP serves the clients, and below Path the browser client's files
// (socket.io.js and so on) unless Config.DisableClient is set.
func (srv *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !srv.cfg.DisableClient {
		if file, ok := strings.CutPrefix(r.URL.Path, srv.cfg.Path); ok && file != "" && srv.serveClient(w, r, file) {
			return
		}
	}
	srv.engine.ServeHTTP(w, r)
}

// serveClient serves one file of the browser client to pages of any origin
// that may also connect.
func (srv *Server) serveClient(w http.ResponseWriter, r *http.Request, file string) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	srv.engine.SetCORS(w.Header(), r)
	return browser.Serve(w, r, file)
}

// Shutdown refuses new clients with 503, disconnects all others with the
// reason "server shutting down" (they reconnect, to another server if there is
// one), and waits until every handler and goroutine of the server has ended,
// or ctx has; then the rest is cut off and ctx's error returned. Call it beside
// http.Server.Shutdown, which knows nothing of WebSocket connections.
func (srv *Server) Shutdown(ctx context.Context) error {
	return srv.engine.Shutdown(ctx)
}

// opener is the Server as the engine sees it.
type opener Server

func (o *opener) Open(s *engine.Session) (engine.Receiver, error) {
	srv := (*Server)(o)
	c := &conn{srv: srv, session: s}
	c.awaitNamespace()
	if f := srv.cfg.Hooks.SessionOpened; f != nil {
		srv.attempt("Hooks.SessionOpened", func() { f(s) })
	}
	if c.legacy() {
		c.connect(&packet.Header{Type: packet.Connect})
	}
	if p := srv.cfg.Parser; p != nil {
		return &translated{conn: c, decoder: p.NewDecoder(srv.limits)}, nil
	}
	return c, nil
}
