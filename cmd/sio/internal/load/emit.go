package load

import (
	"errors"
	"strconv"
	"strings"

	"github.com/go-socketio/socketio/client/engine"
)

// emits is the traffic of the scenario emit: an event of the user's own. What
// waits for an acknowledgement is kept like an echo.
type emits struct {
	echoes
	heads  []string // of each namespace
	varies bool     // the arguments differ from message to message
}

func newEmit(r *run) traffic {
	t := &emits{echoes: echoes{run: r}, varies: strings.Contains(r.cfg.Emit, "{{")}
	for _, ns := range r.cfg.Namespaces {
		head := "2"
		if ns != "/" {
			head += ns + ","
		}
		t.heads = append(t.heads, head)
	}
	for _, c := range r.clients {
		c.echo = &echo{sent: make([]int64, 4)}
	}
	return t
}

func (t *emits) begin() {
	for _, c := range t.run.clients {
		for range t.run.cfg.Window {
			t.emit(c, now())
		}
	}
}

func (t *emits) send(k, at int64) { t.emit(t.run.clients[k%int64(len(t.run.clients))], at) }

func (t *emits) emit(c *client, at int64) {
	if c.stage.Load() != here {
		return
	}
	text := t.run.cfg.Emit
	if t.varies {
		text = fill(text, c.n)
	}
	bp := scratch.Get().(*[]byte)
	defer scratch.Put(bp)
	b := append((*bp)[:0], t.heads[c.ns]...)
	c.echo.mu.Lock() // see echoes.top
	defer c.echo.mu.Unlock()
	if !t.run.sending.Load() {
		return
	}
	if t.run.cfg.Ack {
		b = strconv.AppendUint(b, uint64(c.echo.takeLocked(c, at)), 10)
	}
	b = append(b, text...)
	*bp = b
	c.shard.sent.Add(1)
	err := c.conn.Send(engine.Text, b)
	if err != nil && !errors.Is(err, engine.ErrClosed) {
		t.run.errors.add("not sent", err)
	}
}

func (t *emits) receive(c *client, kind engine.Kind, data []byte) {
	p, ok := parse(data)
	if kind == engine.Binary || !ok || p.kind != '3' && p.kind != '6' {
		c.odd(kind, data)
		return
	}
	if p.id < 0 || p.id > int64(^uint32(0)) {
		c.shard.wrong.Add(1)
		return
	}
	if at := now(); t.returned(c, uint32(p.id), at) && t.run.cfg.Window > 0 {
		t.emit(c, at)
	}
}

func (t *emits) sweep(before int64) {
	for _, c := range t.run.clients {
		n := c.echo.giveUp(before)
		c.shard.lost.Add(int64(n))
		for range n {
			if t.run.cfg.Window > 0 && t.run.sending.Load() {
				t.emit(c, now())
			}
		}
	}
}

// listen is the traffic of clients that send nothing.
type listen struct{ run *run }

func newListen(r *run) traffic { return &listen{run: r} }

func (t *listen) prepare(<-chan struct{}) error { return nil }
func (t *listen) begin()                        {}
func (t *listen) send(int64, int64)             {}
func (t *listen) sweep(int64)                   {}
func (t *listen) waiting() int                  { return 0 }
func (t *listen) gone(*client)                  {}

func (t *listen) receive(c *client, kind engine.Kind, data []byte) {
	p, ok := parse(data)
	if kind == engine.Text && ok && (p.kind == '2' || p.kind == '5') {
		c.shard.received.Add(1)
		return
	}
	c.odd(kind, data)
}
