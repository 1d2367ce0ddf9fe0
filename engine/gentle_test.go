package engine_test

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/wsock"
)

// B-51 B-52: a WebSocket that the server ends while the client is still sending
// is closed, not reset: a reset may take the close frame with it.
func TestGentleClose(t *testing.T) {
	g := start(t, engine.Config{MaxPayload: 1000}, newApp(t))
	big := string(wsock.AppendMaskedFrame(nil, wsock.Binary, make([]byte, 100<<10)))
	more := strings.Repeat(string(wsock.AppendMaskedFrame(nil, wsock.Text, []byte("4more"))), 10000)
	for name, c := range map[string]struct {
		send  string
		reply string
	}{
		"oversize":     {big, "\x88\x02\x03\xf1"},
		"bad packet":   {string(wsock.AppendMaskedFrame(nil, wsock.Text, []byte("7"))) + more, "\x88\x00"},
		"close packet": {string(wsock.AppendMaskedFrame(nil, wsock.Text, []byte("1"))) + more, "\x88\x00"},
		"bad frame":    {"\xff" + more, "\x88\x02\x03\xea"},
	} {
		nc, err := net.Dial("tcp", strings.TrimPrefix(g.web.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_ = nc.SetDeadline(time.Now().Add(patience()))
		_, err = io.WriteString(nc, "GET /engine.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"+c.send)
		if err != nil {
			t.Errorf("%s: sending: %v", name, err)
		}
		got, err := io.ReadAll(nc)
		if err != nil || !bytes.HasSuffix(got, []byte(c.reply)) {
			t.Errorf("%s: got %.200q and %v, want the close frame %q and the end", name, got, err, c.reply)
		}
		_ = nc.Close()
	}
}
