package engine

import (
	"encoding/base64"
	"sync/atomic"

	"github.com/go-socketio/socketio/internal/eio"
	"github.com/go-socketio/socketio/internal/wsock"
)

// Kind tells text from binary messages.
type Kind uint8

const (
	Text Kind = iota
	Binary
	// The rest never reaches a Receiver: packets that the session itself sends.
	control      // an Engine.IO packet without a payload: ping, noop
	websocketEnd // a WebSocket pong or close frame, of no meaning to polling
)

// Message is one encoded outgoing message. It is immutable and may be sent to
// any number of sessions: a broadcast encodes and frames once.
//
// The frame holds [WebSocket header][type byte, text only][payload] in one
// allocation, so that the polling form of a text message is a part of the
// same bytes. Messages are left to the garbage collector rather than pooled:
// nobody knows how many queues share one, and a wrong count would hand one
// user's bytes to another.
type Message struct {
	frame []byte
	body  uint8 // where the frame's payload begins
	kind  Kind
	plain bool // not to be compressed

	deflated atomic.Pointer[deflated] // nil unless some receiver wants it
}

// NewText makes a text message. It copies payload, which must be valid UTF-8.
func NewText(payload []byte) *Message {
	if n := frameSize(1 + len(payload)); n > shortFrame {
		m := &Message{}
		m.setText(make([]byte, 0, n), payload)
		return m
	}
	return newShort(payload)[0]
}

func (m *Message) setText(dst, payload []byte) {
	n := 1 + len(payload)
	dst = appendFrameHeader(dst, wsock.Text, n)
	m.body = uint8(len(dst))
	m.frame = append(append(dst, byte(eio.Message)), payload...)
	m.kind = Text
}

// shortFrame is the size of a frame, in bytes, up to which message, frame and
// list are one piece of memory: most packets are short, and one that goes to
// few pays for each piece.
const shortFrame = 96

func newShort(payload []byte) []*Message {
	p := &struct {
		m     Message
		list  [1]*Message
		frame [shortFrame]byte
	}{}
	p.m.setText(p.frame[:0:shortFrame], payload)
	p.list[0] = &p.m
	return p.list[:]
}

// NewPacket makes the messages of one packet: a text, unless it is empty, and
// binary messages behind it. It copies all. The slice is the caller's.
func NewPacket(text []byte, binary [][]byte) []*Message {
	if len(binary) == 0 && len(text) > 0 && frameSize(1+len(text)) <= shortFrame {
		return newShort(text)
	}
	msgs := make([]*Message, 0, 1+len(binary))
	if len(text) > 0 {
		msgs = append(msgs, NewText(text))
	}
	for _, b := range binary {
		msgs = append(msgs, NewBinary(b))
	}
	return msgs
}

// NewBinary makes a binary message. It copies payload.
func NewBinary(payload []byte) *Message {
	n := len(payload)
	h := wsock.HeaderSize(n)
	f := make([]byte, h+n)
	wsock.PutHeader(f, wsock.Binary, n)
	copy(f[h:], payload)
	return &Message{frame: f, body: uint8(h), kind: Binary}
}

func newControl(t eio.PacketType, payload string) *Message {
	f := wsock.AppendFrame(nil, wsock.Text, []byte{byte(t)}, []byte(payload))
	return &Message{frame: f, body: uint8(wsock.HeaderSize(1 + len(payload))), kind: control}
}

// Len is the size of the message as it stands in a session's queue, in bytes.
func (m *Message) Len() int { return len(m.frame) }

// packet is the message as package eio sees it. It is none of websocketEnd.
func (m *Message) packet() eio.Packet {
	if m.kind == Binary {
		return eio.Packet{Type: eio.Message, Binary: true, Data: m.frame[m.body:]}
	}
	return eio.Packet{Type: eio.PacketType(m.frame[m.body]), Data: m.frame[m.body+1:]}
}

// appendRecord appends the form that the message has in a polling payload.
func (m *Message) appendRecord(dst []byte, first bool) []byte {
	if m.kind == websocketEnd {
		return dst
	}
	if !first {
		dst = append(dst, eio.Separator)
	}
	if m.kind == Binary {
		return base64.StdEncoding.AppendEncode(append(dst, 'b'), m.frame[m.body:])
	}
	return append(dst, m.frame[m.body:]...)
}
