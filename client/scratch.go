package client

import "sync"

// scratch is where a packet is encoded that is likely to leave at once: the
// connection copies it to its queue, and only what has to wait gets bytes of its own.
type scratch struct{ b []byte }

// scratches holds as many as there are goroutines that emit at this moment.
var scratches = sync.Pool{New: func() any { return &scratch{make([]byte, 0, 512)} }}

// maxScratch keeps one large packet from holding its memory for ever.
const maxScratch = 64 << 10

// giveBack ends the use of what was encoded there.
func (t *scratch) giveBack(f frames) {
	if f.lent && cap(f.text) <= maxScratch {
		t.b = f.text[:0]
	}
	scratches.Put(t)
}
