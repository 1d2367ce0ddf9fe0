package socketio

import (
	"sync"

	"github.com/go-socketio/socketio/engine"
)

// encodeFunc appends one packet to a buffer.
type encodeFunc func(dst []byte) (text []byte, attachments [][]byte, err error)

// frames is one packet, ready for any number of sessions.
type frames struct {
	few  [2]*engine.Message // most packets have one attachment or none
	n    int                // of few
	many []*engine.Message
	size int
}

func (f *frames) messages() []*engine.Message {
	if f.many != nil {
		return f.many
	}
	return f.few[:f.n]
}

// uncompress makes the packet one that no transport compresses.
func (f *frames) uncompress() {
	list := f.messages()
	for i, m := range list {
		list[i] = m.Uncompressed()
	}
}

// encoded runs an encodeFunc on a borrowed buffer and hands over the result, of which
// send must keep nothing.
func encoded(enc encodeFunc, send func(text []byte, attachments [][]byte) error) error {
	bp := scratch.Get().(*[]byte)
	defer scratch.Put(bp)
	text, attachments, err := enc((*bp)[:0])
	if err != nil {
		return err
	}
	if cap(text) <= maxScratch {
		*bp = text
	}
	return send(text, attachments)
}

// encode runs an encodeFunc and frames the result.
func encode(enc encodeFunc) (f frames, err error) {
	err = encoded(enc, func(text []byte, attachments [][]byte) error {
		f = frame(text, attachments)
		return nil
	})
	return f, err
}

// frame makes the messages of one encoded packet.
func frame(text []byte, attachments [][]byte) (f frames) {
	if len(text) == 0 {
		return frameBinary(attachments)
	}
	f.add(engine.NewText(text), 1+len(attachments))
	for _, a := range attachments {
		f.add(engine.NewBinary(a), 0)
	}
	return f
}

// frameBinary is frame for a packet that has no text, as other parsers make them.
func frameBinary(parts [][]byte) (f frames) {
	for _, part := range parts {
		f.add(engine.NewBinary(part), len(parts))
	}
	return f
}

// add appends a message; the first call says how many there will be.
func (f *frames) add(m *engine.Message, total int) {
	f.size += m.Len()
	switch {
	case f.many != nil:
		f.many = append(f.many, m)
	case total > len(f.few):
		f.many = append(make([]*engine.Message, 0, total), m)
	default:
		f.few[f.n] = m
		f.n++
	}
}

// scratch holds the buffers that packets are encoded in before they are
// framed. Nothing keeps a reference to one: framing copies.
var scratch = sync.Pool{New: func() any { b := make([]byte, 0, 1<<10); return &b }}

// maxScratch keeps one large packet from holding its memory for ever.
const maxScratch = 64 << 10
