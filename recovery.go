package socketio

import (
	"encoding/json"
	"slices"
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
	e.msgs, e.size, e.at = f.messages(), f.size, time.Now()
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

// enroll notes a new socket that may once come back.
func (h *history) enroll(s *Socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	rec := &recovering{pid: engine.RandomID(), since: h.next()}
	s.mu.Lock()
	s.rec = rec
	s.mu.Unlock()
	h.live[rec.pid] = s
}

// recoverable tells whether a socket that ended for this reason may come back.
func recoverable(why DisconnectReason) bool {
	return why != ClientNamespaceDisconnect && why != ServerNamespaceDisconnect && why != ParseError
}

// lose remembers a socket that is gone, if it may come back.
func (h *history) lose(s *Socket, why DisconnectReason, rooms []Room) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.live[s.rec.pid] != s {
		return
	}
	delete(h.live, s.rec.pid)
	if !recoverable(why) {
		return
	}
	h.keepLocked(&lostSocket{pid: s.rec.pid, id: s.id, rooms: rooms, data: s.Data(), since: s.rec.since, at: time.Now()})
}

func (h *history) keepLocked(l *lostSocket) {
	h.lost[l.pid] = l
	h.order = append(h.order, l)
	h.pruneLocked(time.Now())
	h.sweepLocked()
}

// claim is what a client says of its lost socket.
type claim struct {
	pid    string
	offset uint64 // 0 when it says none
}

// readClaim looks for a claim in the auth payload, where the official clients put it.
func readClaim(auth string) (claim, bool) {
	var raw struct {
		PID    any `json:"pid"`
		Offset any `json:"offset"`
	}
	if len(auth) == 0 || json.Unmarshal([]byte(auth), &raw) != nil {
		return claim{}, false
	}
	pid, _ := raw.PID.(string)
	c := claim{pid: pid}
	if raw.Offset != nil {
		text, _ := raw.Offset.(string)
		var ok bool
		if c.offset, ok = parseOffset(text); !ok {
			return claim{}, false
		}
	}
	return c, pid != ""
}

// resume makes s the socket that a claim is about. It reports false if that
// cannot be done without a gap; s is then a new socket like any other.
func (h *history) resume(s *Socket, c claim) bool {
	h.mu.Lock()
	old := h.live[c.pid]
	h.mu.Unlock()
	if old != nil {
		// The client noticed the loss before the server did, or while it does.
		old.conn.session.Abort(engine.TransportClose)
		h.lose(old, old.reason(), old.Rooms())
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pruneLocked(time.Now())
	l := h.lost[c.pid]
	if l == nil {
		return false
	}
	// Before it has received an event, a client says nothing, or the last offset
	// of somebody it was earlier: the official one keeps that.
	c.offset = max(c.offset, l.since-1)
	if c.offset+1 < h.first || c.offset >= h.next() {
		return false
	}
	// Taken out at once, so that nobody resumes it a second time.
	delete(h.lost, c.pid)
	l.back = true
	rec := &recovering{pid: l.pid, since: l.since, recovered: true}
	for i := c.offset + 1 - h.first; i < uint64(len(h.entries)); i++ {
		if e := &h.entries[i]; e.reached(l) {
			rec.missed = append(rec.missed, e.msgs...)
		}
	}
	s.mu.Lock()
	s.id, s.rec, s.data = l.id, rec, l.data
	s.mu.Unlock()
	h.live[l.pid] = s
	// Under the lock: what is published from now on reaches it as a member.
	if !s.arriveIn(l.rooms) {
		delete(h.live, l.pid)
		again := *l // the client is gone once more, and may try once more
		again.back = false
		h.keepLocked(&again)
		return false
	}
	return true
}

// arriveIn is arrive for a socket that comes back: into its rooms, and without
// telling anybody, since it has never left them by its own will. The lock of
// the history is held.
func (s *Socket) arriveIn(rooms []Room) bool {
	if !s.step(entering, arriving) {
		return false
	}
	s.ns.rooms.enter(s)
	for _, name := range rooms {
		if name != s.id {
			_, _, _ = s.ns.rooms.join(s, name) // fails only when the socket is gone, and then it has left
		}
	}
	return true
}

// emit publishes an event for one socket. One that is lost may come back for it.
func (h *history) emit(s *Socket, enc encodeFunc, noCompress bool) error {
	if s.state.Load() == gone && !h.mayReturn(s) {
		return ErrClosed
	}
	var err error
	_, perr := h.publish(entry{rooms: []Room{s.id}, plain: noCompress}, enc, func(msgs []*engine.Message) {
		to := s
		if s.rec != nil && h.live[s.rec.pid] != nil {
			to = h.live[s.rec.pid] // who still holds s after the client came back means the client
		}
		err = to.transmit(msgs, false)
	})
	if perr != nil {
		return perr
	}
	if err == ErrClosed && h.mayReturn(s) {
		return nil
	}
	return err
}

func (h *history) mayReturn(s *Socket) bool {
	if s.rec == nil || !recoverable(s.reason()) {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lost[s.rec.pid] != nil || h.live[s.rec.pid] != nil
}

// reached tells whether the event was for a socket, by the rooms that it was in when it was lost.
func (e *entry) reached(l *lostSocket) bool {
	if e.from == l.id {
		return false
	}
	in := func(list []Room) bool {
		return slices.ContainsFunc(list, func(r Room) bool { return slices.Contains(l.rooms, r) })
	}
	return (e.all || in(e.rooms)) && !in(e.except)
}

// recovering is the part of a socket that lets it come back.
type recovering struct {
	pid       string // private: who knows it can become this socket
	since     uint64 // no event before this offset was for it
	recovered bool
	missed    []*engine.Message // to be sent once the client is told that it is back
}

// history returns what may bring the socket back, nil if nothing can. Clients
// of protocol 4 know nothing of it.
func (s *Socket) history() *history {
	if s.conn.legacy() {
		return nil
	}
	return s.ns.history
}

// Recovered tells whether the client came back as this socket after it had
// lost its connection: its id, rooms and data are those of before, and it gets
// what it missed. See [Recovery].
func (s *Socket) Recovered() bool { return s.rec != nil && s.rec.recovered }
