package socketio

import (
	"sync"

	"github.com/go-socketio/socketio/engine"
)

// encodeFunc appends one packet to a buffer.
type encodeFunc func(dst []byte) (text []byte, attachments [][]byte, err error)

// frames is one packet, ready for any number of sessions.
type frames struct {
	one  [1]*engine.Message // most packets have no attachments
	many []*engine.Message
	size int
}

func (f *frames) messages() []*engine.Message {
	if f.many != nil {
		return f.many
	}
	return f.one[:]
}

// uncompress makes the packet one that no transport compresses.
func (f *frames) uncompress() {
	list := f.messages()
	for i, m := range list {
		list[i] = m.Uncompressed()
	}
}

// encode runs an encodeFunc on a borrowed buffer and frames the result.
func encode(enc encodeFunc) (frames, error) {
	bp := scratch.Get().(*[]byte)
	defer scratch.Put(bp)
	text, attachments, err := enc((*bp)[:0])
	if err != nil {
		return frames{}, err
	}
	if cap(text) <= maxScratch {
		*bp = text
	}
	return frame(text, attachments), nil
}

// frame makes the messages of one encoded packet.
func frame(text []byte, attachments [][]byte) (f frames) {
	if len(text) == 0 {
		return frameBinary(attachments)
	}
	m := engine.NewText(text)
	f.size = m.Len()
	if len(attachments) == 0 {
		f.one[0] = m
	} else {
		f.many = append(make([]*engine.Message, 0, 1+len(attachments)), m)
		for _, a := range attachments {
			b := engine.NewBinary(a)
			f.size += b.Len()
			f.many = append(f.many, b)
		}
	}
	return f
}

// frameBinary is frame for a packet that has no text, as other parsers make them.
func frameBinary(parts [][]byte) (f frames) {
	if len(parts) == 1 {
		f.one[0] = engine.NewBinary(parts[0])
		f.size = f.one[0].Len()
		return f
	}
	for _, part := range parts {
		m := engine.NewBinary(part)
		f.size += m.Len()
		f.many = append(f.many, m)
	}
	return f
}

// scratch holds the buffers that packets are encoded in before they are
// framed. Nothing keeps a reference to one: framing copies.
var scratch = sync.Pool{New: func() any { b := make([]byte, 0, 1<<10); return &b }}

// maxScratch keeps one large packet from holding its memory for ever.
const maxScratch = 64 << 10
