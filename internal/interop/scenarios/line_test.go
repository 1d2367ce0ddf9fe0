package scenarios

import (
	"net"
	"runtime"
	"sync"
	"testing"
	"time"
)

// line is a TCP proxy in front of a server, for networks that are slow or break.
type line struct {
	l    net.Listener
	addr string // of the server
	all  sync.WaitGroup

	mu     sync.Mutex
	conns  map[net.Conn]bool // to the server: whether it owes an answer
	down   bool              // whatever is tried fails
	silent bool              // what the server says is lost
	delay  time.Duration     // of each read
	rate   int               // bytes per second and direction, 0 for no bound
}

func lineTo(t *testing.T, server *program) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &line{l: l, addr: server.addr, conns: map[net.Conn]bool{}}
	p.all.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.cut()
		p.all.Wait()
	})
	return p
}

func (p *line) url() string { return "http://" + p.l.Addr().String() }

func (p *line) accept() {
	for {
		c, err := p.l.Accept()
		if err != nil {
			return
		}
		s, err := net.Dial("tcp", p.addr)
		p.mu.Lock()
		if err != nil || p.down {
			_ = c.Close()
			if s != nil {
				_ = s.Close()
			}
		} else {
			p.conns[c], p.conns[s] = false, false
			p.all.Go(func() { p.copy(s, c, false) })
			p.all.Go(func() { p.copy(c, s, true) })
		}
		p.mu.Unlock()
	}
}

func (p *line) copy(dst, src net.Conn, fromServer bool) {
	defer func() {
		_ = dst.Close()
		_ = src.Close()
		p.mu.Lock()
		delete(p.conns, dst)
		delete(p.conns, src)
		p.mu.Unlock()
	}()
	buf := make([]byte, 8<<10)
	for {
		n, err := src.Read(buf)
		p.mu.Lock()
		wait := p.delay
		if p.rate > 0 {
			wait += time.Duration(n) * time.Second / time.Duration(p.rate)
		}
		lost := fromServer && p.silent
		p.mu.Unlock()
		if wait > 0 {
			<-time.After(wait)
		}
		if n > 0 && !lost && p.pass(dst, src, buf[:n], fromServer) != nil || err != nil {
			return
		}
	}
}

// pass writes, and notes who is to say something next: before the client has
// the answer, and not before the server has the question.
func (p *line) pass(dst, src net.Conn, b []byte, fromServer bool) error {
	p.mu.Lock()
	if _, open := p.conns[src]; open && fromServer {
		p.conns[src] = false
	}
	if !fromServer {
		defer p.mu.Unlock()
		_, err := dst.Write(b)
		if _, open := p.conns[dst]; open {
			p.conns[dst] = true
		}
		return err
	}
	p.mu.Unlock()
	_, err := dst.Write(b)
	return err
}

// asked waits until the server owes an answer: a client that polls, polls. A
// server cannot notice the loss of a connection that there is not.
func (p *line) asked(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; runtime.Gosched() {
		p.mu.Lock()
		for _, owes := range p.conns {
			if owes {
				p.mu.Unlock()
				return
			}
		}
		p.mu.Unlock()
		if time.Now().After(deadline) {
			t.Fatal("the client asks for nothing")
		}
	}
}

// cut ends every connection, and lets none through until mend.
func (p *line) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = true
	for c := range p.conns {
		_ = c.Close()
	}
}

// swallow loses what the server says from now on.
func (p *line) swallow() { p.set(func() { p.silent = true }) }

func (p *line) mend() { p.set(func() { p.down, p.silent = false, false }) }

// slow makes the network one of a delay and a number of bytes per second.
func (p *line) slow(delay time.Duration, rate int) { p.set(func() { p.delay, p.rate = delay, rate }) }

func (p *line) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}
