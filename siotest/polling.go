package siotest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/eio"
	"github.com/go-socketio/socketio/internal/wsock"
)

// polling is a link by HTTP requests.
type polling struct {
	c      *Conn
	ctx    context.Context
	cancel context.CancelFunc
	post   turn // one POST at a time: overlapping ones end the session
	tasks  sync.WaitGroup

	leaving chan struct{} // closed when polling shall end for an upgrade
	left    chan struct{} // closed when the last GET has returned
}

// refused describes an answer that is no success.
func refused(res *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(res.Body, 1<<10))
	_ = res.Body.Close()
	return &RefusedError{Status: res.StatusCode, Body: string(body)}
}

// RefusedError is an HTTP answer other than success.
type RefusedError struct {
	Status int
	Body   string // its first KiB
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the server answered %d %s", e.Status, e.Body)
}

func (c *Conn) openPolling(opt Options) error {
	ctx, cancel := context.WithCancel(context.Background())
	p := &polling{c: c, ctx: ctx, cancel: cancel, post: newTurn(), leaving: make(chan struct{}), left: make(chan struct{})}
	body, err := p.request(http.MethodGet, "", opt, nil)
	if err != nil {
		cancel()
		return err
	}
	first, rest, more := eio.NextRecord(body)
	open, err := eio.ParseText(first)
	if err == nil {
		err = c.opened(open)
	}
	if err != nil {
		cancel()
		return err
	}
	c.link = p
	if more {
		if err := p.payload(rest); err != nil {
			cancel()
			close(p.left)
			p.wait() // says goodbye to the session that is open already
			return err
		}
	}
	go p.poll() // Conn's cleanup waits for it
	return nil
}

func (p *polling) request(method, sid string, opt Options, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(p.ctx, method, p.c.address(engine.Polling, sid, opt.Query), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if opt.Header != nil {
		req.Header = opt.Header.Clone()
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "text/plain;charset=UTF-8")
	}
	res, err := p.c.ts.HTTPClient.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, refused(res)
	}
	defer func() { _ = res.Body.Close() }()
	return io.ReadAll(res.Body)
}

// poll keeps a GET open.
func (p *polling) poll() {
	defer close(p.left)
	for {
		p.c.gate()
		if !p.c.Open() {
			return
		}
		body, err := p.request(http.MethodGet, p.c.SID, Options{}, nil)
		if err == nil {
			err = p.payload(body)
		}
		if err != nil {
			p.c.end(err)
			return
		}
		select {
		case <-p.leaving:
			return
		default:
		}
	}
}

// payload takes the records of an answer.
func (p *polling) payload(body []byte) error {
	for more := true; more; {
		var record []byte
		record, body, more = eio.NextRecord(body)
		pk, err := eio.ParseText(record)
		if err != nil {
			return err
		}
		if !p.c.receive(pk) {
			return errors.New("closed")
		}
	}
	return nil
}

func (p *polling) write(msgs []Message) error {
	var body []byte
	for i, m := range msgs {
		if i > 0 {
			body = append(body, eio.Separator)
		}
		if m.Binary {
			body = eio.AppendText(body, eio.Packet{Type: eio.Message, Binary: true, Data: m.Data})
		} else {
			body = append(body, m.Data...)
		}
	}
	p.post.take()
	defer p.post.give()
	p.c.mu.Lock()
	l := p.c.link
	p.c.mu.Unlock()
	if l != link(p) { // upgraded while this write waited for its turn
		return l.write(msgs)
	}
	_, err := p.request(http.MethodPost, p.c.SID, Options{}, body)
	return err
}

// control posts on a goroutine of its own, so that polling goes on while a POST
// is held up; wait waits for it.
func (p *polling) control(t eio.PacketType) {
	p.tasks.Go(func() {
		if err := p.write([]Message{{Data: []byte{byte(t)}}}); err != nil {
			p.c.end(err)
		}
	})
}

func (p *polling) later(task func()) { p.tasks.Go(task) }

func (p *polling) goodbye() { _ = p.write([]Message{{Data: []byte{byte(eio.Close)}}}) }
func (p *polling) cut()     { p.cancel() }

// wait also says goodbye for a client that was cut: a server that goes down at
// this very moment would otherwise wait for its next request.
func (p *polling) wait() {
	<-p.left
	p.tasks.Wait()
	var stop context.CancelFunc
	p.ctx, stop = context.WithDeadline(context.Background(), p.c.ts.deadline())
	defer stop()
	_, _ = p.request(http.MethodPost, p.c.SID, Options{}, []byte{byte(eio.Close)})
	_, _ = p.request(http.MethodGet, p.c.SID, Options{}, nil) // which a server may wait for a moment
}

// Upgrade changes a polling connection over to WebSocket, as clients do: probe,
// let the last GET return, take over. It fails the test if the server does not
// play along.
func (c *Conn) Upgrade() {
	c.t.Helper()
	c.mu.Lock()
	p, ok := c.link.(*polling)
	paused := c.paused
	c.mu.Unlock()
	if !ok {
		c.t.Fatal("siotest: Upgrade: the connection is not polling")
	}
	if paused {
		c.t.Fatal("siotest: Upgrade: the connection is paused, so its last GET would never be read")
	}
	w, err := c.dialWebSocket(c.SID, Options{}, func(pk eio.Packet) error {
		if pk.Type != eio.Pong || string(pk.Data) != "probe" {
			return fmt.Errorf("the answer to the probe is %s %q", pk.Type, pk.Data)
		}
		return nil
	})
	if err == nil {
		err = w.start([]byte("2probe"))
	}
	if err != nil {
		c.t.Fatalf("siotest: Upgrade: %v", err)
	}
	close(p.leaving)
	<-p.left
	p.tasks.Wait()
	p.post.take() // a POST under way ends first, and the next goes to the WebSocket
	defer p.post.give()
	// Whoever writes to the WebSocket from here on stands behind the packet that
	// takes over: before it, the server takes nothing else.
	w.turn.take()
	c.mu.Lock()
	c.link = w
	c.changedLocked()
	c.mu.Unlock()
	err = w.frameInTurn(wsock.Text, []byte{byte(eio.Upgrade)})
	w.turn.give()
	if err != nil {
		c.t.Fatalf("siotest: Upgrade: %v", err)
	}
	p.cancel()
}
