package engine_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/wsock"
)

// peer is a WebSocket client that does exactly what it is told: it answers
// nothing by itself.
type peer struct {
	t     testing.TB
	conn  *wsock.Conn
	got   chan string // "4hello" for a text frame, "binary:…", "pong:…"
	ended chan error
	open  handshake
	hold  func(wsock.Opcode) // runs before a message is recorded

	mu sync.Mutex // one writer at a time
}

func (p *peer) Message(op wsock.Opcode, data []byte) error {
	if p.hold != nil {
		p.hold(op)
	}
	if op == wsock.Binary {
		p.got <- "binary:" + string(data)
	} else {
		p.got <- string(data)
	}
	return nil
}

func (p *peer) Control(op wsock.Opcode, data []byte) error {
	if op == wsock.Pong {
		p.got <- "pong:" + string(data)
	}
	return nil
}

func (p *peer) Drained() {}

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

// dial opens a WebSocket; query is what stands behind the path.
func (g *rig) dial(query string, pairs ...string) *peer {
	g.t.Helper()
	p, err := dial(g.t, g.hc, g.url+query, header(pairs...))
	if err != nil {
		g.t.Fatal(err)
	}
	g.mu.Lock()
	g.peers = append(g.peers, p)
	g.mu.Unlock()
	return p
}

// hangAll closes the client's half of all WebSockets that dial made.
func (g *rig) hangAll() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, p := range g.peers {
		p.hang()
	}
	g.peers = nil
}

func dial(t testing.TB, hc *http.Client, url string, h http.Header) (*peer, error) {
	return dialHolding(t, hc, url, h, nil)
}

func dialHolding(t testing.TB, hc *http.Client, url string, h http.Header, hold func(wsock.Opcode)) (*peer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience())
	defer cancel()
	conn, _, err := wsock.Dial(ctx, strings.Replace(url, "http", "ws", 1), h, hc, wsock.Options{MaxMessage: 64 << 20})
	if err != nil {
		return nil, err
	}
	p := &peer{t: t, conn: conn, got: make(chan string, 1<<17), ended: make(chan error, 1), hold: hold}
	go func() { p.ended <- conn.Serve(p) }()
	t.Cleanup(func() { _ = conn.CloseNow() })
	return p, nil
}

// connect opens a WebSocket session and returns both ends.
func (g *rig) connect(pairs ...string) (*peer, *talk) {
	g.t.Helper()
	p := g.dial("?EIO=4&transport=websocket", pairs...)
	p.open = parseOpen(g.t, p.next())
	return p, g.app.find(p.open.SID)
}

// candidate opens a WebSocket for a polling session.
func (g *rig) candidate(sid string) *peer {
	g.t.Helper()
	return g.dial("?EIO=4&transport=websocket&sid=" + sid)
}

func (p *peer) write(frame []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.conn.SetWriteDeadline(time.Now().Add(patience()))
	_, err := p.conn.Write(frame)
	return err
}

// say sends a text frame. The server may have closed already: what follows
// tells whether the frame counted.
func (p *peer) say(text string) { _ = p.write(wsock.AppendMaskedFrame(nil, wsock.Text, []byte(text))) }

func (p *peer) sayBinary(data string) {
	_ = p.write(wsock.AppendMaskedFrame(nil, wsock.Binary, []byte(data)))
}

func (p *peer) sayClose(code int) { _ = p.write(wsock.AppendMaskedClose(nil, code, "")) }

func (p *peer) next() string {
	p.t.Helper()
	select {
	case s := <-p.got:
		return s
	case err := <-p.ended:
		p.ended <- err
		select {
		case s := <-p.got:
			return s
		default:
		}
		p.t.Fatalf("WebSocket ended: %v", err)
	case <-time.After(patience()):
		p.t.Fatal("WebSocket is silent")
	}
	return ""
}

func (p *peer) want(packets ...string) {
	p.t.Helper()
	for _, want := range packets {
		if got := p.next(); got != want {
			p.t.Fatalf("WebSocket got %.80q, want %.80q", got, want)
		}
	}
}

// wantClose waits for the server's close frame and its code, 1005 for none.
func (p *peer) wantClose(code int) {
	p.t.Helper()
	err := p.end()
	ce, ok := errors.AsType[*wsock.CloseError](err)
	if !ok || ce.Code != code {
		p.t.Fatalf("WebSocket ended with %v, want close code %d", err, code)
	}
}

// wantQuiet checks that nothing was received that nobody asked for.
func (p *peer) wantQuiet() {
	p.t.Helper()
	select {
	case s := <-p.got:
		p.t.Fatalf("WebSocket got %.80q, want nothing", s)
	default:
	}
}

func (p *peer) end() error {
	p.t.Helper()
	select {
	case err := <-p.ended:
		p.ended <- err
		return err
	case <-time.After(patience()):
		p.t.Fatal("WebSocket was not closed")
		return nil
	}
}

// hang closes without a word.
func (p *peer) hang() { _ = p.conn.CloseNow() }

// refused dials and expects to be refused with the given status and body.
func (g *rig) refused(query string, status int, body string, pairs ...string) {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience())
	defer cancel()
	conn, res, err := wsock.Dial(ctx, g.url+query, header(pairs...), g.hc, wsock.Options{})
	if err == nil {
		_ = conn.CloseNow()
		g.t.Fatalf("WebSocket %s was accepted, want %d", query, status)
	}
	if res == nil {
		g.t.Fatalf("WebSocket %s: no answer: %v", query, err)
	}
	b := make([]byte, 1<<10)
	n, _ := res.Body.Read(b)
	reply{res.StatusCode, string(b[:n]), res.Header}.want(g.t, status, body)
	if got := res.Header.Get("Content-Type"); status == http.StatusBadRequest && got != "text/html" {
		g.t.Errorf("content type of the refusal is %q, want text/html", got)
	}
	if !res.Close && !strings.EqualFold(res.Header.Get("Connection"), "close") {
		g.t.Error("the refusal does not close the connection")
	}
}

// upgrade takes a polling session to WebSocket by the book.
func (g *rig) upgrade(p *poller) *peer {
	g.t.Helper()
	get := p.park()
	c := g.candidate(p.open.SID)
	c.say("2probe")
	c.want("3probe")
	if r := get.wait(); r.status != http.StatusOK || r.body != "6" {
		g.t.Fatalf("the waiting GET was answered %v, want a noop", r)
	}
	c.say("5")
	return c
}

// text makes a text message.
func text(s string) *engine.Message { return engine.NewText([]byte(s)) }

// binary makes a binary message.
func binary(s string) *engine.Message { return engine.NewBinary([]byte(s)) }
