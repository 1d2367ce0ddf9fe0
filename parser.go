package socketio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"unicode/utf8"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/packet"
)

// The server speaks the default protocol by calling package packet directly.
// What is here lets it speak any other, through Config.Parser.

// arguments are those of an event or an ack, not decoded yet. Only one of json and
// other is in use.
type arguments struct {
	json   packet.Args    // of the default parser
	binary *partial       // has its attachments; nil if there are none
	other  *packet.Packet // of any other parser
}

func (a *arguments) attachments() [][]byte {
	if a.binary == nil {
		return nil
	}
	return a.binary.attachments
}

func (a *arguments) len() int {
	if a.other != nil {
		return len(a.other.Args)
	}
	return a.json.Len()
}

func (a *arguments) decode(c *packet.Codec, event string, dst []any) error {
	if a.other != nil {
		return a.other.Decode(dst...)
	}
	return c.DecodeArgs(event, a.json, a.attachments(), dst...)
}

func (a *arguments) decodeOne(c *packet.Codec, event string, i int, dst any) error {
	if a.other != nil {
		return a.other.DecodeArg(i, dst)
	}
	return c.DecodeArg(event, a.json, a.attachments(), i, dst)
}

func (a *arguments) values() []any {
	if a.other != nil {
		return slices.Clone(a.other.Args)
	}
	return a.json.Values(a.attachments())
}

// appendEvent encodes an event. It and the like return one text, or none if the
// parser goes without, and the binary messages behind it.
func (srv *Server) appendEvent(dst []byte, nsp string, id uint64, hasID bool, event string, args []any) ([]byte, [][]byte, error) {
	if srv.cfg.Parser == nil {
		return srv.codec.AppendEvent(dst, nsp, id, hasID, event, args)
	}
	if packet.IsReserved(event) {
		return dst, nil, fmt.Errorf("socketio: event %q: %w", event, ErrReservedEvent)
	}
	return srv.translate(dst, &packet.Packet{
		Type: packet.Event, Namespace: nsp, ID: id, HasID: hasID, Name: event, Args: packet.Expand(args),
	})
}

func (srv *Server) appendAck(dst []byte, nsp string, id uint64, args []any) ([]byte, [][]byte, error) {
	if srv.cfg.Parser == nil {
		return srv.codec.AppendAck(dst, nsp, id, args)
	}
	return srv.translate(dst, &packet.Packet{
		Type: packet.Ack, Namespace: nsp, ID: id, HasID: true, Args: packet.Expand(args),
	})
}

// connectMessages tell a client that it is in. pid is empty without recovery.
func (srv *Server) connectMessages(nsp, sid, pid string) ([]*engine.Message, error) {
	if srv.cfg.Parser != nil {
		data := map[string]any{"sid": sid}
		if pid != "" {
			data["pid"] = pid
		}
		return srv.messages(&packet.Packet{Type: packet.Connect, Namespace: nsp, Data: data})
	}
	payload := append(append([]byte(`{"sid":"`), sid...), `"}`...)
	if pid != "" {
		payload = append(append(append(payload[:len(payload)-1], `,"pid":"`...), pid...), `"}`...)
	}
	return []*engine.Message{engine.NewText(packet.AppendConnect(nil, nsp, payload))}, nil
}

// disconnectMessages tell a client that it is out.
func (srv *Server) disconnectMessages(nsp string) []*engine.Message {
	if srv.cfg.Parser != nil {
		msgs, err := srv.messages(&packet.Packet{Type: packet.Disconnect, Namespace: nsp})
		if err != nil {
			srv.cfg.Logger.Error("socketio: Config.Parser cannot encode a DISCONNECT", "namespace", nsp, "error", err)
		}
		return msgs
	}
	return []*engine.Message{engine.NewText(packet.AppendDisconnect(nil, nsp))}
}

// refusalMessages tell a client that it is not let in. The data may have
// a MarshalJSON of the application's, whose panic must not leave the client
// without an answer.
func (srv *Server) refusalMessages(nsp string, e *Error) (msgs []*engine.Message, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = errPanic{v}
		}
	}()
	if srv.cfg.Parser != nil {
		data := map[string]any{"message": e.Message}
		if e.Data != nil {
			data["data"] = e.Data
		}
		return srv.messages(&packet.Packet{Type: packet.ConnectError, Namespace: nsp, Data: data})
	}
	text, err := srv.codec.AppendConnectError(nil, nsp, e.Message, e.Data)
	return []*engine.Message{engine.NewText(text)}, err
}

func (srv *Server) messages(p *packet.Packet) ([]*engine.Message, error) {
	f, err := encode(func(dst []byte) ([]byte, [][]byte, error) { return srv.translate(dst, p) })
	if err != nil {
		return nil, err
	}
	return f.messages, nil
}

var (
	errNoMessage = errors.New("socketio: Config.Parser made no message of a packet")
	errBadText   = errors.New("socketio: Config.Parser made a text that is not UTF-8, or holds U+001E")
)

// translate encodes a packet with Config.Parser. The text is memory of the caller's,
// as that of the default parser is.
func (srv *Server) translate(dst []byte, p *packet.Packet) (text []byte, binary [][]byte, err error) {
	text, binary, err = srv.cfg.Parser.Encode(dst, p)
	switch {
	case err != nil:
		return dst, nil, err
	case len(text) == 0 && len(binary) == 0:
		return dst, nil, errNoMessage
	case !utf8.Valid(text) || bytes.IndexByte(text, 0x1e) >= 0: // would end the connection of every receiver
		return dst, nil, errBadText
	}
	return owned(dst, text), binary, nil
}

// owned returns a text that the caller may write over later: itself if it lies in dst.
// Any other may be the Parser's own, or the application's, whose bytes it may be.
func owned(dst, text []byte) []byte {
	switch {
	case len(text) == 0:
		return dst // in which the binary messages may lie
	case cap(dst) > 0 && &text[0] == &dst[:1][0]:
		return text
	}
	return bytes.Clone(text)
}

// reread decodes a packet that Config.Parser has encoded. Its arguments can be
// encoded again without asking the application's types a second time.
func (srv *Server) reread(text []byte, binary [][]byte) (p *packet.Packet, err error) {
	d := srv.cfg.Parser.NewDecoder(srv.limits)
	if len(text) > 0 {
		p, err = d.Add(bytes.Clone(text), false)
	}
	for _, b := range binary {
		if err == nil && p == nil {
			p, err = d.Add(bytes.Clone(b), true)
		}
	}
	if err == nil && p == nil {
		err = errors.New("the packet is not complete")
	}
	if err != nil {
		return nil, fmt.Errorf("socketio: Config.Parser cannot decode what it has encoded: %w", err)
	}
	return p, nil
}

// translated is a conn with a parser other than the default one. Being a type of its own, it
// costs those with the default parser nothing.
type translated struct {
	*conn
	decoder packet.Decoder
	pending int // bytes of a packet that is not complete
}

// Message is [conn.Message] for any parser.
func (c *translated) Message(kind engine.Kind, data []byte) {
	c.pending += len(data)
	if c.pending > c.srv.cfg.MaxPacket {
		c.violation(fmt.Errorf("a packet is larger than MaxPacket, %d bytes", c.srv.cfg.MaxPacket))
		return
	}
	first := c.pending == len(data)
	p, err := c.add(data, kind == engine.Binary)
	switch {
	case err != nil:
		c.violation(err)
	case p == nil:
		if first {
			c.awaitAttachments()
		}
	default:
		size := c.pending
		c.pending = 0
		if !first {
			c.attachmentsComplete()
		}
		c.dispatch(p, size)
	}
}

// add runs the application's decoder. A panic of it ends this connection, no more.
func (c *translated) add(data []byte, binary bool) (p *packet.Packet, err error) {
	defer func() {
		if v := recover(); v != nil {
			c.srv.cfg.Logger.Error("socketio: panic", "where", "Config.Parser", "panic", v, "stack", string(debug.Stack()))
			p, err = nil, errPanic{v}
		}
	}()
	if p, err = c.decoder.Add(data, binary); p != nil && err == nil {
		err = p.Check(c.srv.limits)
	}
	return p, err
}

// dispatch acts on one packet.
func (c *translated) dispatch(p *packet.Packet, size int) {
	h := packet.Header{Type: p.Type, HasID: p.HasID, ID: p.ID, Name: []byte(p.Name)}
	if p.Namespace != "/" {
		h.Namespace = []byte(p.Namespace)
	}
	if arg, ok := p.Data.(packet.Argument); ok && p.Type == packet.Connect {
		var auth json.RawMessage
		if err := c.authText(arg, &auth); err != nil {
			c.violation(fmt.Errorf("the auth payload: %w", err))
			return
		}
		h.Payload = auth
	}
	if c.legacy() {
		if err := splitQuery(&h); err != nil {
			c.violation(err)
			return
		}
	}
	c.packet(&h, arguments{other: p}, size)
}

// authText reads the auth payload, which the handshake keeps as JSON.
func (c *translated) authText(arg packet.Argument, dst *json.RawMessage) (err error) {
	defer func() {
		if v := recover(); v != nil {
			c.srv.cfg.Logger.Error("socketio: panic", "where", "Config.Parser", "panic", v, "stack", string(debug.Stack()))
			err = errPanic{v}
		}
	}()
	if err = arg.Decode(dst); err == nil && !json.Valid(*dst) {
		err = errors.New("Config.Parser made no JSON of it")
	}
	return err
}
