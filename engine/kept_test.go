package engine_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/deflate"
	"github.com/go-socketio/socketio/internal/wsock"
)

// Messages are the Receiver's to keep and to change, whatever brought them. The
// application of these tests does both with each; here many come at once.
func TestMessagesAreKept(t *testing.T) {
	cfg := withStreams(engine.Config{AllowEIO3: true, PingInterval: time.Hour, PerMessageDeflate: &engine.Compression{}})
	g := start(t, cfg, newApp(t))
	var texts, blobs []string
	for i := range 100 {
		texts = append(texts, fmt.Sprint(i, strings.Repeat("t", i%7*i)))
		blobs = append(blobs, fmt.Sprint(i, strings.Repeat("\x01", i%5*i)))
	}
	base64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for name, send := range map[string]func() *talk{
		"WebSocket": func() *talk {
			p, k := g.connect()
			var b []byte
			for i := range texts {
				b = wsock.AppendMaskedFrame(b, wsock.Text, []byte("4"+texts[i]))
				b = wsock.AppendMaskedFrame(b, wsock.Binary, []byte(blobs[i]))
			}
			_ = p.write(b)
			return k
		},
		"WebSocket in base64": func() *talk {
			p, k := g.connect()
			for i := range texts {
				p.say("4" + texts[i])
				p.say("b" + base64(blobs[i]))
			}
			return k
		},
		"WebSocket, fragments": func() *talk {
			p, k := g.connect()
			for i := range texts {
				first, second := texts[i][:1], texts[i][1:]
				b := wsock.AppendMaskedFrame(nil, wsock.Text, []byte("4"+first))
				b[0] &^= 0x80
				b = wsock.AppendMaskedFrame(b, wsock.Continuation, []byte(second))
				_ = p.write(wsock.AppendMaskedFrame(b, wsock.Binary, []byte(blobs[i])))
			}
			return k
		},
		"WebSocket, compressed": func() *talk {
			w := g.wire(offer)
			var b []byte
			writers := deflate.NewWriters(1)
			for i := range texts {
				for _, m := range []struct {
					op   wsock.Opcode
					data string
				}{{wsock.Text, "4" + texts[i]}, {wsock.Binary, blobs[i]}} {
					at := len(b)
					b = wsock.AppendMaskedFrame(b, m.op, writers.Append(nil, deflate.Raw, []byte(m.data)))
					b[at] |= rsv1
				}
			}
			_, _ = w.nc.Write(b)
			return w.k
		},
		"WebSocket of Engine.IO 3": func() *talk {
			p, k := g.connect3("")
			for i := range texts {
				p.say("4" + texts[i])
				p.sayBinary("\x04" + blobs[i])
			}
			return k
		},
		"stream": func() *talk {
			p, k := g.connectStream()
			for i := range texts {
				p.say("4" + texts[i])
				p.sayBinary(blobs[i])
			}
			return k
		},
		"polling": func() *talk {
			p, k := g.session()
			var records []string
			for i := range texts {
				records = append(records, "4"+texts[i], "b"+base64(blobs[i]))
			}
			p.say(records...)
			return k
		},
		"polling of Engine.IO 3": func() *talk {
			p, k := g.poll3("")
			var records []string
			for i := range texts {
				records = append(records, "4"+texts[i], "b4"+base64(blobs[i]))
			}
			p.post(record3(records...)).want(t, 200, "ok")
			return k
		},
		"bytes of Engine.IO 3": func() *talk {
			p, k := g.poll3("")
			var b strings.Builder
			record := func(kind byte, s string) {
				b.WriteByte(kind)
				for _, digit := range fmt.Sprint(len(s)) {
					b.WriteByte(byte(digit - '0'))
				}
				b.WriteString("\xff" + s)
			}
			for i := range texts {
				record(0, "4"+texts[i])
				record(1, "\x04"+blobs[i])
			}
			p.post(b.String(), "Content-Type", "application/octet-stream").want(t, 200, "ok")
			return k
		},
	} {
		t.Run(name, func(t *testing.T) {
			// Twice, for the second may use the memory of the first.
			talks := []*talk{send(), send()}
			for i := range texts {
				for _, k := range talks {
					k.wantMessage("text:" + texts[i])
					k.wantMessage("binary:" + blobs[i])
				}
			}
			for _, k := range talks {
				k.mu.Lock()
				k.checkKept(k.kept)
				k.mu.Unlock()
			}
		})
	}
}
