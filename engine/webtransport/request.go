package webtransport

import (
	"context"
	"net/http"

	"github.com/go-socketio/socketio/engine"
	"github.com/quic-go/quic-go/http3"
	"github.com/quic-go/webtransport-go"
)

// serveRequest takes requests for WebTransport to the engine, and all others to
// Config.Handler. It returns when the session is over.
func (s *Server) serveRequest(w http.ResponseWriter, r *http.Request) {
	if !wantsSession(r) {
		s.cfg.Handler.ServeHTTP(w, r)
		return
	}
	s.engine.ServeStream(w, r, func(ctx context.Context) (engine.Stream, error) {
		session, err := s.wt.Upgrade(bottom(w), r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return nil, err
		}
		st, err := session.AcceptStream(ctx)
		if err != nil {
			_ = session.CloseWithError(0, "")
			return nil, err
		}
		return stream{st, session}, nil
	})
}

// wantsSession tells whether the request is an extended CONNECT (RFC 9220) for
// WebTransport, under its present or its older name.
func wantsSession(r *http.Request) bool {
	return r.Method == http.MethodConnect && (r.Proto == "webtransport-h3" || r.Proto == "webtransport")
}

// bottom returns the ResponseWriter below those that middleware has put around it.
func bottom(w http.ResponseWriter) http.ResponseWriter {
	for {
		if _, ok := w.(http3.HTTPStreamer); ok {
			return w
		}
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return w
		}
		w = u.Unwrap()
	}
}

// stream is the one stream of a session, which is closed with its session.
type stream struct {
	*webtransport.Stream
	session *webtransport.Session
}

func (s stream) Close() error { return s.session.CloseWithError(0, "") }
