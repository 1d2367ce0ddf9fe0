package socketio

import "sync"

// scratch holds the buffers that packets are encoded in before they are
// framed. Nothing keeps a reference to one: framing copies.
var scratch = sync.Pool{New: func() any { b := make([]byte, 0, 1<<10); return &b }}

// maxScratch keeps one large packet from holding its memory for ever.
const maxScratch = 64 << 10
