// Chi mounts the server in chi, with its usual middleware.
package main

import (
	"log"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/cors"

	"github.com/go-socketio/socketio/examples/board"
)

func main() {
	srv := board.New()
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Logger, middleware.Recoverer, middleware.Compress(5))
	r.Use(cors.Handler(cors.Options{AllowedOrigins: []string{board.Origin}}))
	r.Handle("/socket.io/*", srv)

	web := &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	if err := board.Run(srv, web.Serve, web.Shutdown); err != nil {
		log.Fatal(err)
	}
}
