package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-socketio/socketio/internal/eio"
)

// stream is a wire over a Stream: the third transport, WebTransport.
type stream struct {
	link   *link
	c      *Conn
	conn   Stream
	frames eio.Deframer
	small  [streamBuffer]byte
}

const (
	// streamBuffer is what a silent stream waits with: enough for most of what a
	// server says at a time, and little beside a QUIC connection.
	streamBuffer = 512
	// streamChunk is for the rest of a frame that did not fit.
	streamChunk = 16 << 10
	// streamBatch is what one write carries, in bytes.
	streamBatch = 64 << 10
)

// streamChunks holds as many as there are streams in the midst of a large frame.
var streamChunks = sync.Pool{New: func() any { return new([streamChunk]byte) }}

var errStream = errors.New("engine: webtransport: Config.Stream is not set")

// dialStream opens a stream and says whether it is for a new session.
func (c *Conn) dialStream(ctx context.Context, sid string) (wire, error) {
	if c.cfg.Stream == nil {
		return nil, errStream
	}
	conn, err := c.cfg.Stream(ctx, c.to.url(WebTransport, sid), c.to.header.Clone())
	if err != nil {
		return nil, fmt.Errorf("engine: webtransport: %w", err)
	}
	var hello []byte
	if sid != "" {
		hello, _ = json.Marshal(struct { // a string always has a JSON form
			SID string `json:"sid"`
		}{sid})
	}
	w := &stream{c: c, conn: conn, frames: eio.Deframer{Max: c.cfg.MaxPayload}}
	if err := w.write(eio.AppendFrame(nil, eio.Packet{Type: eio.Open, Data: hello})); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return w, nil
}

func (w *stream) start(l *link) {
	w.link = l
	go func() {
		l.ended(w.read())
	}()
}

// read is the reader. It waits with its small buffer, and borrows a large one for
// what a frame has left.
func (w *stream) read() (Reason, error) {
	var chunk *[streamChunk]byte
	for {
		buf := w.small[:]
		if w.frames.Partial() {
			if chunk == nil {
				chunk = streamChunks.Get().(*[streamChunk]byte)
			}
			buf = chunk[:]
		} else if chunk != nil {
			streamChunks.Put(chunk)
			chunk = nil
		}
		n, err := w.conn.Read(buf)
		if bad := w.take(buf[:n]); bad != nil {
			return TransportError, bad
		}
		if err != nil {
			if err == io.EOF {
				err = nil // the server closed it
			}
			return TransportClose, err
		}
	}
}

// take handles what was read.
func (w *stream) take(src []byte) error {
	defer w.link.rest()
	for len(src) > 0 {
		var data []byte
		var binary bool
		var err error
		data, binary, src, err = w.frames.Next(src)
		if err == nil && data != nil && !binary && !utf8.Valid(data) {
			err = errors.New("a text packet is not UTF-8")
		}
		p := eio.Packet{Type: eio.Message, Binary: true, Data: data}
		if err == nil && data != nil && !binary {
			p, err = eio.ParseText(data)
		}
		if err != nil {
			w.link.malformed(err)
			return errLinkEnded
		}
		if p.Type == eio.Message && (binary || !p.Binary) { // what was Base64 has bytes of its own
			p.Data = bytes.Clone(p.Data)
		}
		if data != nil && !w.link.packet(p) {
			return errLinkEnded
		}
	}
	return nil
}

func (w *stream) send(b *outbox) error {
	var buf []byte
	bytes := 0
	flush := func() error {
		err := w.write(buf)
		w.c.sent(b, bytes)
		buf, bytes = buf[:0], 0
		return err
	}
	err := b.each(func(it item, data []byte) error {
		if len(buf) > 0 && len(buf)+it.n > streamBatch {
			if err := flush(); err != nil {
				return err
			}
		}
		p := it.packet(data)
		if it.binary && w.c.to.base64 {
			p = eio.Packet{Type: 'b', Data: eio.AppendText(nil, p)[1:]}
		}
		buf = eio.AppendFrame(buf, p)
		bytes += it.n
		return nil
	})
	if err == nil && len(buf) > 0 {
		err = flush()
	}
	return err
}

// write waits for the server up to WriteTimeout for each piece.
func (w *stream) write(b []byte) error {
	for len(b) > 0 {
		n := min(len(b), streamBatch)
		_ = w.conn.SetWriteDeadline(time.Now().Add(w.c.cfg.WriteTimeout))
		if _, err := w.conn.Write(b[:n]); err != nil {
			return fmt.Errorf("engine: webtransport: %w", err)
		}
		b = b[n:]
	}
	return nil
}

// waits: closing a WebTransport session throws away what is under way, so the
// server is to close it, which it does on a close packet.
func (w *stream) waits() bool { return true }

func (w *stream) closeNow(bool) { _ = w.conn.Close() }
