// Engineecho uses the package engine alone: it sends every message back.
// "close" ends the session from the server's side, and "burst N" is answered
// with N numbered messages. Its options are those that the Engine.IO protocol
// suites expect (ALLOW_EIO3 for that of version 3); see README.
package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/interop/environ"
)

// maxBurst bounds the answer to one "burst".
const maxBurst = 100_000

type echo struct{ session *engine.Session }

// Open implements engine.Handler; an echo without a session is the factory.
func (echo) Open(s *engine.Session) (engine.Receiver, error) { return echo{s}, nil }

func (e echo) Message(kind engine.Kind, data []byte) {
	if kind == engine.Binary {
		_ = e.session.Send(engine.NewBinary(data)) // a session that is gone needs no echo
		return
	}
	text := string(data)
	if text == "close" {
		e.session.Close(engine.ForcedClose)
		return
	}
	if digits, ok := strings.CutPrefix(text, "burst "); ok {
		if count, err := strconv.Atoi(digits); err == nil && count <= maxBurst {
			for i := range count {
				_ = e.session.Send(engine.NewText(strconv.AppendInt(nil, int64(i), 10)))
			}
			return
		}
	}
	_ = e.session.Send(engine.NewText(data))
}

func (echo) Heartbeat(time.Duration) {}

func (echo) Closed(engine.Reason, error) {}

func main() {
	var deflate *engine.Compression
	if os.Getenv("PER_MESSAGE_DEFLATE") != "" {
		deflate = &engine.Compression{}
	}
	srv := engine.NewServer(engine.Config{
		PerMessageDeflate: deflate,
		PingInterval:      environ.Milliseconds("PING_INTERVAL", 300*time.Millisecond),
		PingTimeout:       environ.Milliseconds("PING_TIMEOUT", 200*time.Millisecond),
		MaxPayload:        1_000_000,
		Origins:           []string{"*"},
		AllowEIO3:         os.Getenv("ALLOW_EIO3") != "",
	}, echo{})
	l, err := environ.Listen("3000")
	if err == nil {
		err = http.Serve(l, srv)
	}
	fmt.Fprintln(os.Stderr, "engineecho:", err)
	os.Exit(1)
}
