package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/interop/environ"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// Bounds that no test reaches, where the reference has none.
const (
	unbounded      = 64 << 20
	manyNamespaces = 10000
)

// mounts is one Socket.IO server for each set of options.
type mounts map[string]*socketio.Server

func newMounts() mounts {
	departed := newDepartures()
	ms := mounts{}
	for name, cfg := range map[string]socketio.Config{
		"main": {
			AllowEIO3: true,
			Origins:   []string{"http://allowed.example"},
			CORS: engine.CORS{
				Methods:        []string{"GET", "POST"},
				AllowedHeaders: []string{"x-custom"},
				Credentials:    true,
				MaxAge:         600 * time.Second,
			},
		},
		"fast": {
			Path:           "/fast/",
			AllowEIO3:      true,
			PingInterval:   environ.Milliseconds("PING_INTERVAL", 300*time.Millisecond),
			PingTimeout:    environ.Milliseconds("PING_TIMEOUT", 200*time.Millisecond),
			UpgradeTimeout: environ.Milliseconds("UPGRADE_TIMEOUT", 400*time.Millisecond),
			ConnectTimeout: environ.Milliseconds("CONNECT_TIMEOUT", 500*time.Millisecond),
			Origins:        []string{"*"},
		},
		"strict": {
			Path:          "/strict/",
			DisableClient: true,
			MaxPayload:    1000,
			Cookie: &http.Cookie{
				Name: "conf", Path: "/", MaxAge: 86400, HttpOnly: true, SameSite: http.SameSiteStrictMode,
			},
			AllowRequest:         policy,
			CleanupEmptyChildren: true,
		},
		"recovery": {Path: "/recovery/", Recovery: &socketio.Recovery{Window: 1500 * time.Millisecond}},
		"msgpack":  {Path: "/msgpack/", Parser: msgpack.New()},
		"deflate": {
			Path:              "/deflate/",
			PerMessageDeflate: &engine.Compression{Threshold: 100},
			HTTPCompression:   &engine.Compression{Threshold: 100},
		},
		"wsonly":    {Path: "/wsonly/", Transports: []string{engine.WebSocket}},
		"pollonly":  {Path: "/pollonly/", Transports: []string{engine.Polling}},
		"noupgrade": {Path: "/noupgrade/", DisableUpgrade: true},
	} {
		cfg.MaxQueuedBytes = unbounded
		cfg.MaxNamespaces = manyNamespaces
		cfg.AckTimeout = -1
		cfg.KeepHeaders = []string{"*"}
		if cfg.HTTPCompression == nil { // on by default in the reference
			cfg.HTTPCompression = &engine.Compression{}
		}
		ms[name] = socketio.NewServer(cfg)
		addNamespaces(ms[name], departed)
	}
	return ms
}

// policy refuses what the query asks to be refused.
func policy(r *http.Request) error {
	switch r.URL.Query().Get("deny") {
	case "plain":
		return errors.New("denied")
	case "reason":
		return &socketio.Error{Message: "denied by policy"}
	}
	return nil
}

// page names its icon, so that a browser asks for nothing else.
const page = `<!doctype html>
<title>conformance</title>
<link rel="icon" href="data:,">
<p id="status">loaded</p>
<script src="/socket.io/socket.io.js"></script>
`

// ServeHTTP finds who answers by the first element of the path. A mux would
// redirect where this application has nothing.
func (ms mounts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	first, _, inside := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if first == "socket.io" {
		first = "main"
	} else if first == "main" {
		inside = false
	}
	if srv, ok := ms[first]; ok && inside {
		srv.ServeHTTP(w, r)
		return
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, page) // the client is gone, nobody to tell
			return
		case "/healthz":
			_, _ = io.WriteString(w, "ok")
			return
		case "/stats":
			ms.stats(w)
			return
		}
	}
	http.NotFound(w, r)
}

func (ms mounts) stats(w http.ResponseWriter) {
	type counts struct {
		Clients int `json:"clients"`
		Sockets int `json:"sockets"`
	}
	all := map[string]counts{}
	for name, srv := range ms {
		all[name] = counts{srv.Engine().Len(), srv.Of("/").Len()}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(all) // the client is gone, nobody to tell
}

// shutdown ends all mounts at once and waits for them.
func (ms mounts) shutdown(ctx context.Context) {
	var wg sync.WaitGroup
	for _, srv := range ms {
		wg.Go(func() { _ = srv.Shutdown(ctx) }) // what outlasts ctx is cut off, as is meant here
	}
	wg.Wait()
}
