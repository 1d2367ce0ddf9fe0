package socketio

import (
	"strconv"
	"sync"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/packet"
)

// Recovery switches on connection state recovery: a client that lost its
// connection for a short time comes back as the same socket, with its id, rooms
// and data, and gets the events that it missed.
//
// Each event carries an offset, one string more at the end of its arguments;
// the client's library remembers the last one. Not replayed are volatile events, and events
// that ask for an ack. Sockets that were disconnected on purpose, by either
// side, or whose connection ended with [ParseError], are not restored.
//
// While it is on, events of one namespace are put in one order, in which every
// client receives them: emitting from many goroutines meets at one lock.
type Recovery struct {
	// Window is for how long a lost client may come back. Default 2 min.
	Window time.Duration
	// RunMiddlewares runs the middlewares for a client that comes back, too.
	// Default: they are skipped, for they have let it in before.
	RunMiddlewares bool
	// MaxBytes bounds the events that a namespace keeps for replay, in bytes. A
	// client whose missed events are no longer all there starts anew. Default 16 MiB.
	MaxBytes int
	// MaxSessions bounds the lost clients that a namespace remembers. Default 10,000.
	MaxSessions int
}

func (r Recovery) withDefaults() Recovery {
	if r.Window <= 0 {
		r.Window = 2 * time.Minute
	}
	if r.MaxBytes <= 0 {
		r.MaxBytes = 16 << 20
	}
	if r.MaxSessions <= 0 {
		r.MaxSessions = 10_000
	}
	return r
}

// history is what a namespace keeps for clients that come back.
//
// Its lock is held while an event gets its offset and goes to all receivers'
// queues, and while a socket is restored. So each client receives events in the
// order of their offsets, and "all after offset n" is exactly what it missed.
// It comes before the locks of rooms; no code of the application runs under it.
type history struct {
	Recovery
	srv *Server

	mu      sync.Mutex
	entries []entry // with consecutive offsets
	first   uint64  // the offset of entries[0], or of the next event
	bytes   int
	live    map[string]*Socket // connected, by pid
	lost    map[string]*lostSocket
	order   []*lostSocket // oldest first; may hold some that came back
	sweep   *time.Timer   // runs while anything is kept
}

// entry is one event as it was sent, and to whom.
type entry struct {
	msgs   []*engine.Message
	at     time.Time
	size   int
	rooms  []Room
	except []Room
	all    bool   // to everyone, not to rooms
	plain  bool   // not to be compressed
	from   string // the id of the socket that was left out
}

// lostSocket is a socket that may come back.
type lostSocket struct {
	pid, id string
	rooms   []Room
	data    any
	since   uint64 // no event before this offset was for it
	at      time.Time
	back    bool
}

func newHistory(srv *Server) *history {
	r := srv.cfg.Recovery
	if r == nil {
		return nil
	}
	return &history{Recovery: r.withDefaults(), srv: srv, first: 1, live: map[string]*Socket{}, lost: map[string]*lostSocket{}}
}

func (h *history) next() uint64 { return h.first + uint64(len(h.entries)) }

// offsets on the wire are opaque to clients; a string is what they recognize.
func formatOffset(dst []byte, n uint64) []byte { return strconv.AppendUint(dst, n, 36) }

func parseOffset(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 36, 64)
	return n, err == nil
}

// publish gives an encoded event its offset, keeps it and delivers it.
func (h *history) publish(e entry, enc encodeFunc, deliver func([]*engine.Message)) (frames, error) {
	bp := scratch.Get().(*[]byte)
	defer scratch.Put(bp)
	text, attachments, err := enc((*bp)[:0])
	if err != nil {
		return frames{}, err
	}
	var other *packet.Packet
	if h.srv.cfg.Parser != nil { // the application's types have their say before the lock
		if other, err = h.srv.reread(text, attachments); err != nil {
			return frames{}, err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if other != nil {
		text, attachments, err = h.otherWithOffset(other, h.next())
		if err != nil {
			return frames{}, err
		}
	} else {
		text = withOffset(text, h.next())
		if cap(text) <= maxScratch {
			*bp = text
		}
	}
	f := frame(text, attachments)
	if e.plain {
		f.uncompress()
	}
	e.msgs, e.size, e.at = f.messages, f.size, time.Now()
	h.entries = append(h.entries, e)
	h.bytes += e.size
	h.pruneLocked(e.at)
	h.sweepLocked()
	deliver(e.msgs)
	return f, nil
}

// withOffset adds a string to the array that an event's text ends with.
func withOffset(text []byte, n uint64) []byte {
	text = append(text[:len(text)-1], `,"`...)
	text = formatOffset(text, n)
	return append(text, `"]`...)
}

// otherWithOffset is withOffset for the packets of other parsers, which are
// encoded a second time: where a string goes in, only they know.
func (h *history) otherWithOffset(p *packet.Packet, n uint64) ([]byte, [][]byte, error) {
	p.Args = append(p.Args, string(formatOffset(nil, n)))
	return h.srv.translate(nil, p)
}

// mark encodes an event that is not kept. A client takes any string at the end
// of an event for an offset, so one that ends with a string gets the offset that
// the client has anyway; otherwise it would lose its place.
func (h *history) mark(enc encodeFunc) encodeFunc {
	return func(dst []byte) ([]byte, [][]byte, error) {
		text, attachments, err := enc(dst)
		if err == nil && h.srv.cfg.Parser != nil {
			return h.markOther(text, attachments)
		}
		if err == nil && len(text) > 1 && text[len(text)-2] == '"' {
			h.mu.Lock()
			n := h.next() - 1
			h.mu.Unlock()
			text = withOffset(text, n)
		}
		return text, attachments, err
	}
}

// markOther is what mark does for other parsers.
func (h *history) markOther(text []byte, binary [][]byte) ([]byte, [][]byte, error) {
	p, err := h.srv.reread(text, binary)
	if err != nil {
		return text, binary, err
	}
	var last any
	if n := len(p.Args); n > 0 {
		if err := p.DecodeArg(n-1, &last); err != nil {
			return text, binary, nil // what cannot be read is no string
		}
	}
	if _, ok := last.(string); !ok {
		return text, binary, nil
	}
	h.mu.Lock()
	n := h.next() - 1
	h.mu.Unlock()
	return h.otherWithOffset(p, n)
}

// pruneLocked drops what is too old or too much.
func (h *history) pruneLocked(now time.Time) {
	n := 0
	for n < len(h.entries) && (h.bytes > h.MaxBytes || now.Sub(h.entries[n].at) > h.Window) {
		h.bytes -= h.entries[n].size
		h.entries[n] = entry{}
		n++
	}
	h.entries = h.entries[n:]
	h.first += uint64(n)
	m := 0
	for m < len(h.order) && (h.order[m].back || len(h.lost) > h.MaxSessions || now.Sub(h.order[m].at) > h.Window) {
		if !h.order[m].back {
			delete(h.lost, h.order[m].pid)
		}
		h.order[m] = nil
		m++
	}
	h.order = h.order[m:]
}

// sweepLocked sees to it that nothing is kept much longer than the window, even
// when nothing more happens.
func (h *history) sweepLocked() {
	if h.sweep == nil && len(h.entries)+len(h.order) > 0 {
		h.sweep = time.AfterFunc(h.Window/2+time.Millisecond, func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.sweep = nil
			h.pruneLocked(time.Now())
			h.sweepLocked()
		})
	}
}
