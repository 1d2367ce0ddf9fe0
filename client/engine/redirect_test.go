package engine_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/engine"
)

// A server that has moved on the same host, as from http to https, is spoken to
// at its new address: the statuses that turn a POST into a GET lose nothing.
func TestMoved(t *testing.T) {
	h := newHost()
	inner := serve(t, engine.Config{}, h)
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				t.Errorf("status %d: a POST goes to the old address", status)
			}
			http.Redirect(w, r, inner+r.URL.Path+"?"+r.URL.RawQuery, status)
		}))
		for _, transports := range [][]string{{client.Polling}, {client.WebSocket}, nil} {
			k := dial(t, web.URL+"/?a=b", client.Config{Transports: transports})
			if transports == nil {
				k.wantUpgrade(client.WebSocket)
			}
			k.send("x")
			k.want("text:x")
			k.conn.CloseNow()
			k.wantDone()
		}
		web.Close()
	}
}

// On another host messages follow redirects that keep them, and others end the
// connection: what Header holds is not for everybody.
func TestMovedAway(t *testing.T) {
	h := newHost()
	inner := strings.Replace(serve(t, engine.Config{}, h), "127.0.0.1", "localhost", 1)
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect} {
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, inner+r.URL.Path+"?"+r.URL.RawQuery, status)
		}))
		k := dial(t, web.URL, client.Config{Transports: []string{client.Polling}})
		k.send("x")
		if status == http.StatusTemporaryRedirect {
			k.want("text:x")
			k.conn.CloseNow()
			k.wantDone()
		} else if err := k.wantEnd(client.TransportError); err == nil || !strings.Contains(err.Error(), "status 307") {
			t.Errorf("error %v", err)
		}
		web.Close()
	}
}

// perTransport is an http.RoundTripper with a header for each transport.
type perTransport struct{}

func (perTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Way", "by "+r.URL.Query().Get("transport"))
	return http.DefaultTransport.RoundTrip(r)
}

// CLI-29: what is to hold for one transport only is told by the query of its requests.
func TestSettingsForOneTransport(t *testing.T) {
	h := newHost()
	inner := engine.NewServer(engine.Config{Logger: quiet()}, h)
	defer func() { _ = inner.Shutdown(t.Context()) }()
	var mu sync.Mutex
	seen := map[string]bool{}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen[r.URL.Query().Get("transport")+" "+r.Header.Get("X-Way")] = true
		mu.Unlock()
		inner.ServeHTTP(w, r)
	}))
	defer web.Close()
	k := dial(t, web.URL, client.Config{HTTPClient: &http.Client{Transport: perTransport{}}})
	k.wantUpgrade(client.WebSocket)
	k.conn.CloseNow()
	k.wantDone()
	mu.Lock()
	defer mu.Unlock()
	if len(seen) != 2 || !seen["polling by polling"] || !seen["websocket by websocket"] {
		t.Errorf("seen %v", seen)
	}
}
