package main

import (
	"context"
	"embed"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/go-socketio/socketio"
)

//go:embed demo
var page embed.FS

// demoGrace is how long Ctrl-C may take.
const demoGrace = 5 * time.Second

const demoAbout = `Usage: sio demo [-addr host:port]

Serves a chat: rooms, presence, typing, private messages with acknowledgement,
images; and, below /websocket/, a page with a plain WebSocket. Open the printed
address in two windows. Nothing is stored.
`

// demo is the command sio demo.
func demo(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	addr := flags.String("addr", "127.0.0.1:3000", "`host:port` to listen on; :3000 lets other machines in, port 0 takes any free one")
	if err := parse(flags, args, stdout, demoAbout); err != nil {
		return err
	}
	ln, err := listen("demo", *addr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	site, h := demoServer(log)
	fmt.Fprintf(stdout, "The chat is at %s (Ctrl-C ends it)\nA plain WebSocket is at %[1]s/websocket/\n", address(ln))
	if err := serveUntil(ctx, ln, h, site, log, demoGrace, func() {}); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "Goodbye.")
	return nil
}

// demoServer makes the chat, the board, and the handler that serves them with their pages.
func demoServer(log *slog.Logger) (drainer, http.Handler) {
	srv := socketio.NewServer(socketio.Config{
		// Heartbeats every few seconds instead of every 25, so that the page has
		// a latency to show and a vanished phone is noticed while one looks.
		PingInterval: 3 * time.Second,
		PingTimeout:  12 * time.Second,
		// An image travels as base64 over polling, a third larger.
		MaxPayload:     maxImage*4/3 + 64<<10,
		MaxAttachments: 1,
		// Room for a few images that wait for a slow reader, and no more.
		MaxQueuedBytes: 4 * maxImage,
		// A client that is gone must not hold up the end of the demo.
		CloseTimeout: demoGrace / 2,
		Logger:       log,
	})
	NewChat(srv.Of("/"), log)
	files, err := fs.Sub(page, "demo")
	if err != nil {
		panic(err) // the name is a constant: fs.Sub has nothing else to object to
	}
	board := liveServer(log)
	mux := http.NewServeMux()
	mux.Handle("/socket.io/", srv)
	mux.Handle(livePath, board)
	mux.Handle(strings.TrimSuffix(livePath, "/"), board) // the mux would redirect it, which no WebSocket follows
	mux.Handle("/", secure(http.FileServerFS(files)))
	return drainers{srv, board}, mux
}
