// Nethttp mounts the server in net/http alone.
package main

import (
	"log"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-socketio/socketio/examples/board"
)

func main() {
	srv := board.New()
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", srv)

	web := &http.Server{
		Handler:           logged(mux),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	if err := board.Run(srv, web.Serve, web.Shutdown); err != nil {
		log.Fatal(err)
	}
}

// logged is a middleware that wraps the ResponseWriter as it should be done.
func logged(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		h.ServeHTTP(rec, r)
		slog.Info("request", "method", r.Method, "path", r.URL.Path, "status", rec.status)
	})
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets the server find what the wrapped writer can do: WebSocket needs it.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
