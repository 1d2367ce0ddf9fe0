// Fiber mounts the server in Fiber, with its usual middleware.
package main

import (
	"log"
	"net"
	"time"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/compress"
	"github.com/gofiber/fiber/v3/middleware/cors"
	"github.com/gofiber/fiber/v3/middleware/logger"
	"github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/go-socketio/socketio/examples/board"
	"github.com/go-socketio/socketio/fasthttpbridge"
)

func main() {
	srv := board.New()
	app := fiber.New(fiber.Config{
		ReadTimeout:  10 * time.Second,
		WriteTimeout: 10 * time.Second, // a client that does not read its answer is cut off
		IdleTimeout:  2 * time.Minute,
	})
	app.Use(logger.New(), recover.New(), compress.New())
	app.Use(cors.New(cors.Config{AllowOrigins: []string{board.Origin}}))
	app.All("/socket.io/*", fasthttpbridge.Handler(srv))

	serve := func(l net.Listener) error {
		return app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true})
	}
	if err := board.Run(srv, serve, app.ShutdownWithContext); err != nil {
		log.Fatal(err)
	}
}
