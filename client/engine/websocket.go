//go:build !js

package engine

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-socketio/socketio/internal/deflate"
	"github.com/go-socketio/socketio/internal/eio"
	"github.com/go-socketio/socketio/internal/wsock"
)

const (
	// maxBatch is what one write carries, in bytes. More gains nothing: the cost
	// of the system call is then a small part of the copy.
	maxBatch = 64 << 10
	// deflateFrom is the size from which a message is compressed, in bytes, as in
	// the reference. Smaller ones gain little.
	deflateFrom = 1024
)

// writeBufs holds buffers of maxBatch: as many as there are connections that
// write at this moment.
var writeBufs = sync.Pool{New: func() any { b := make([]byte, 0, maxBatch); return &b }}

// heads are the first bytes of packets by their types, here so that a frame
// needs no slice of its own. Only read.
var heads = []byte("0123456")

// webSocket is a wire over a WebSocket.
type webSocket struct {
	link    *link
	c       *Conn
	conn    *wsock.Conn
	deflate *deflate.Writers // nil: the server does not want it
}

func (c *Conn) dialWebSocket(ctx context.Context, sid string) (wire, error) {
	header := c.to.header.Clone() // cookies are added to it
	if len(c.cfg.Protocols) > 0 {
		header.Set("Sec-WebSocket-Protocol", strings.Join(c.cfg.Protocols, ", "))
	}
	conn, res, err := wsock.Dial(ctx, c.to.url(WebSocket, sid), header, c.to.hc, wsock.Options{
		MaxMessage: c.cfg.MaxPayload,
		Deflate:    c.cfg.PerMessageDeflate,
		Keep:       true,
		Watch:      c.cfg.Watch.sockets(),
	})
	if err != nil {
		if res != nil && res.StatusCode != http.StatusSwitchingProtocols {
			return nil, refused(WebSocket, res)
		}
		return nil, fmt.Errorf("engine: websocket: %w", plain(err))
	}
	w := &webSocket{c: c, conn: conn}
	if conn.Deflates() {
		w.deflate = c.to.memory.compressors()
	}
	return w, nil
}

func (w *webSocket) start(l *link) {
	w.link = l
	w.conn.Go(w, w.readEnded)
}

func (w *webSocket) readEnded(err error) {
	reason := TransportClose
	if _, ok := errors.AsType[*wsock.ProtocolError](err); ok {
		reason = TransportError
	}
	w.link.ended(reason, err)
}

// Message implements wsock.Handler.
func (w *webSocket) Message(op wsock.Opcode, data []byte) error {
	p := eio.Packet{Type: eio.Message, Binary: true, Data: data}
	if op == wsock.Text {
		var err error
		if p, err = eio.ParseText(data); err != nil {
			w.link.malformed(err)
			return errLinkEnded
		}
	}
	if !w.link.packet(p) {
		return errLinkEnded
	}
	return nil
}

// Control implements wsock.Handler. One pong at a time waits in the queue.
func (w *webSocket) Control(op wsock.Opcode, data []byte) error {
	c := w.c
	if op != wsock.Ping || w.link.stage.Load() != live {
		return nil
	}
	c.mu.Lock()
	if c.state == Open && !c.answering {
		c.answering = true
		c.pushLocked(webSocketPong, false, true, data)
	}
	c.wakeAndUnlock()
	return nil
}

// Drained implements wsock.Handler.
func (w *webSocket) Drained() { w.link.rest() }

// waits: a server answers a close frame with its own.
func (w *webSocket) waits() bool { return true }

func (w *webSocket) closeNow(quiet bool) {
	if quiet {
		_, _ = w.conn.TryWrite(wsock.AppendMaskedClose(nil, 0, "")) // a courtesy
	}
	_ = w.conn.CloseNow()
}

func (w *webSocket) send(b *outbox) error {
	bp := writeBufs.Get().(*[]byte)
	buf, bytes := (*bp)[:0], 0
	flush := func() error {
		err := w.write(buf)
		w.c.sent(b, bytes)
		buf, bytes = buf[:0], 0
		return err
	}
	err := b.each(func(it item, data []byte) error {
		if len(buf) > 0 && len(buf)+it.n+14 > maxBatch {
			if err := flush(); err != nil {
				return err
			}
		}
		buf = w.appendFrame(buf, it, data)
		bytes += it.n
		return nil
	})
	if err == nil && len(buf) > 0 {
		err = flush()
	}
	if cap(buf) <= 2*maxBatch { // one large message must not hold its memory for ever
		*bp = buf[:0]
		writeBufs.Put(bp)
	}
	return err
}

// appendFrame appends a packet as the frame it is sent in.
func (w *webSocket) appendFrame(buf []byte, it item, data []byte) []byte {
	switch {
	case it.typ == webSocketPong:
		return wsock.AppendMaskedFrame(buf, wsock.Pong, data)
	case it.typ == eio.Close:
		return wsock.AppendMaskedClose(buf, 0, "")
	}
	op := wsock.Text
	head := heads[it.typ-eio.Open:][:1]
	switch {
	case it.binary && w.c.to.base64:
		data = base64.StdEncoding.AppendEncode([]byte{'b'}, data)
		head = nil
	case it.binary:
		op, head = wsock.Binary, nil
	}
	if w.deflate != nil && !it.plain && it.n >= deflateFrom {
		payload := append(head[:len(head):len(head)], data...)
		if out, ok := wsock.AppendMaskedDeflated(buf, w.deflate, op, payload); ok {
			return out
		}
	}
	return wsock.AppendMaskedFrame(buf, op, head, data)
}

// write hands b to the kernel, waiting for the server up to WriteTimeout for
// each piece, so that a slow one has all the time it needs as long as it takes
// something.
func (w *webSocket) write(b []byte) error {
	if w.conn.CanTryWrite() {
		n, err := w.conn.TryWrite(b)
		if err != nil {
			return fmt.Errorf("engine: websocket: %w", err)
		}
		if b = b[n:]; len(b) == 0 {
			return nil
		}
	}
	for len(b) > 0 {
		n := min(len(b), maxBatch)
		_ = w.conn.SetWriteDeadline(time.Now().Add(w.c.cfg.WriteTimeout))
		if _, err := w.conn.Write(b[:n]); err != nil {
			return fmt.Errorf("engine: websocket: %w", err)
		}
		b = b[n:]
	}
	// An old deadline would make the next write fail.
	_ = w.conn.SetWriteDeadline(time.Time{})
	return nil
}
