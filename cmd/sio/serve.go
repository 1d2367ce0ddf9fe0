package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
)

const serveAbout = `Usage: sio serve [flags]

Serves Socket.IO clients without a program behind it: a relay to try clients
against. Whoever can connect may send any event to everyone, so keep it away
from strangers. What it does with the events of the main namespace:

  join room                   enters a room, or several given as an array; ack: own rooms
  leave room                  leaves it, or several; ack: own rooms
  rooms                       ack: own rooms, the socket's id first
  to room event args...       sends event(args...) to the others in the room, or to the
                              socket whose id it is; ack: {"ok": true}
  broadcast event args...     sends event(args...) to everyone else; ack: {"ok": true}
  message args...             ack: args; without an ack, sends message(args...) back
  whoami                      ack: {"id", "transport", "address", "rooms"}

Arguments are passed on as they came, binary ones too. A client may be in 64
rooms, with names of 1 to 128 bytes. A request that is wrong is answered with
{"error": {"message"}}.

With -load it answers the scenarios of sio load instead, to measure against.

GET /healthz answers 200 "ok", and 503 "draining" once SIGTERM or SIGINT came:
new clients are refused then, the connected ones are told, and the process
ends when all are gone or after -grace. A second signal ends it at once.

Example: sio serve -addr :8080 -origins https://app.example -log-level debug
`

// relayOptions is the command line of sio serve.
type relayOptions struct {
	addr   string
	grace  time.Duration
	level  slog.Level
	load   bool // answer sio load instead
	config socketio.Config
}

// serve is the command sio serve.
func serve(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	opt, err := serveFlags(args, stdout)
	if err != nil {
		return err
	}
	ln, err := listen("serve", opt.addr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: opt.level}))
	opt.config.Logger = log
	srv := socketio.NewServer(opt.config)
	if opt.load {
		answerLoad(srv.Of("/"))
	} else {
		newRelay(srv.Of("/"), log)
	}

	var draining atomic.Bool
	log.Info("listening", "address", address(ln)+opt.config.Path)
	fmt.Fprintf(stdout, "Listening on %s, path %s\n", address(ln), opt.config.Path)
	err = serveUntil(ctx, ln, relayHandler(srv, opt.config.Path, &draining), srv, log, opt.grace, func() {
		draining.Store(true)
		log.Info("draining", "grace", opt.grace)
	})
	if err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

func relayHandler(srv *socketio.Server, path string, draining *atomic.Bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(path, srv)
	if bare := strings.TrimSuffix(path, "/"); bare != "" {
		mux.Handle(bare, srv) // the mux would redirect it, which not every client follows with a POST
	}
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if draining.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprintln(w, "draining")
			return
		}
		fmt.Fprintln(w, "ok")
	})
	return mux
}

// serveFlags reads the command line. Every value is checked here, so that a
// mistake shows at once and not with the first client.
func serveFlags(args []string, stdout io.Writer) (relayOptions, error) {
	var opt relayOptions
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.StringVar(&opt.addr, "addr", "127.0.0.1:3000", "`host:port` to listen on; :3000 lets other machines in, port 0 takes any free one")
	path := flags.String("path", "/socket.io/", "URL `path` of the server")
	origins := flags.String("origins", "", "who may connect from a browser: a comma-separated `list` such as https://app.example,https://*.app.example, or *\n(default: pages of the same host)")
	maxPayload := flags.Int("max-payload", 1_000_000, "largest message, and largest polling request, in `bytes`")
	pingInterval := flags.Duration("ping-interval", 25*time.Second, "`time` between an answered heartbeat and the next; negative: no heartbeats")
	pingTimeout := flags.Duration("ping-timeout", 20*time.Second, "`time` a heartbeat may stay unanswered")
	maxQueued := flags.Int("max-queued", 1<<20, "`bytes` that may wait for a client that does not read; past them it is closed")
	transports := flags.String("transports", "polling,websocket", "comma-separated `list` of polling, websocket")
	flags.DurationVar(&opt.grace, "grace", 10*time.Second, "`time` the drain may take")
	flags.BoolVar(&opt.load, "load", false, "answer the scenarios of sio load instead of relaying")
	level := flags.String("log-level", "info", "`level` from which on lines are logged to standard error: debug, info, warn or error")
	if err := parse(flags, args, stdout, serveAbout); err != nil {
		return opt, err
	}
	if err := opt.level.UnmarshalText([]byte(*level)); err != nil || strings.ContainsAny(*level, "+-") {
		return opt, usageErrorf("-log-level %q is none of debug, info, warn, error", *level)
	}
	wrongPath := usageErrorf("-path %q is no URL path such as /socket.io/", *path)
	if u, err := url.Parse(*path); err != nil || u.Path != *path || strings.ContainsAny(*path, "{} ") || strings.Contains(*path, "//") {
		return opt, wrongPath
	}
	opt.config.Path = "/" + strings.Trim(*path, "/") + "/"
	if opt.config.Path == "//" {
		opt.config.Path = "/"
	}
	if opt.config.Path == "/healthz/" {
		return opt, usageErrorf("-path %q is taken by the health check", *path)
	}
	var err error
	if opt.config.Origins, err = originList(*origins); err != nil {
		return opt, err
	}
	if opt.config.Transports, err = transportList(*transports); err != nil {
		return opt, err
	}
	for _, n := range []struct {
		flag  string
		value int
	}{{"max-payload", *maxPayload}, {"max-queued", *maxQueued}} {
		if n.value <= 0 {
			return opt, usageErrorf("-%s %d: it must be at least 1 byte", n.flag, n.value)
		}
	}
	switch {
	case *pingInterval == 0:
		return opt, usageErrorf("-ping-interval 0: give a time such as 25s, or -1s for no heartbeats")
	case *pingTimeout <= 0:
		return opt, usageErrorf("-ping-timeout %v: it must be more than 0", *pingTimeout)
	case opt.grace <= 0:
		return opt, usageErrorf("-grace %v: it must be more than 0", opt.grace)
	}
	// Clients that do not come to fetch the last word must not hold up the drain.
	opt.config.CloseTimeout = opt.grace / 2
	opt.config.MaxPayload, opt.config.MaxQueuedBytes = *maxPayload, *maxQueued
	opt.config.PingInterval, opt.config.PingTimeout = *pingInterval, *pingTimeout
	return opt, nil
}

// originList reads -origins. An origin that can never match is a mistake that
// would otherwise show as a page that cannot connect.
func originList(s string) ([]string, error) {
	if s == "" {
		return nil, nil
	}
	list := strings.Split(s, ",")
	for i, o := range list {
		o = strings.TrimSpace(o)
		list[i] = o
		if o == "*" {
			continue
		}
		u, err := url.Parse(o)
		if err != nil || u.Host == "" || u.Scheme == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
			return nil, usageErrorf("-origins: %q is no origin; write scheme and host, such as https://app.example, without a path", o)
		}
	}
	return list, nil
}

func transportList(s string) ([]string, error) {
	list := strings.Split(s, ",")
	for i, t := range list {
		list[i] = strings.TrimSpace(t)
		if list[i] != engine.Polling && list[i] != engine.WebSocket {
			return nil, usageErrorf("-transports: %q is neither polling nor websocket", t)
		}
		if slices.Index(list, list[i]) != i {
			return nil, usageErrorf("-transports: %s is there twice", list[i])
		}
	}
	return list, nil
}
