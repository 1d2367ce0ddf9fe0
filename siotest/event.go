package siotest

import (
	"bytes"
	"fmt"

	"github.com/go-socketio/socketio/packet"
)

// Event is an event of the server, or its answer to one of the client's; then
// it has no name.
type Event struct {
	Name        string
	WantsAck    bool // the server waits for an answer
	client      *Client
	args        packet.Args
	attachments [][]byte
	id          uint64
}

// Len returns the number of arguments. With connection state recovery the server
// adds one to its events, a string.
func (e *Event) Len() int { return e.args.Len() }

// Decode decodes the arguments from the first on into dst, as
// socketio.Event.Decode does.
func (e *Event) Decode(dst ...any) error {
	return e.client.conn.ts.codec.DecodeArgs(e.Name, e.args, e.attachments, dst...)
}

// Ack answers the event. It fails the test if it cannot.
func (e *Event) Ack(args ...any) {
	e.client.conn.t.Helper()
	text, attachments, err := e.client.conn.ts.codec.AppendAck([]byte("4"), e.client.nsp, e.id, args)
	e.client.send("ack of "+e.Name, text, attachments, err)
}

// String returns the event as it stands on the wire: ["name",1,2]. Attachments
// follow in hexadecimal.
func (e *Event) String() string { return e.text(e.args.Raw()) }

// withoutOffset returns the arguments but for the offset. As for the official
// client that is any string at the end of an event that wants no answer.
func (e *Event) withoutOffset() []byte {
	raw, last := e.args.Raw(), e.args.At(e.args.Len()-1)
	if e.WantsAck || len(last) == 0 || last[0] != '"' {
		return raw
	}
	return bytes.TrimSuffix(raw[:len(raw)-len(last)], []byte(","))
}

// text is String with arguments of the caller's choice.
func (e *Event) text(args []byte) string {
	var b bytes.Buffer
	b.WriteByte('[')
	if e.Name != "" {
		fmt.Fprintf(&b, "%q", e.Name)
		if len(args) > 0 {
			b.WriteByte(',')
		}
	}
	b.Write(args)
	b.WriteByte(']')
	for _, a := range e.attachments {
		fmt.Fprintf(&b, " %x", a)
	}
	return b.String()
}
