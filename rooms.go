package socketio

import (
	"hash/maphash"
	"slices"
	"sync"
)

// Room is the name of a room; any string.
type Room = string

// rooms knows which sockets of a namespace are where. A room is a dense list,
// so that a broadcast walks memory and not hashes; a socket's seat in it knows
// its index, so that leaving is one swap. The room of a socket's own id is
// implied and stored for others only.
type rooms struct {
	seed   maphash.Seed
	shards [16]roomShard

	mu   sync.RWMutex // guards the rest; never held together with a shard's
	all  []*Socket    // at index Socket.place
	byID map[string]*Socket
}

type roomShard struct {
	mu    sync.RWMutex // taken before Socket.mu
	rooms map[Room]*room
}

// room is guarded by its shard's lock, as are its seats.
type room struct {
	name    Room
	sockets []*Socket
	seats   []*seat // of sockets, by index
}

type seat struct {
	room  *room
	index int
}

func (rs *rooms) init() {
	rs.seed = maphash.MakeSeed()
	rs.byID = map[string]*Socket{}
	for i := range rs.shards {
		rs.shards[i].rooms = map[Room]*room{}
	}
}

func (rs *rooms) shard(name Room) *roomShard {
	return &rs.shards[maphash.String(rs.seed, name)%uint64(len(rs.shards))]
}

// enter adds a socket to the namespace.
func (rs *rooms) enter(s *Socket) {
	rs.mu.Lock()
	s.place = int32(len(rs.all))
	rs.all = append(rs.all, s)
	rs.byID[s.id] = s
	rs.mu.Unlock()
}

// exit removes a socket from the namespace; twice does no harm.
func (rs *rooms) exit(s *Socket) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	last := len(rs.all) - 1
	if int(s.place) > last || rs.all[s.place] != s {
		return
	}
	if rs.byID[s.id] == s { // otherwise its client came back already, as another socket with the same id
		delete(rs.byID, s.id)
	}
	rs.all[s.place] = rs.all[last]
	rs.all[s.place].place = s.place
	rs.all[last] = nil
	rs.all = rs.all[:last]
}

func (rs *rooms) socket(id string) *Socket {
	rs.mu.RLock()
	defer rs.mu.RUnlock()
	return rs.byID[id]
}

func (rs *rooms) len() int {
	rs.mu.RLock()
	defer rs.mu.RUnlock()
	return len(rs.all)
}

func (rs *rooms) names() []Room {
	var list []Room
	for i := range rs.shards {
		sh := &rs.shards[i]
		sh.mu.RLock()
		for name := range sh.rooms {
			list = append(list, name)
		}
		sh.mu.RUnlock()
	}
	return list
}

// join seats a socket. It reports whether the socket is new to the room, and
// the room new to the namespace.
func (rs *rooms) join(s *Socket, name Room) (joined, created bool, err error) {
	sh := rs.shard(name)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Load() == gone {
		return false, false, ErrClosed // or a late join would bring the room back for ever
	}
	if s.seatLocked(name) >= 0 {
		return false, false, nil
	}
	r := sh.rooms[name]
	if r == nil {
		r = &room{name: name}
		sh.rooms[name] = r
		created = true
	}
	st := &seat{room: r, index: len(r.sockets)}
	r.sockets = append(r.sockets, s)
	r.seats = append(r.seats, st)
	s.seats = append(s.seats, st)
	return true, created, nil
}

// leave unseats a socket. It reports whether it was there, and whether the room is no more.
func (rs *rooms) leave(s *Socket, name Room) (left, deleted bool) {
	sh := rs.shard(name)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.seatLocked(name)
	if i < 0 {
		return false, false
	}
	st := s.seats[i]
	s.seats[i] = s.seats[len(s.seats)-1]
	s.seats[len(s.seats)-1] = nil
	s.seats = s.seats[:len(s.seats)-1]

	r := st.room
	last := len(r.sockets) - 1
	r.sockets[st.index], r.seats[st.index] = r.sockets[last], r.seats[last]
	r.seats[st.index].index = st.index
	r.sockets[last], r.seats[last] = nil, nil
	r.sockets, r.seats = r.sockets[:last], r.seats[:last]
	if last == 0 {
		delete(sh.rooms, name)
		return true, true
	}
	return true, false
}

// seatLocked returns the index of the socket's seat in a room, -1 if it has none.
// Sockets are in a few rooms: a walk is shorter than a map and takes no memory.
func (s *Socket) seatLocked(name Room) int {
	return slices.IndexFunc(s.seats, func(st *seat) bool { return st.room.name == name })
}

// visit calls f for each member of a room, the implied one included, while the
// room cannot change. f must not call back into rooms.
func (rs *rooms) visit(name Room, f func(*Socket)) {
	rs.visitSeats(name, f)
	if own := rs.socket(name); own != nil {
		f(own)
	}
}

// visitSeats is visit without the implied member.
func (rs *rooms) visitSeats(name Room, f func(*Socket)) {
	sh := rs.shard(name)
	sh.mu.RLock()
	if r := sh.rooms[name]; r != nil {
		for _, s := range r.sockets {
			f(s)
		}
	}
	sh.mu.RUnlock()
}

// visitAll calls f for each socket of the namespace, as visit does.
func (rs *rooms) visitAll(f func(*Socket)) {
	rs.mu.RLock()
	defer rs.mu.RUnlock()
	for _, s := range rs.all {
		f(s)
	}
}

// Join puts the socket into rooms, of its namespace, that broadcasts can be
// addressed to; they need no creating. It returns [ErrClosed] when the socket is gone.
func (s *Socket) Join(rooms ...Room) error {
	for _, name := range rooms {
		if name == s.id {
			continue // it is always there
		}
		joined, created, err := s.ns.rooms.join(s, name)
		if err != nil {
			return err
		}
		t := s.ns.table.Load()
		if created {
			for _, f := range t.create {
				s.attempt("OnRoomCreate", func() { f(name) })
			}
		}
		if joined {
			for _, f := range t.join {
				s.attempt("OnJoin", func() { f(s, name) })
			}
		}
	}
	return nil
}

// Leave takes the socket out of rooms. It never leaves the room of its own id.
func (s *Socket) Leave(rooms ...Room) error {
	for _, name := range rooms {
		s.leave(name)
	}
	if s.state.Load() == gone {
		return ErrClosed
	}
	return nil
}

func (s *Socket) leave(name Room) {
	left, deleted := s.ns.rooms.leave(s, name)
	t := s.ns.table.Load()
	if left {
		for _, f := range t.leave {
			s.attempt("OnLeave", func() { f(s, name) })
		}
	}
	if deleted {
		for _, f := range t.drop {
			s.attempt("OnRoomDelete", func() { f(name) })
		}
	}
}

// leaveAll takes a socket that is gone out of all rooms.
func (s *Socket) leaveAll() {
	for _, name := range s.Rooms() {
		if name != s.id {
			s.leave(name)
		}
	}
	s.mu.Lock()
	s.extraLocked().left = true
	s.mu.Unlock()
}

// Rooms returns the rooms that the socket is in, sorted, the one of its own id
// among them; none from OnDisconnect on.
func (s *Socket) Rooms() []Room {
	s.mu.Lock()
	list := make([]Room, 0, len(s.seats)+1)
	for _, st := range s.seats {
		list = append(list, st.room.name)
	}
	if !s.leftLocked() {
		list = append(list, s.id)
	}
	s.mu.Unlock()
	slices.Sort(list)
	return list
}

// In tells whether the socket is in a room.
func (s *Socket) In(room Room) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return room == s.id && !s.leftLocked() || s.seatLocked(room) >= 0
}

// leftLocked tells whether a socket that is gone has left its rooms, too.
func (s *Socket) leftLocked() bool { return s.extra != nil && s.extra.left }
