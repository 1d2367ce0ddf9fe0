// Gin mounts the server in Gin, with its usual middleware.
package main

import (
	"log"
	"net/http"
	"time"

	"github.com/gin-contrib/cors"
	"github.com/gin-contrib/gzip"
	"github.com/gin-gonic/gin"

	"github.com/go-socketio/socketio/examples/board"
)

func main() {
	srv := board.New()
	r := gin.New()
	r.Use(gin.Logger(), gin.Recovery(), gzip.Gzip(gzip.DefaultCompression))
	r.Use(cors.New(cors.Config{AllowOrigins: []string{board.Origin}}))
	r.Any("/socket.io/*any", gin.WrapH(srv))

	web := &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	if err := board.Run(srv, web.Serve, web.Shutdown); err != nil {
		log.Fatal(err)
	}
}
