package engine

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-socketio/socketio/internal/deflate"
	"github.com/go-socketio/socketio/internal/wsock"
)

// Handler is told of new sessions.
type Handler interface {
	// Open is called once per session, before the client has an answer. It
	// may Send already, and Close. An error, or a panic, refuses the client with
	// 400. It must not block: the client waits.
	Open(*Session) (Receiver, error)
}

// Receiver is the application's end of one session. Message and Heartbeat are
// called one at a time, by the goroutine that reads the session's transport.
// Closed is called once, by whichever goroutine ends the session: at most one
// Message may run beside it, or begin just behind it. A panic in a Receiver is
// logged and ends the session.
type Receiver interface {
	// Message gets one message. data is the Receiver's to keep and to change;
	// nobody else uses it. Keeping a small message may keep up to 1 KiB of others
	// that came with it. While Message blocks, nothing more is read from this
	// client, and the heartbeat does not hold that against the client.
	Message(kind Kind, data []byte)

	// Heartbeat tells that the client answered a heartbeat, and after what time. A
	// client of Engine.IO 3 sends the heartbeats itself, and the time is 0.
	Heartbeat(rtt time.Duration)

	// Closed ends the session. cause, which may be nil, says more than the
	// reason; it is meant for logs.
	Closed(reason Reason, cause error)
}

// Server is an Engine.IO server: an http.Handler for its path. All methods may
// be called concurrently.
type Server struct {
	cfg     Config
	handler Handler
	origins *origins
	flusher flusher
	group   group
	writers *deflate.Writers // nil when nothing is compressed
	watch   *wsock.Watch     // has the silent WebSockets

	ping, pong, noop, closing *Message // the packets without payload, framed once for all sessions

	mu       sync.Mutex // taken before a Session's lock, never under it
	sessions map[string]*Session
	leaving  map[*Session]struct{} // ended, but their WebSocket is still there: Shutdown may have to cut it
	down     bool

	newcomers context.Context // ends with Shutdown: whoever has no session by then gets none
	turnAway  context.CancelFunc
}

// NewServer makes a server that reports its sessions to h.
func NewServer(cfg Config, h Handler) *Server {
	srv := &Server{
		cfg:      cfg.withDefaults(),
		handler:  h,
		sessions: map[string]*Session{},
		leaving:  map[*Session]struct{}{},
		ping:     newControl('2', ""),
		pong:     newControl('3', ""),
		noop:     newControl('6', ""),
		closing:  newControl('1', ""),
	}
	for _, o := range srv.cfg.Origins {
		if o != "*" && o != "null" && !strings.Contains(o, "://") {
			srv.cfg.Logger.Warn("engine: an entry of Config.Origins can never match, an origin has a scheme as in \"https://app.example\"", "entry", o)
		}
	}
	srv.origins = newOrigins(srv.cfg.Origins, srv.cfg.CORS)
	srv.writers = newWriters(&srv.cfg)
	srv.group.init()
	srv.flusher.init(&srv.group)
	srv.watch = wsock.NewWatch(srv.Go)
	srv.newcomers, srv.turnAway = context.WithCancel(context.Background())
	return srv
}

// Len returns the number of live sessions.
func (srv *Server) Len() int {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return len(srv.sessions)
}

// ServeHTTP serves handshakes, polling requests, upgrades and preflights.
func (srv *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !srv.isMine(r) {
		http.NotFound(w, r)
		return
	}
	if isPreflight(r) && (srv.origins.configured || r.Header.Get("Origin") != "") {
		if !srv.origins.allow(r) {
			srv.refuseOrigin(w, r, r.Header.Get("Origin"))
			return
		}
		if f := srv.cfg.Headers; f != nil {
			f(w.Header(), r, nil)
		}
		srv.origins.preflight(w, r)
		return
	}
	if !srv.originAllowed(w, r) {
		return
	}
	srv.origins.setHeaders(w.Header(), r)
	srv.route(w, r)
}

// isMine tells whether the request's path is the server's.
func (srv *Server) isMine(r *http.Request) bool {
	p := r.URL.Path
	return strings.HasPrefix(p, srv.cfg.Path) || p == srv.cfg.Path[:len(srv.cfg.Path)-1]
}

// originAllowed refuses the request if it comes from a page that may not connect.
func (srv *Server) originAllowed(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if !validOrigin(origin) {
		srv.refuse(w, r, BadRequest, "", "INVALID_ORIGIN")
		return false
	}
	if !srv.origins.allow(r) {
		srv.refuseOrigin(w, r, origin)
		return false
	}
	return true
}

// route makes the checks in the order of the reference implementation, so that
// a request with several faults gets the code that clients are used to.
func (srv *Server) route(w http.ResponseWriter, r *http.Request) {
	var usual [usualParams]param
	query := appendParams(usual[:0], r.URL.RawQuery)
	transport, ok := query.single("transport")
	if !ok || !srv.serves(transport) || transport == WebTransport { // which does not come this way
		srv.refuse(w, r, UnknownTransport, "", "transport "+transport)
		return
	}
	upgrade := isUpgrade(r)
	sid, ok := query.single("sid")
	if !ok {
		srv.refuse(w, r, UnknownSession, "", "more than one sid")
		return
	}
	if sid != "" {
		s := srv.session(sid)
		switch {
		case s == nil:
			srv.refuse(w, r, UnknownSession, "", unknownSession)
		case upgrade:
			srv.serveUpgrade(s, w, r, transport, wantsBase64(query))
		default:
			srv.serveRequest(s, w, r, transport)
		}
		return
	}
	switch {
	case r.Method != http.MethodGet:
		srv.refuse(w, r, BadHandshakeMethod, "", "handshake with "+r.Method)
	case transport == WebSocket && !upgrade:
		srv.refuse(w, r, BadRequest, "", "TRANSPORT_HANDSHAKE_ERROR: transport=websocket without an Upgrade header; a proxy may have removed it")
	default:
		srv.handshake(w, r, query, transport, upgrade)
	}
}

const unknownSession = "UNKNOWN_SESSION: ended, or it lives on another server; polling behind a load balancer needs sticky sessions, WebSocket alone does not"

// serves tells whether the transport is on offer.
func (srv *Server) serves(transport string) bool {
	for _, t := range srv.cfg.Transports {
		if t == transport {
			return true
		}
	}
	return false
}

// isUpgrade tells whether the request wants to become a WebSocket. A request
// that asks for another protocol (h2c, say) is none.
func isUpgrade(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
}

func (srv *Server) session(id string) *Session {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.sessions[id]
}

// admit registers a session unless the server is going down or the id is
// taken. One that was closed in Handler.Open is not registered, for nobody would
// take it out again, except when its last words wait for a GET.
func (srv *Server) admit(s *Session) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.down || srv.sessions[s.id] != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == open || s.state == closing && !s.direct {
		srv.sessions[s.id] = s
	}
	return true
}

// forget takes an ended session out of the table. Its WebSocket is remembered
// until it is closed.
func (srv *Server) forget(s *Session) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.sessions[s.id] == s {
		delete(srv.sessions, s.id)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.line != nil && (s.flushing || !s.unread) {
		srv.leaving[s] = struct{}{}
	}
}

// parted is called when a session's WebSocket has neither reader nor writer.
func (srv *Server) parted(s *Session) {
	srv.mu.Lock()
	delete(srv.leaving, s)
	srv.mu.Unlock()
}

func (srv *Server) isDown() bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.down
}

// all returns the live sessions, and those that have ended but not left.
func (srv *Server) all() []*Session {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	list := make([]*Session, 0, len(srv.sessions)+len(srv.leaving))
	for _, s := range srv.sessions {
		list = append(list, s)
	}
	for s := range srv.leaving {
		list = append(list, s)
	}
	return list
}

// Shutdown refuses new sessions with 503, closes all others with the reason
// [ShuttingDown] after what is queued for them, and waits until every goroutine
// of the server has ended. When ctx ends first, the rest is cut off and ctx's
// error returned. It may be called more than once. It does not touch the
// http.Server, whose own Shutdown knows nothing of WebSocket connections: call
// both.
func (srv *Server) Shutdown(ctx context.Context) error {
	srv.mu.Lock()
	srv.down = true
	srv.mu.Unlock()
	srv.turnAway()
	for _, s := range srv.all() {
		s.shutdown()
	}
	// When ctx ends first, the cut connections end their goroutines at once;
	// what remains is a Receiver that does not return, and nobody can end that
	// from here.
	err := srv.group.wait(ctx)
	for _, s := range srv.all() {
		s.cut(ShuttingDown, nil)
	}
	return err
}

// upgradable lists what the open packet offers to a polling client.
func (srv *Server) upgradable(transport string) []string {
	if transport != Polling || srv.cfg.DisableUpgrade {
		return nil
	}
	var list []string
	for _, t := range []string{WebSocket, WebTransport} {
		if srv.serves(t) {
			list = append(list, t)
		}
	}
	return list
}

func (srv *Server) websocketOptions() wsock.Options {
	return wsock.Options{MaxMessage: srv.cfg.MaxPayload, Deflate: srv.cfg.PerMessageDeflate != nil, Keep: true, Watch: srv.watch}
}
