package engine_test

import (
	"fmt"
	"strings"
	"testing"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/engine"
)

// modes are the ways to have a connection.
var modes = map[string]client.Config{
	"polling":   {Transports: []string{client.Polling}},
	"websocket": {Transports: []string{client.WebSocket}},
	"upgrade":   {},
	"base64":    {Transports: []string{client.WebSocket}, ForceBase64: true},
	"polling64": {Transports: []string{client.Polling}, ForceBase64: true},
	"deflate":   {Transports: []string{client.WebSocket}, PerMessageDeflate: true},
}

func eachMode(t *testing.T, f func(t *testing.T, cfg client.Config)) {
	for name, cfg := range modes {
		t.Run(name, func(t *testing.T) { f(t, cfg) })
	}
}

// CLI-19 CLI-30
func TestEcho(t *testing.T) {
	eachMode(t, func(t *testing.T, cfg client.Config) {
		h := newHost()
		url := serve(t, engine.Config{PerMessageDeflate: &engine.Compression{}}, h)
		k := dial(t, url, cfg)
		if len(cfg.Transports) == 0 {
			k.wantUpgrade(client.WebSocket)
		} else if got := k.conn.Transport(); got != cfg.Transports[0] {
			t.Fatalf("transport %q", got)
		}
		s := <-h.opened
		if k.conn.ID() != s.ID() || k.conn.ID() == "" || k.conn.MaxPayload() != 1_000_000 {
			t.Fatalf("id %q, server %q, max %d", k.conn.ID(), s.ID(), k.conn.MaxPayload())
		}
		k.send("hello")
		k.want("text:hello")
		k.sendBinary("\x00\x01\xff")
		k.want("binary:\x00\x01\xff")
		k.sendBinary("")
		k.want("binary:")
		k.send("")
		k.want("text:")
		k.send("€ 😀 \u2028")
		k.want("text:€ 😀 \u2028")
		large := strings.Repeat("large €", 60_000)
		k.send(large)
		k.want("text:" + large)
		k.sendBinary(large)
		k.want("binary:" + large)
		for i := range 500 {
			k.send(fmt.Sprint("m", i))
		}
		for i := range 500 {
			k.want(fmt.Sprint("text:m", i))
		}
		k.send("burst 1000")
		for i := range 1000 {
			k.want(fmt.Sprint("text:", i))
		}
		k.conn.Close()
		if err := k.wantEnd(client.ForcedClose); err != nil {
			t.Errorf("error at the end: %v", err)
		}
		if r := <-h.closed; r != engine.TransportClose {
			t.Errorf("the server says %q", r)
		}
	})
}
