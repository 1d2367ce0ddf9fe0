package engine_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-socketio/socketio/engine"
)

// HTTP-22 X3: a Server is an http.Handler like any other: in a mux, below a
// prefix, at the root, two beside each other, with the same one for all methods.
func TestMounting(t *testing.T) {
	a, b, c := newApp(t), newApp(t), newApp(t)
	mux := http.NewServeMux()
	one := engine.NewServer(engine.Config{Logger: quiet()}, a)
	two := engine.NewServer(engine.Config{Logger: quiet()}, b)
	root := engine.NewServer(engine.Config{Logger: quiet(), Path: "/"}, c)
	mux.Handle("/engine.io/", one)
	mux.Handle("/v2/", http.StripPrefix("/v2", two))
	mux.Handle("/", root)
	web := httptest.NewServer(mux)
	t.Cleanup(func() {
		for _, srv := range []*engine.Server{one, two, root} {
			if err := srv.Shutdown(t.Context()); err != nil && t.Context().Err() == nil {
				t.Error(err)
			}
		}
		web.Close()
	})
	for url, a := range map[string]*app{"/engine.io/": a, "/v2/engine.io/": b, "/": c, "/v2/engine.io": b, "/anything": c} {
		p, _ := openPoller(t, web.Client(), web.URL+url)
		k := a.find(p.open.SID)
		p.say("4x")
		k.wantMessage("text:x")
		w, err := dial(t, web.Client(), web.URL+url+"?EIO=4&transport=websocket&sid="+p.open.SID, nil)
		if err != nil {
			t.Fatalf("%s: %v", url, err)
		}
		w.say("5")
		_ = k.Send(text("y"))
		w.want("4y")
		w.hang()
		k.wantEnd(engine.TransportClose)
	}
}
