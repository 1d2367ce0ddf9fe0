package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/go-socketio/socketio"
)

const lobby = "lobby"

// The names of people are part of room names of the namespace too, and a
// socket's id is a room; the prefix keeps a client from listening there.
const chatPrefix = "room:"

func chatRoom(name string) socketio.Room { return chatPrefix + name }

func isChatRoom(r socketio.Room) bool { return strings.HasPrefix(r, chatPrefix) }

// room is what the chat knows of a room beyond who is in it. Guarded by Chat.mu.
type room struct {
	members map[*socketio.Socket]*person
	history []Message // the last maxHistory, oldest first; texts only
}

func newRoom() *room { return &room{members: map[*socketio.Socket]*person{}} }

// people lists the members once each, however many windows they have.
func (r *room) people() []Person {
	list := make([]Person, 0, len(r.members))
	for _, p := range r.members {
		list = append(list, p.Person)
	}
	slices.SortFunc(list, func(a, b Person) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return slices.Compact(list)
}

func (r *room) has(id string) bool {
	for _, p := range r.members {
		if p.ID == id {
			return true
		}
	}
	return false
}

type roomInfo struct {
	Name   string `json:"name"`
	People int    `json:"people"`
}

type roomList struct {
	Rev   uint64     `json:"rev"`
	Rooms []roomInfo `json:"rooms"`
}

type attendance struct {
	Room   string   `json:"room"`
	Rev    uint64   `json:"rev"`
	People []Person `json:"people"`
}

type entry struct {
	attendance
	History []Message `json:"history"`
}

// notice is a line of the room itself.
type notice struct {
	Room string `json:"room"`
	Kind string `json:"kind"` // join, leave, lost or reconnect
	Who  Person `json:"who"`
	At   int64  `json:"at"`
	Away int64  `json:"away,omitempty"` // milliseconds, with reconnect
}

func (c *Chat) join(_ context.Context, s *socketio.Socket, name string) (entry, error) {
	v := visitOf(s)
	name, err := cleanRoom(name)
	if err != nil {
		return entry{}, err
	}
	if !s.In(chatRoom(name)) {
		if err := v.pace.spend(1); err != nil {
			return entry{}, err
		}
		if err := c.reserve(s, name); err != nil {
			return entry{}, err
		}
		if err := s.Join(chatRoom(name)); err != nil {
			c.release(name)
			return entry{}, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e := entry{attendance: c.attendanceLocked(name), History: []Message{}}
	if r := c.rooms[name]; r != nil {
		e.History = append(e.History, r.history...)
	}
	return e, nil
}

func (c *Chat) leave(_ context.Context, s *socketio.Socket, name string) (roomRef, error) {
	v := visitOf(s)
	if !s.In(chatRoom(name)) {
		return roomRef{}, notThere(name)
	}
	if err := v.pace.spend(1); err != nil {
		return roomRef{}, err
	}
	return roomRef{name}, s.Leave(chatRoom(name))
}

type roomRef struct {
	Room string `json:"room"`
}

// reserve makes sure that the room may be entered.
func (c *Chat) reserve(s *socketio.Socket, name string) error {
	rooms := 0
	for _, r := range s.Rooms() {
		if isChatRoom(r) {
			rooms++
		}
	}
	if rooms >= maxRoomsEach {
		return refuse("You are in %d rooms already, leave one first.", maxRoomsEach)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.rooms[name] == nil {
		if len(c.rooms) >= maxRooms {
			return refuse("There are %d rooms already, join one of them.", maxRooms)
		}
		c.rooms[name] = newRoom()
	}
	return nil
}

// release forgets a room that nobody is in.
func (c *Chat) release(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.releaseLocked(name)
}

func (c *Chat) releaseLocked(name string) {
	if r := c.rooms[name]; r != nil && len(r.members) == 0 && name != lobby {
		delete(c.rooms, name)
	}
}

// joined is called for every room a socket enters, by join or by coming back.
func (c *Chat) joined(s *socketio.Socket, r socketio.Room) {
	name, ok := strings.CutPrefix(r, chatPrefix)
	if !ok {
		return
	}
	v := visitOf(s)
	c.mu.Lock()
	if c.rooms[name] == nil { // its last member left between reserve and here
		c.rooms[name] = newRoom()
	}
	known := c.rooms[name].has(v.ID)
	c.rooms[name].members[s] = v.person
	away, back := v.returned[r]
	delete(v.returned, r)
	c.mu.Unlock()

	switch {
	case s.Context().Err() != nil:
		// It was gone before it was noted, and left may have come first.
		c.left(s, r)
		return
	case known: // a second window
	case back:
		c.announce(notice{Room: name, Kind: "reconnect", Who: v.Person, Away: away.Milliseconds()})
	default:
		c.announce(notice{Room: name, Kind: "join", Who: v.Person})
	}
	c.publish(name)
}

// left is called for every room a socket leaves, by leave or with its connection.
func (c *Chat) left(s *socketio.Socket, r socketio.Room) {
	name, ok := strings.CutPrefix(r, chatPrefix)
	if !ok {
		return
	}
	v := visitOf(s)
	c.mu.Lock()
	room := c.rooms[name]
	if room == nil || room.members[s] == nil {
		c.mu.Unlock()
		return
	}
	delete(room.members, s)
	still := room.has(v.ID)
	c.releaseLocked(name)
	why := v.why
	c.mu.Unlock()

	if why == socketio.ServerShuttingDown {
		return // everybody leaves, and there is nobody to tell
	}
	kind := "leave"
	if lost(why) {
		kind = "lost"
	}
	if !still {
		c.announce(notice{Room: name, Kind: kind, Who: v.Person})
	}
	c.publish(name)
}

func (c *Chat) announce(n notice) {
	n.At = time.Now().UnixMilli()
	c.emit(c.ns.To(chatRoom(n.Room)), "system", n)
}

// publish tells the room who is in it, and everybody how many.
func (c *Chat) publish(name string) {
	c.mu.Lock()
	who := c.attendanceLocked(name)
	c.mu.Unlock()
	c.emit(c.ns.To(chatRoom(name)), "who", who)
	c.emit(c.ns.Broadcast(), "rooms", c.roomList())
}

func (c *Chat) emit(to socketio.Broadcast, event string, v any) {
	if err := to.Emit(event, v); err != nil {
		c.log.Error("cannot emit", "event", event, "error", err)
	}
}

func (c *Chat) attendanceLocked(name string) attendance {
	c.last++
	a := attendance{Room: name, Rev: c.last, People: []Person{}}
	if r := c.rooms[name]; r != nil {
		a.People = r.people()
	}
	return a
}

func (c *Chat) roomList() roomList {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	list := roomList{Rev: c.last, Rooms: make([]roomInfo, 0, len(c.rooms))}
	for name, r := range c.rooms {
		list.Rooms = append(list.Rooms, roomInfo{Name: name, People: len(r.people())})
	}
	slices.SortFunc(list.Rooms, func(a, b roomInfo) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// remember keeps a line for those who enter later.
func (c *Chat) remember(m Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[m.Room]
	if r == nil {
		return
	}
	if len(r.history) >= maxHistory {
		r.history = slices.Delete(r.history, 0, 1)
	}
	r.history = append(r.history, m)
}
