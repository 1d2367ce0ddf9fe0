package engine_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/eio"
)

// streamPeer is a client over a Stream in memory that does exactly what it is told.
type streamPeer struct {
	t      testing.TB
	near   net.Conn
	got    chan string // "4hello" for text, "binary:…"
	ended  chan struct{}
	served chan struct{} // closed when ServeStream has returned
	answer *httptest.ResponseRecorder
	open   handshake

	mu sync.Mutex // one writer at a time
}

// stream asks for a session; query is what stands behind the path. An answer
// other than 200 refuses it, and there is no stream then.
func (g *rig) stream(query string, pairs ...string) *streamPeer {
	g.t.Helper()
	r := httptest.NewRequest(http.MethodConnect, "https://memory/", nil)
	r.URL.Path, r.URL.RawQuery, r.RequestURI, r.Host = "/engine.io/", query, "/engine.io/?"+query, "memory"
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Header.Add(pairs[i], pairs[i+1])
	}
	return g.streamFor(r)
}

func (g *rig) streamFor(r *http.Request) *streamPeer {
	g.t.Helper()
	near, far := net.Pipe()
	p := &streamPeer{
		t: g.t, near: near, answer: httptest.NewRecorder(),
		got: make(chan string, 1<<12), ended: make(chan struct{}), served: make(chan struct{}),
	}
	accepted := make(chan struct{})
	go func() {
		defer close(p.served)
		g.srv.ServeStream(p.answer, r, func(context.Context) (engine.Stream, error) {
			p.answer.WriteHeader(http.StatusOK)
			close(accepted)
			return far, nil
		})
	}()
	g.t.Cleanup(p.hang)
	select {
	case <-accepted:
		go p.read()
	case <-p.served:
		close(p.ended)
	}
	return p
}

func (p *streamPeer) read() {
	defer close(p.ended)
	d := eio.Deframer{Max: 64 << 20}
	buf := make([]byte, 1000)
	for {
		n, err := p.near.Read(buf)
		src := buf[:n]
		for {
			data, isBinary, rest, bad := d.Next(src)
			if bad != nil {
				p.t.Errorf("the server sent what is no frame: %v", bad)
				return
			}
			if data == nil {
				break
			}
			if isBinary {
				p.got <- "binary:" + string(data)
			} else {
				p.got <- string(data)
			}
			src = rest
		}
		if err != nil {
			return
		}
	}
}

// hang ends without a word.
func (p *streamPeer) hang() { _ = p.near.Close() }

// write sends bytes as they are. The server may have closed already.
func (p *streamPeer) write(b string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.near.SetWriteDeadline(time.Now().Add(patience()))
	_, _ = p.near.Write([]byte(b))
}

// say sends text frames.
func (p *streamPeer) say(texts ...string) {
	for _, s := range texts {
		p.write(string(eio.AppendFrameHeader(nil, len(s), false)) + s)
	}
}

func (p *streamPeer) sayBinary(s string) {
	p.write(string(eio.AppendFrameHeader(nil, len(s), true)) + s)
}

func (p *streamPeer) next() string {
	p.t.Helper()
	select {
	case s := <-p.got:
		return s
	case <-p.ended:
		select {
		case s := <-p.got:
			return s
		default:
		}
		p.t.Fatal("stream ended")
	case <-time.After(patience()):
		p.t.Fatal("stream is silent")
	}
	return ""
}

func (p *streamPeer) want(packets ...string) {
	p.t.Helper()
	for _, want := range packets {
		if got := p.next(); got != want {
			p.t.Fatalf("stream got %.80q, want %.80q", got, want)
		}
	}
}

// wantEnd waits until the server has closed the stream and left it, having said nothing more.
func (p *streamPeer) wantEnd() {
	p.t.Helper()
	for _, c := range []chan struct{}{p.ended, p.served} {
		select {
		case <-c:
		case <-time.After(patience()):
			p.t.Fatal("stream was not closed")
		}
	}
	select {
	case s := <-p.got:
		p.t.Fatalf("stream got %.80q, want nothing", s)
	default:
	}
}

// connectStream opens a session over a stream and returns both ends.
func (g *rig) connectStream() (*streamPeer, *talk) {
	g.t.Helper()
	p := g.stream("EIO=4&transport=webtransport")
	p.say("0")
	p.open = parseOpen(g.t, p.next())
	return p, g.app.find(p.open.SID)
}

// streamCandidate opens a stream for a polling session.
func (g *rig) streamCandidate(sid string) *streamPeer {
	g.t.Helper()
	p := g.stream("EIO=4&transport=webtransport&sid=" + sid)
	p.say(`0{"sid":"` + sid + `"}`)
	return p
}

// withStreams offers all transports.
func withStreams(cfg engine.Config) engine.Config {
	cfg.Transports = []string{engine.Polling, engine.WebSocket, engine.WebTransport}
	return cfg
}
