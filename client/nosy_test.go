package client

import (
	"testing"
	"time"

	"github.com/go-socketio/socketio/packet"
)

// nosy is a parser that asks a socket something whenever it is called.
type nosy struct {
	packet.Standard
	s     *Socket
	calls int
}

func (n *nosy) ask() {
	if n.s != nil {
		n.calls++
		_, _, _ = n.s.Connected(), n.s.ID(), n.s.Manager().Transport()
	}
}

func (n *nosy) Encode(dst []byte, p *packet.Packet) ([]byte, [][]byte, error) {
	n.ask()
	return n.Standard.Encode(dst, p)
}

func (n *nosy) NewDecoder(lim packet.Limits) packet.Decoder {
	n.ask()
	return nosyDecoder{n, n.Standard.NewDecoder(lim)}
}

type nosyDecoder struct {
	n *nosy
	packet.Decoder
}

func (d nosyDecoder) Add(data []byte, binary bool) (*packet.Packet, error) {
	d.n.ask()
	p, err := d.Decoder.Add(data, binary)
	if p != nil {
		for i, a := range p.Args {
			if arg, ok := a.(packet.Argument); ok {
				p.Args[i] = nosyArgument{d.n, arg}
			}
		}
	}
	return p, err
}

type nosyArgument struct {
	n *nosy
	packet.Argument
}

func (a nosyArgument) Decode(dst any) error {
	a.n.ask()
	return a.Argument.Decode(dst)
}

// A parser is the application's code: no lock of its socket is held over it, so
// that one which asks its socket something does not wait for itself for ever.
func TestParserIsForeignCode(t *testing.T) {
	parser := &nosy{}
	play(t, Config{Parser: parser, RandomizationFactor: -1}, func(t *testing.T, p *script) {
		s := p.m.Socket("/", Retries(1), AckTimeout(time.Second))
		parser.s = s
		s.Start() // CONNECT
		l := p.line()
		l.expect(t, "0")
		l.say(`0{"sid":"x","pid":"p"}`)
		if err := s.Emit("again"); err != nil {
			t.Error(err)
		}
		l.expect(t, `20["again"]`)
		after(time.Second + 1)
		l.expect(t, `21["again"]`) // a try
		l.say(`31[]`, `2["x","offset"]`)
		l.end(TransportError, nil)
		after(5 * time.Second)
		l = p.line()
		l.expect(t, `0{"offset":"offset","pid":"p"}`) // CONNECT with what came before
		l.say(`0{"sid":"z"}`)
		s.Disconnect() // DISCONNECT
		l.expect(t, "1")
	})
	if parser.calls < 12 {
		t.Errorf("the parser asked %d times only", parser.calls)
	}
}
