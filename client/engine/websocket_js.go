//go:build js

package engine

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"syscall/js"
	"time"

	"github.com/go-socketio/socketio/internal/eio"
)

// webSocket is a wire over the WebSocket of a browser, which says nothing of why
// it fails, takes no headers, and has no back pressure in either direction.
type webSocket struct {
	link  *link
	c     *Conn
	ws    js.Value
	funcs []js.Func
	news  chan struct{} // room for one: there is something in arrived, or it is over

	mu      sync.Mutex
	arrived []frame
	size    int // bytes in arrived
	over    bool
	reason  Reason
	err     error
}

type frame struct {
	binary bool
	data   []byte
}

const (
	// jsBacklog is how much a browser may hold back of what is sent before more is
	// handed to it, in bytes.
	jsBacklog = 64 << 10
	// jsPause is how often that is looked at: the browser tells nobody.
	jsPause = 10 * time.Millisecond
)

var (
	errBrowser = errors.New("the browser could not connect, and does not say why")
	errLagging = errors.New("more than Config.MaxPayload has arrived and is not taken by the Receiver")
)

func (c *Conn) dialWebSocket(ctx context.Context, sid string) (w wire, err error) {
	defer func() { // what JavaScript throws
		if v := recover(); v != nil {
			w, err = nil, fmt.Errorf("engine: websocket: %v", v)
		}
	}()
	url := "ws" + c.to.url(WebSocket, sid)[len("http"):]
	protocols := make([]any, len(c.cfg.Protocols))
	for i, p := range c.cfg.Protocols {
		protocols[i] = p
	}
	ws := &webSocket{c: c, news: make(chan struct{}, 1)}
	ws.ws = js.Global().Get("WebSocket").New(url, protocols)
	ws.ws.Set("binaryType", "arraybuffer")
	opened := make(chan struct{})
	ws.on("onopen", func(js.Value) { close(opened) })
	ws.on("onmessage", func(e js.Value) { ws.message(e.Get("data")) })
	ws.on("onclose", func(e js.Value) {
		ws.finish(TransportClose, fmt.Errorf("the server closed with code %d", e.Get("code").Int()))
	})
	select {
	case <-opened:
		return ws, nil
	case <-ws.news: // nothing arrives before it is open
		ws.release()
		return nil, fmt.Errorf("engine: websocket: %w", errBrowser)
	case <-ctx.Done():
		ws.closeNow(true)
		ws.release()
		return nil, fmt.Errorf("engine: websocket: %w", context.Cause(ctx))
	}
}

func (w *webSocket) on(event string, f func(js.Value)) {
	fn := js.FuncOf(func(_ js.Value, args []js.Value) any {
		f(args[0])
		return nil
	})
	w.funcs = append(w.funcs, fn)
	w.ws.Set(event, fn)
}

func (w *webSocket) release() {
	for _, event := range []string{"onopen", "onmessage", "onclose"} {
		w.ws.Set(event, js.Null())
	}
	for _, fn := range w.funcs {
		fn.Release()
	}
}

// message keeps a message until the reader takes it: the browser's event loop
// must not wait.
func (w *webSocket) message(data js.Value) {
	var f frame
	if data.Type() == js.TypeString {
		f.data = []byte(data.String())
	} else {
		f.binary = true
		bytes := js.Global().Get("Uint8Array").New(data)
		f.data = make([]byte, bytes.Length())
		js.CopyBytesToGo(f.data, bytes)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.over:
		return
	case w.size > 0 && w.size+len(f.data)+itemSize > 2*w.c.cfg.MaxPayload, len(f.data) > w.c.cfg.MaxPayload:
		w.finishLocked(TransportError, errLagging)
		return
	}
	w.arrived = append(w.arrived, f)
	w.size += len(f.data) + itemSize
	w.wake()
}

func (w *webSocket) wake() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}

func (w *webSocket) finish(reason Reason, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.finishLocked(reason, err)
}

func (w *webSocket) finishLocked(reason Reason, err error) {
	if !w.over {
		w.over, w.reason, w.err = true, reason, err
		w.wake()
	}
}

func (w *webSocket) start(l *link) {
	w.link = l
	go func() {
		reason, err := w.read()
		w.closeNow(true)
		w.release()
		l.ended(reason, err)
	}()
}

// read hands up what has arrived, until it is over.
func (w *webSocket) read() (Reason, error) {
	for range w.news {
		w.mu.Lock()
		list := w.arrived
		w.arrived, w.size = nil, 0
		over, reason, err := w.over, w.reason, w.err
		w.mu.Unlock()
		for _, f := range list {
			p := eio.Packet{Type: eio.Message, Binary: true, Data: f.data}
			if !f.binary {
				var bad error
				if p, bad = eio.ParseText(f.data); bad != nil {
					w.link.malformed(bad)
					return TransportError, errLinkEnded
				}
			}
			if !w.link.packet(p) {
				return TransportError, errLinkEnded
			}
		}
		w.link.rest()
		if over {
			return reason, err
		}
	}
	return TransportClose, nil
}

// waits: the browser tells when the server has closed, too.
func (w *webSocket) waits() bool { return true }

// closeNow lets the reader end at once. The browser goes on by itself.
func (w *webSocket) closeNow(bool) {
	w.finish(TransportClose, nil)
	w.ws.Call("close")
}

func (w *webSocket) send(b *outbox) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("engine: websocket: %v", v)
		}
	}()
	return b.each(func(it item, data []byte) error {
		switch {
		case it.typ == eio.Close:
			w.ws.Call("close")
		case it.binary && !w.c.to.base64:
			bytes := js.Global().Get("Uint8Array").New(len(data))
			js.CopyBytesToJS(bytes, data)
			w.ws.Call("send", bytes)
		case it.binary:
			w.ws.Call("send", "b"+base64.StdEncoding.EncodeToString(data))
		default:
			w.ws.Call("send", string(rune(it.typ))+string(data))
		}
		err := w.pace()
		w.c.sent(b, it.n)
		return err
	})
}

// pace waits until the browser has passed on most of what it was given.
func (w *webSocket) pace() error {
	before, since := 0, time.Now()
	for {
		n := w.ws.Get("bufferedAmount").Int()
		if n <= jsBacklog {
			return nil
		}
		if n < before {
			since = time.Now()
		}
		before = n
		if time.Since(since) > w.c.cfg.WriteTimeout {
			return errors.New("engine: websocket: the server takes nothing")
		}
		select {
		case <-time.After(jsPause):
		case <-w.c.Context().Done():
			return ErrClosed
		}
	}
}
