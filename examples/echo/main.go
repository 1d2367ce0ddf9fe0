// Echo mounts the server in Echo, with its usual middleware.
package main

import (
	"log"
	"net/http"
	"time"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/go-socketio/socketio/examples/board"
)

func main() {
	srv := board.New()
	e := echo.New()
	e.Use(middleware.RequestLogger(), middleware.Recover(), middleware.Gzip(), middleware.CORS(board.Origin))
	e.Any("/socket.io/*", echo.WrapHandler(srv))

	web := &http.Server{Handler: e, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	if err := board.Run(srv, web.Serve, web.Shutdown); err != nil {
		log.Fatal(err)
	}
}
