package webtransport

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/webtransport-go"
)

// Config holds the settings of a Server.
type Config struct {
	// Addr is the UDP address that ListenAndServe listens on. Default ":443".
	Addr string

	// TLSConfig holds the certificates; QUIC is never without. It is copied, and
	// the protocol "h3" is added.
	TLSConfig *tls.Config

	// Handler gets the HTTP/3 requests that do not ask for WebTransport. Default:
	// the Engine.IO server, so that clients may poll over HTTP/3.
	Handler http.Handler

	// Middleware, if set, wraps what serves the requests, those for WebTransport
	// included: their method is CONNECT. A ResponseWriter that it puts in front
	// needs an Unwrap method, as for http.ResponseController.
	Middleware func(http.Handler) http.Handler

	// QUIC replaces the settings of the connections; datagrams and partial
	// stream resets are switched on in any case, which WebTransport wants.
	// Default (nil): see the constants of this package's quic.go.
	QUIC *quic.Config

	// Logger gets what goes wrong with single connections, at Debug. Default
	// slog.Default().
	Logger *slog.Logger
}

// Server is an HTTP/3 server for the WebTransport clients of an [engine.Server].
// All methods may be called concurrently.
type Server struct {
	engine *engine.Server
	cfg    Config
	wt     webtransport.Server
	ctx    context.Context // ends when the server is closed
	cancel context.CancelFunc

	mu        sync.Mutex // guards all below
	down      bool
	listeners map[*quic.EarlyListener]struct{}
	conns     int           // connections that are served
	requests  int           // requests that are served, of which a session is one
	changed   chan struct{} // closed, and replaced, when one of the two gets less
	work      sync.WaitGroup
}

// New makes a server for the clients of srv, whose Config.Transports must list
// [engine.WebTransport]. It starts nothing.
func New(srv *engine.Server, cfg Config) *Server {
	if cfg.Handler == nil {
		cfg.Handler = srv
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	s := &Server{
		engine:    srv,
		cfg:       cfg,
		listeners: map[*quic.EarlyListener]struct{}{},
		changed:   make(chan struct{}),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	var h http.Handler = http.HandlerFunc(s.serveRequest)
	if cfg.Middleware != nil {
		h = cfg.Middleware(h)
	}
	s.wt = webtransport.Server{
		H3: &http3.Server{Handler: s.counted(h), IdleTimeout: idleConn, MaxHeaderBytes: maxHeader, Logger: cfg.Logger},
		// The engine has looked at the origin, and knows which ones are allowed.
		CheckOrigin: func(*http.Request) bool { return true },
	}
	return s
}

// ListenAndServe serves on Config.Addr until Shutdown, and then returns
// [http.ErrServerClosed].
func (s *Server) ListenAndServe() error {
	addr := s.cfg.Addr
	if addr == "" {
		addr = ":443"
	}
	conn, err := net.ListenPacket("udp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return s.Serve(conn)
}

// Serve serves on conn until Shutdown, and then returns [http.ErrServerClosed].
// It may run for several at the same time. Closing conn is left to the caller.
func (s *Server) Serve(conn net.PacketConn) error {
	if s.cfg.TLSConfig == nil {
		return errors.New("webtransport: Config.TLSConfig is missing, there is no QUIC without a certificate")
	}
	transport := &quic.Transport{Conn: conn}
	defer func() { _ = transport.Close() }()
	l, err := transport.ListenEarly(http3.ConfigureTLSConfig(s.cfg.TLSConfig), s.quicConfig())
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }()
	if !s.listening(l) {
		return http.ErrServerClosed
	}
	defer s.leave(l)
	for {
		c, err := l.Accept(s.ctx)
		switch {
		case err == nil && s.enter(c):
		case err == nil:
			_ = c.CloseWithError(quic.ApplicationErrorCode(http3.ErrCodeNoError), "")
		case s.isDown():
			// The connections live on the transport, so it has to stay as long.
			s.work.Wait()
			return http.ErrServerClosed
		default:
			return err
		}
	}
}

func (s *Server) listening(l *quic.EarlyListener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.down {
		s.listeners[l] = struct{}{}
	}
	return !s.down
}

func (s *Server) leave(l *quic.EarlyListener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, l)
}

func (s *Server) isDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down
}

// enter serves a connection on a goroutine of its own, for which Shutdown waits.
func (s *Server) enter(c *quic.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return false
	}
	s.conns++
	s.work.Go(func() {
		err := s.wt.ServeQUICConn(c)
		s.cfg.Logger.Debug("webtransport: connection ended", "remote", c.RemoteAddr(), "cause", context.Cause(c.Context()), "error", err)
		s.count(&s.conns, -1)
	})
	return true
}

// counted keeps the number of requests.
func (s *Server) counted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.count(&s.requests, 1)
		defer s.count(&s.requests, -1)
		h.ServeHTTP(w, r)
	})
}

func (s *Server) count(n *int, by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*n += by
	if by < 0 {
		close(s.changed)
		s.changed = make(chan struct{})
	}
}

// until waits for a condition on what count counts. It reports whether it was met before ctx ended.
func (s *Server) until(ctx context.Context, is func() bool) bool {
	for {
		s.mu.Lock()
		met, changed := is(), s.changed
		s.mu.Unlock()
		if met {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}

// parting is how long a client that has been said goodbye has to close its
// connection itself: closing it here at once might overtake the goodbye.
const parting = time.Second

// Shutdown takes no new connections, waits for the requests and sessions that
// are served, and closes all connections. When ctx ends first, the rest is cut
// off and ctx's error returned. The sessions are ended by Shutdown of the engine's or
// Socket.IO's server: call that one before. It may be called more than once.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.down = true
	for l := range s.listeners {
		_ = l.Close()
	}
	s.mu.Unlock()
	var err error
	if s.until(ctx, func() bool { return s.requests == 0 }) {
		brief, cancel := context.WithTimeout(ctx, parting)
		s.until(brief, func() bool { return s.conns == 0 })
		cancel()
	} else {
		err = ctx.Err()
	}
	s.cancel()
	_ = s.wt.Close() // nothing of ours fails there
	s.work.Wait()
	return err
}
