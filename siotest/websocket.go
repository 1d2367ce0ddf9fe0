package siotest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/eio"
	"github.com/go-socketio/socketio/internal/wsock"
)

// websocket is a link by WebSocket.
type websocket struct {
	c     *Conn
	conn  *wsock.Conn
	turn  turn                   // to write
	tasks sync.WaitGroup         // heartbeats that wait for their turn
	first chan error             // the outcome of the first packet
	step  func(eio.Packet) error // takes the first packet: open, or the answer to a probe
	err   error                  // why it ended; read after done
	done  chan struct{}
}

func (c *Conn) dialWebSocket(sid string, opt Options, step func(eio.Packet) error) (*websocket, error) {
	ctx, cancel := context.WithDeadline(context.Background(), c.ts.deadline())
	defer cancel()
	conn, res, err := wsock.Dial(ctx, c.address(engine.WebSocket, sid, opt.Query), opt.Header, c.ts.HTTPClient,
		wsock.Options{MaxMessage: 1 << 30})
	if err != nil {
		if res != nil {
			return nil, refused(res)
		}
		return nil, err
	}
	w := &websocket{c: c, conn: conn, step: step, turn: newTurn(), first: make(chan error, 1), done: make(chan struct{})}
	return w, nil
}

func (c *Conn) openWebSocket(opt Options) error {
	w, err := c.dialWebSocket("", opt, c.opened)
	if err != nil {
		return err
	}
	c.link = w // before the reader starts: its end is the end of the Conn
	return w.start(nil)
}

// start writes what the WebSocket begins with, and waits for the first packet.
// After an error nothing of the WebSocket is left.
func (w *websocket) start(hello []byte) error {
	go w.read() // Conn's cleanup waits for it
	err := w.greet(hello)
	if err != nil {
		w.cut()
		w.wait()
	}
	return err
}

func (w *websocket) greet(hello []byte) error {
	if hello != nil {
		if err := w.frame(wsock.Text, hello); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithDeadline(context.Background(), w.c.ts.deadline())
	defer cancel()
	select {
	case err := <-w.first:
		return err
	case <-w.done:
		select {
		case err := <-w.first: // then the end came right behind it
			return err
		default:
			return fmt.Errorf("the server closed the WebSocket before its first packet: %w", w.err)
		}
	case <-ctx.Done():
		return errors.New("the WebSocket stays silent")
	}
}

func (w *websocket) read() {
	defer close(w.done)
	err := w.conn.Serve(w)
	if ce, ok := errors.AsType[*wsock.CloseError](err); ok {
		// A Write that holds the turn ends by this: the server reads no more.
		_ = w.conn.SetWriteDeadline(time.Now().Add(time.Second))
		w.turn.take()
		_, _ = w.conn.Write(wsock.AppendMaskedClose(nil, 0, "")) // the server may be gone already
		w.turn.give()
		err = fmt.Errorf("the server closed the WebSocket: %w", ce)
	}
	_ = w.conn.CloseNow()
	w.err = err
	w.c.mu.Lock()
	mine := w.c.link == w
	w.c.mu.Unlock()
	if mine {
		w.c.end(err)
	}
}

func (w *websocket) Message(op wsock.Opcode, data []byte) error {
	w.c.gate()
	p := eio.Packet{Type: eio.Message, Binary: true, Data: data}
	if op == wsock.Text {
		var err error
		if p, err = eio.ParseText(data); err != nil {
			return err
		}
	}
	if w.step != nil {
		step := w.step
		w.step = nil
		err := step(p)
		w.first <- err
		return err
	}
	w.c.receive(p)
	return nil
}

func (w *websocket) Control(op wsock.Opcode, data []byte) error {
	if op == wsock.Ping {
		return w.frame(wsock.Pong, data)
	}
	return nil
}

func (w *websocket) Drained() {}

func (w *websocket) frame(op wsock.Opcode, data []byte) error {
	w.turn.take()
	defer w.turn.give()
	return w.frameInTurn(op, data)
}

// frameInTurn is frame for a caller that has the turn.
func (w *websocket) frameInTurn(op wsock.Opcode, data []byte) error {
	_ = w.conn.SetWriteDeadline(w.c.ts.deadline())
	_, err := w.conn.Write(wsock.AppendMaskedFrame(nil, op, data))
	return err
}

func (w *websocket) write(msgs []Message) error {
	var out []byte
	for _, m := range msgs {
		op := wsock.Text
		if m.Binary {
			op = wsock.Binary
		}
		out = wsock.AppendMaskedFrame(out, op, m.Data)
	}
	w.turn.take()
	defer w.turn.give()
	_ = w.conn.SetWriteDeadline(w.c.ts.deadline())
	_, err := w.conn.Write(out)
	return err
}

// control writes on a goroutine of its own, so that reading goes on while the
// server reads nothing; wait waits for it.
func (w *websocket) control(t eio.PacketType) {
	w.tasks.Go(func() {
		_ = w.frame(wsock.Text, []byte{byte(t)}) // a connection that is over tells by itself
	})
}

func (w *websocket) later(task func()) { w.tasks.Go(task) }

func (w *websocket) goodbye() {
	w.turn.take()
	_ = w.conn.SetWriteDeadline(w.c.ts.deadline())
	_, _ = w.conn.Write(wsock.AppendMaskedClose(nil, 0, ""))
	w.turn.give()
}

func (w *websocket) cut() { _ = w.conn.CloseNow() }

func (w *websocket) wait() {
	<-w.done
	w.tasks.Wait()
}

// turn is a lock. Unlike a sync.Mutex it lets time pass in a synctest bubble
// while somebody waits for it.
type turn chan struct{}

func newTurn() turn  { return make(turn, 1) }
func (t turn) take() { t <- struct{}{} }
func (t turn) give() { <-t }
