package socketio

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/go-socketio/socketio/engine"
)

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
