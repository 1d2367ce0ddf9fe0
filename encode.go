package socketio

import (
	"sync"

	"github.com/go-socketio/socketio/engine"
)

// encodeFunc appends one packet to a buffer.
type encodeFunc func(dst []byte) (text []byte, attachments [][]byte, err error)

// frames is one packet, ready for any number of sessions.
type frames struct {
	messages []*engine.Message
	size     int
}

// frame makes the messages of one encoded packet, whose text is empty if the
// parser goes without.
func frame(text []byte, attachments [][]byte) frames {
	f := frames{messages: engine.NewPacket(text, attachments)}
	for _, m := range f.messages {
		f.size += m.Len()
	}
	return f
}

// uncompress makes the packet one that no transport compresses.
func (f frames) uncompress() {
	for i, m := range f.messages {
		f.messages[i] = m.Uncompressed()
	}
}

// encoded runs an encodeFunc on a borrowed buffer and hands over the result, of which
// send must keep nothing.
func encoded(enc encodeFunc, send func(text []byte, attachments [][]byte) error) error {
	bp := scratch.Get().(*[]byte)
	text, attachments, err := enc((*bp)[:0])
	if err == nil {
		err = send(text, attachments)
	}
	giveBack(bp, text)
	return err
}

// encode runs an encodeFunc and frames the result.
func encode(enc encodeFunc) (f frames, err error) {
	err = encoded(enc, func(text []byte, attachments [][]byte) error {
		f = frame(text, attachments)
		return nil
	})
	return f, err
}

// scratch holds the buffers that packets are encoded in before they are
// framed. Nothing keeps a reference to one: framing copies. A panic of the
// application loses one, which costs less than a defer for each packet.
var scratch = sync.Pool{New: func() any { b := make([]byte, 0, 1<<10); return &b }}

// giveBack returns what was borrowed from scratch, as text if it has grown.
func giveBack(bp *[]byte, text []byte) {
	if cap(text) <= maxScratch {
		*bp = text
	}
	scratch.Put(bp)
}

// maxScratch keeps one large packet from holding its memory for ever.
const maxScratch = 64 << 10
