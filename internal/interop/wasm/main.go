//go:build js && wasm

// Wasm runs the Engine.IO client in a browser: it goes through each way to have
// a connection with the server at globalThis.server, and leaves what went wrong
// in globalThis.report, an object with a text for each way; "ok" is a good one.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall/js"
	"time"

	"github.com/go-socketio/socketio/client/engine"
)

// patience bounds each wait of a run that is about to fail.
const patience = 20 * time.Second

var modes = map[string]engine.Config{
	"polling":   {Transports: []string{engine.Polling}},
	"websocket": {Transports: []string{engine.WebSocket}, Protocols: []string{"one"}},
	"upgrade":   {Header: http.Header{"X-Probe": {"go"}}},
	"base64":    {Transports: []string{engine.WebSocket}, ForceBase64: true},
}

func main() {
	url := js.Global().Get("server").String()
	report := js.Global().Get("Object").New()
	for name, cfg := range modes {
		report.Set(name, verdict(run(url, cfg)))
	}
	report.Set("nobody", verdict(refused(url)))
	js.Global().Set("report", report)
}

func verdict(err error) string {
	if err != nil {
		return err.Error()
	}
	return "ok"
}

// talk keeps what a connection brings.
type talk struct {
	got      chan string
	ended    chan engine.Reason
	upgraded chan string
	pings    chan struct{}
}

func (k *talk) Message(kind engine.Kind, data []byte) { k.got <- fmt.Sprint(kind, string(data)) }

func (k *talk) Closed(reason engine.Reason, err error) { k.ended <- reason }

func newTalk() *talk {
	return &talk{make(chan string, 4096), make(chan engine.Reason, 1), make(chan string, 1), make(chan struct{}, 100)}
}

func (k *talk) dial(url string, cfg engine.Config) (*engine.Conn, error) {
	cfg.Hooks = engine.Hooks{
		Upgrade:       func(name string) { k.upgraded <- name },
		UpgradeFailed: func(err error) { k.upgraded <- err.Error() },
		Ping:          func() { k.pings <- struct{}{} },
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return engine.Dial(ctx, url, cfg, k)
}

func receive[T any](what string, c <-chan T) (v T, err error) {
	select {
	case v = <-c:
	case <-time.After(patience):
		err = errors.New("waited in vain for " + what)
	}
	return v, err
}

// run is one connection from its beginning to both kinds of end.
func run(url string, cfg engine.Config) error {
	k := newTalk()
	c, err := k.dial(url, cfg)
	if err != nil {
		return err
	}
	if cfg.Transports == nil {
		if got, err := receive("the upgrade", k.upgraded); err != nil || got != engine.WebSocket {
			return fmt.Errorf("upgrade: %q, %v", got, err)
		}
	} else if got := c.Transport(); got != cfg.Transports[0] {
		return fmt.Errorf("transport %q", got)
	}
	for _, text := range []string{"hello", "", "héllo € 😀 \u2028 \x00", strings.Repeat("large €", 50_000)} {
		for _, kind := range []engine.Kind{engine.Text, engine.Binary} {
			if err := c.Send(kind, []byte(text)); err != nil {
				return err
			}
			if got, err := receive("an echo", k.got); err != nil || got != fmt.Sprint(kind, text) {
				return fmt.Errorf("got %.40q for %.40q, %v", got, text, err)
			}
		}
	}
	if err := c.Send(engine.Text, []byte("burst 1000")); err != nil {
		return err
	}
	for i := range 1000 {
		if got, err := receive("a burst", k.got); err != nil || got != fmt.Sprint(engine.Text, fmt.Sprint(i)) {
			return fmt.Errorf("got %.40q for %d, %v", got, i, err)
		}
	}
	for range 4 { // they come every 300 ms
		if _, err := receive("a ping", k.pings); err != nil {
			return err
		}
	}
	if n := c.BufferedAmount(); n != 0 {
		return fmt.Errorf("%d bytes are buffered", n)
	}
	c.Close()
	if got, err := receive("the end", k.ended); err != nil || got != engine.ForcedClose {
		return fmt.Errorf("closed: %q, %v", got, err)
	}
	<-c.Done()
	// The other end.
	k = newTalk()
	if c, err = k.dial(url, cfg); err != nil {
		return err
	}
	if err := c.Send(engine.Text, []byte("close")); err != nil {
		return err
	}
	if got, err := receive("the server's end", k.ended); err != nil || got != engine.TransportClose {
		return fmt.Errorf("closed by the server: %q, %v", got, err)
	}
	<-c.Done()
	return nil
}

// refused wants an error, from each transport, of a path that nobody serves.
func refused(url string) error {
	for _, transport := range []string{engine.Polling, engine.WebSocket} {
		_, err := newTalk().dial(url, engine.Config{Path: "/nobody", Transports: []string{transport}})
		if err == nil || !strings.Contains(err.Error(), "engine: "+transport) {
			return fmt.Errorf("%s to nobody: %v", transport, err)
		}
	}
	return nil
}
