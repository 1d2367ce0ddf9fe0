package engine_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// A connection that the application closes below the server, while it is silent,
// ends its session with the next heartbeat at the latest; so does one that takes
// over meanwhile, with the time for that.
func TestClosedBelow(t *testing.T) {
	hijacked := make(chan net.Conn, 10)
	cfg := engine.Config{PingInterval: 200 * time.Millisecond, PingTimeout: 200 * time.Millisecond, UpgradeTimeout: 200 * time.Millisecond, CloseTimeout: 50 * time.Millisecond, AllowEIO3: true}
	g := startWith(t, cfg, newApp(t), nil, func(web *httptest.Server) {
		web.Config.ConnState = func(c net.Conn, state http.ConnState) {
			if state == http.StateHijacked {
				hijacked <- c
			}
		}
	})
	for _, version := range []string{"3", "4"} {
		p := g.dial("?EIO=" + version + "&transport=websocket")
		k := g.app.find(parseOpen(t, p.next()).SID)
		_ = (<-hijacked).Close()
		_ = p.end()
		select {
		case <-k.ended:
		case <-time.After(patience()):
			t.Errorf("Engine.IO %s: the session has not ended", version)
		}
	}
	p, k := g.session()
	c := g.candidate(p.open.SID)
	until(t, "it applies", k.Applying)
	_ = (<-hijacked).Close()
	_ = c.end()
	until(t, "the upgrade is given up", func() bool { return !k.Applying() })
}
