package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-socketio/socketio/internal/eio"
)

// polling is the transport of two kinds of HTTP requests: a GET that waits for
// what the server has to say, always one, and a POST for each batch to send.
type polling struct{ c *Conn }

func (polling) name() string { return Polling }

// waits: the answer to the goodbye's POST is all there is.
func (polling) waits() bool { return false }

// closeNow has nothing to do: the connection's context ends both requests.
func (polling) closeNow(bool) {}

// maxBody bounds a POST if the server does not say what it takes. It is the
// default of all servers.
const maxBody = 1_000_000

// bodies holds what a GET brought until the Receiver has seen it: as many as
// there are answers in that state, not as many as requests that wait.
var bodies = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// maxPooledBody keeps one large answer from holding its memory for ever.
const maxPooledBody = 64 << 10

// openPolling makes the first request, whose answer begins with the open packet.
func (c *Conn) openPolling(ctx context.Context) error {
	p := polling{c}
	body, err := p.get(ctx, "", nil)
	if err != nil {
		return err
	}
	record, rest, more := eio.NextRecord(body)
	h, err := openPacket(Polling, record)
	if err != nil {
		return fmt.Errorf("%w: %w", err, stranger(body))
	}
	if !c.opened(p, h) {
		return ErrClosed
	}
	c.mu.Lock()
	if c.startLocked() {
		c.polling = true
		go p.run(rest, more)
	}
	upgrades := c.upgradesOf(h)
	upgrading := len(upgrades) > 0 && c.state == Open && c.startLocked()
	c.mu.Unlock()
	if upgrading {
		go c.upgrade(upgrades)
	}
	return nil
}

// openPacket reads a session's first packet.
func openPacket(transport string, record []byte) (eio.Handshake, error) {
	p, err := eio.ParseText(record)
	if err == nil && p.Type != eio.Open {
		err = fmt.Errorf("the first packet is of type %s, not open", p.Type)
	}
	var h eio.Handshake
	if err == nil {
		h, err = eio.ParseHandshake(p.Data)
	}
	if err == nil && len(h.SID) > maxSID {
		err = fmt.Errorf("the session id has %d bytes", len(h.SID))
	}
	if err != nil {
		return h, noServer(transport, err)
	}
	return h, nil
}

func noServer(transport string, err error) error {
	return fmt.Errorf("engine: %s: no Engine.IO 4 server answers there: %w", transport, err)
}

// stranger says who answers with status 200 and no open packet: a server of
// old, whose packets have their length before them, or something else.
func stranger(body []byte) error {
	if digits := bytes.TrimLeft(body, "0123456789"); len(digits) < len(body) && bytes.HasPrefix(digits, []byte(`:0{`)) {
		return ErrOldServer
	}
	body = body[:min(len(body), maxRefusal)]
	return &HandshakeError{
		Transport: Polling, Status: http.StatusOK, Code: -1,
		Message: strings.TrimSpace(strings.ToValidUTF8(string(body), "\ufffd")),
	}
}

// maxSID bounds a session id: it has to fit into the URL of each request.
const maxSID = 1 << 10

// run is the poll loop. It begins with what came behind the open packet. Done
// waits for it.
func (p polling) run(rest []byte, more bool) {
	c := p.c
	defer c.finish()
	if more && !p.records(rest) {
		return
	}
	p.loop()
}

func (p polling) loop() {
	c := p.c
	for {
		c.mu.Lock()
		if c.upgrading || c.over {
			c.polling = false
			c.pausedLocked()
			c.mu.Unlock()
			return
		}
		sid := c.id
		c.mu.Unlock()
		if !p.poll(sid) {
			return
		}
	}
}

// poll makes one GET and hands up what it brings.
func (p polling) poll(sid string) bool {
	bp := bodies.Get().(*[]byte)
	body, err := p.get(p.c.Context(), sid, (*bp)[:0])
	if err != nil {
		p.c.end(TransportError, err)
		return false
	}
	going := p.records(body)
	if *bp = body; cap(body) <= maxPooledBody {
		bodies.Put(bp)
	}
	return going
}

// records hands up the packets of an answer.
func (p polling) records(body []byte) bool {
	if !utf8.Valid(body) {
		p.c.end(ParseError, errors.New("engine: polling: an answer is not UTF-8"))
		return false
	}
	defer p.c.rest()
	for more := true; more; {
		var record []byte
		record, body, more = eio.NextRecord(body)
		packet, err := eio.ParseText(record)
		if err != nil {
			p.c.end(ParseError, fmt.Errorf("engine: polling: %w", err))
			return false
		}
		if packet.Type == eio.Message && !packet.Binary { // what was Base64 has bytes of its own
			packet.Data = bytes.Clone(packet.Data)
		}
		if !p.c.receive(packet) {
			return false
		}
	}
	return true
}

// get makes a GET and appends the body of its answer to dst.
func (p polling) get(ctx context.Context, sid string, dst []byte) ([]byte, error) {
	res, err := p.do(ctx, http.MethodGet, sid, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if e := res.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, fmt.Errorf("engine: polling: the answer is encoded as %.40q; leave Accept-Encoding out of Config.Header", e)
	}
	body, err := readBody(dst, res.Body, p.c.cfg.MaxPayload)
	if err != nil {
		return nil, fmt.Errorf("engine: polling: GET: %w", plain(err))
	}
	return body, nil
}

// readBody appends all of r to dst, max bytes at most. The memory grows with
// what has arrived: neither Content-Length nor a compressed size is trusted.
func readBody(dst []byte, r io.Reader, max int) ([]byte, error) {
	r = io.LimitReader(r, int64(max)+1)
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case len(dst) > max:
			return nil, fmt.Errorf("the answer is larger than Config.MaxPayload, %d bytes", max)
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return nil, err
		}
	}
}

// do makes a request and returns its answer if that has the status 200.
func (p polling) do(ctx context.Context, method, sid string, body []byte) (*http.Response, error) {
	t := p.c.to
	var r io.Reader
	if body != nil {
		r = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, method, t.url(Polling, sid), r)
	if err != nil {
		return nil, fmt.Errorf("engine: polling: %w", plain(err))
	}
	req.Header = t.header.Clone() // cookies are added to it
	req.Host = t.header.Get("Host")
	if body != nil {
		req.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	res, err := t.hc.Do(req)
	if err != nil {
		return nil, fmt.Errorf("engine: polling: %s: %w", method, plain(err))
	}
	if sid == "" {
		t.moved(res)
	}
	if res.StatusCode != http.StatusOK {
		err := refused(Polling, res)
		_ = res.Body.Close()
		return nil, err
	}
	return res, nil
}

// send makes the POSTs for a batch, each as large as the server takes. A
// packet that is larger goes alone, for the server to decide.
func (p polling) send(b *outbox) error {
	c := p.c
	limit := c.MaxPayload()
	if limit <= 0 {
		limit = maxBody
	}
	var body []byte
	bytes := 0
	flush := func() error {
		err := p.post(body)
		c.sent(b, bytes)
		body, bytes = nil, 0
		return err
	}
	err := b.each(func(it item, data []byte) error {
		packet := it.packet(data)
		if len(body) > 0 && len(body)+eio.RecordSize(false, packet) > limit {
			if err := flush(); err != nil {
				return err
			}
		}
		// The body is not reused: a Transport may read it for longer than Do runs.
		body = eio.AppendRecord(body, len(body) == 0, packet)
		bytes += it.n
		return nil
	})
	if err == nil && len(body) > 0 {
		err = flush()
	}
	return err
}

// post sends one payload.
func (p polling) post(body []byte) error {
	ctx, cancel := p.c.to.soon(p.c.Context())
	defer cancel()
	res, err := p.do(ctx, http.MethodPost, p.c.ID(), body)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	// The connection can be used again once the answer, "ok", was read.
	if _, err := io.CopyN(io.Discard, res.Body, maxRefusal); err != nil && err != io.EOF {
		return fmt.Errorf("engine: polling: POST: %w", plain(err))
	}
	return nil
}
