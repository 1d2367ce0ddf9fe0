package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// unbounded is a queue bound that no test reaches: the reference has none.
const unbounded = 64 << 20

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
			PingInterval:   300 * time.Millisecond,
			PingTimeout:    200 * time.Millisecond,
			UpgradeTimeout: 400 * time.Millisecond,
			ConnectTimeout: 500 * time.Millisecond,
			Origins:        []string{"*"},
		},
		"strict": {
			Path:          "/strict/",
			DisableClient: true,
			MaxPayload:    1000,
			Cookie: &http.Cookie{
				Name: "conf", Path: "/", MaxAge: 86400, HttpOnly: true, SameSite: http.SameSiteStrictMode,
			},
			AllowRequest: policy,
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

const page = `<!doctype html>
<title>conformance</title>
<p id="status">loaded</p>
<script src="/socket.io/socket.io.js"></script>
`

func (ms mounts) handler() http.Handler {
	mux := http.NewServeMux()
	for name, srv := range ms {
		if name == "main" {
			name = "socket.io"
		}
		mux.Handle("/"+name+"/", srv)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, page)
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok")
	})
	mux.HandleFunc("GET /stats", ms.stats)
	return mux
}

func (ms mounts) stats(w http.ResponseWriter, _ *http.Request) {
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
