package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/go-socketio/socketio"
)

// Chat is the logic of the demo: people in rooms, on one namespace. All of its
// memory is bounded by the limits in limits.go, whatever clients send.
//
// The client sends
//
//	join    room                       → {room, rev, people, history}
//	leave   room                       → {room}
//	message {room, text}               → {id, at}
//	image   {room, name}, bytes        → {id, at, type}
//	typing  {room, on}
//	private {to, text}                 → {id, at, delivered}
//
// and is sent welcome, rooms, who, system, message, image, typing, private
// (which it acknowledges) and latency. An answer {error: {message}} says what
// was wrong, in words for people.
type Chat struct {
	ns   *socketio.Namespace
	log  *slog.Logger
	boot string // makes message ids of different runs differ

	// mu guards what follows. Nothing is emitted under it, as an emit may end
	// a slow client. Lists carry a number instead, taken under mu, by which
	// clients drop one that was overtaken.
	mu     sync.Mutex
	last   uint64 // message ids and list numbers
	people map[string]*person
	rooms  map[string]*room
}

// person is somebody who is here, with one connection or several.
type person struct {
	Person
	key     string // the name, folded
	token   string
	sockets int // guarded by Chat.mu
	pace    pace
}

// Person is what all may know of somebody.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// visit is the data of one socket.
type visit struct {
	*person
	// Guarded by Chat.mu.
	returned map[string]time.Duration // rooms it is put back into, and after what time away
	why      socketio.DisconnectReason
}

// NewChat registers the chat's handlers on ns.
func NewChat(ns *socketio.Namespace, log *slog.Logger) *Chat {
	var boot [4]byte
	rand.Read(boot[:])
	c := &Chat{
		ns:     ns,
		log:    log,
		boot:   hex.EncodeToString(boot[:]),
		people: map[string]*person{},
		rooms:  map[string]*room{lobby: newRoom()},
	}
	ns.Use(c.admit)
	ns.OnConnect(c.connected)
	ns.OnReconnect(c.identity, c.reconnected)
	ns.OnPing(c.ping)
	ns.OnJoin(c.joined)
	ns.OnLeave(c.left)
	ns.OnDisconnecting(c.disconnecting)
	ns.OnDisconnect(c.disconnected)

	socketio.OnAck(ns, "join", c.join)
	socketio.OnAck(ns, "leave", c.leave)
	socketio.OnAck(ns, "message", c.message)
	socketio.OnAck(ns, "image", c.image)
	socketio.On(ns, "typing", c.typing)
	socketio.OnAck(ns, "private", c.private)
	return c
}

/* Coming and going */

// admit is the middleware: it lets in who has a good name and a token.
func (c *Chat) admit(_ context.Context, s *socketio.Socket) error {
	var auth struct{ Name, Token string }
	if err := s.Handshake().DecodeAuth(&auth); err != nil {
		return refuse("The auth payload must be an object with the strings name and token.")
	}
	name, err := cleanName(auth.Name)
	if err != nil {
		return err
	}
	if !tokenPattern.MatchString(auth.Token) {
		return refuse("The token must have 16 to 64 letters, digits, - or _.")
	}
	p, err := c.enter(name, auth.Token)
	if err != nil {
		return err
	}
	s.SetData(&visit{person: p, returned: map[string]time.Duration{}})
	// Bound to the context, since a client may vanish before it is connected,
	// and then no disconnect is reported.
	context.AfterFunc(s.Context(), func() { c.exit(p) })
	return nil
}

// enter finds the person that belongs to a token, or makes one.
func (c *Chat) enter(name, token string) (*person, error) {
	sum := sha256.Sum256([]byte(token)) // the id is public, the token is not
	id, key := hex.EncodeToString(sum[:8]), strings.ToLower(name)
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.people[id]; p != nil {
		if p.key != key {
			return nil, refuse("This window is here already, as %s.", p.Name)
		}
		if p.sockets >= maxSockets {
			return nil, refuse("This person has %d connections already.", maxSockets)
		}
		p.sockets++
		return p, nil
	}
	if len(c.people) >= maxPeople {
		return nil, refuse("The chat is full: %d people are here.", maxPeople)
	}
	for _, p := range c.people {
		if p.key == key {
			return nil, refuse("The name %s is taken, choose another.", p.Name)
		}
	}
	p := &person{Person: Person{ID: id, Name: name}, key: key, token: token, sockets: 1}
	c.people[id] = p
	return p, nil
}

func (c *Chat) exit(p *person) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.sockets--; p.sockets == 0 {
		delete(c.people, p.ID)
	}
}

type welcome struct {
	You    Person     `json:"you"`
	Limits limits     `json:"limits"`
	Rev    uint64     `json:"rev"`
	Rooms  []roomInfo `json:"rooms"`
}

func (c *Chat) connected(_ context.Context, s *socketio.Socket) error {
	v := visitOf(s)
	c.log.Info("connected", "name", v.Name, "socket", s.ID(), "transport", s.Session().Transport())
	if err := s.Join(personRoom(v.ID)); err != nil {
		return err
	}
	list := c.roomList()
	return s.Emit("welcome", welcome{You: v.Person, Limits: theLimits, Rev: list.Rev, Rooms: list.Rooms})
}

// identity is what stays the same when a client comes back.
func (c *Chat) identity(s *socketio.Socket) string { return visitOf(s).token }

// reconnected puts a client that had lost its connection back into its rooms.
func (c *Chat) reconnected(_ context.Context, s *socketio.Socket, last socketio.Departure) error {
	if !lost(last.Reason) {
		return nil // it left and came again, which is nothing to speak of
	}
	v, away := visitOf(s), time.Since(last.At)
	c.log.Info("reconnected", "name", v.Name, "away", away)
	for _, name := range last.Rooms {
		if !isChatRoom(name) {
			continue
		}
		c.mu.Lock()
		v.returned[name] = away
		c.mu.Unlock()
		if err := s.Join(name); err != nil {
			return err
		}
	}
	return nil
}

func (c *Chat) disconnecting(s *socketio.Socket, why socketio.DisconnectReason) {
	v := visitOf(s)
	c.mu.Lock()
	v.why = why // for the lines that its rooms will read
	c.mu.Unlock()
}

func (c *Chat) disconnected(s *socketio.Socket, why socketio.DisconnectReason) {
	c.log.Info("disconnected", "name", visitOf(s).Name, "socket", s.ID(), "reason", string(why))
}

// lost tells whether a client went without wanting to.
func lost(why socketio.DisconnectReason) bool {
	return why != "" && why != socketio.ClientNamespaceDisconnect && why != socketio.ServerNamespaceDisconnect
}

// ping shows the client how long its last heartbeat took. Volatile: the next
// one is better than an old one.
func (c *Chat) ping(s *socketio.Socket, rtt time.Duration) {
	_ = s.Volatile().Emit("latency", map[string]float64{"ms": float64(rtt.Microseconds()) / 1000})
}

/* Messages */

// Message is a line of a room, or of a private conversation.
type Message struct {
	ID   string `json:"id"`
	Room string `json:"room,omitempty"`
	From Person `json:"from"`
	Text string `json:"text,omitempty"`
	Name string `json:"name,omitempty"` // of an image's file
	Type string `json:"type,omitempty"` // of an image
	At   int64  `json:"at"`             // Unix time in milliseconds
}

// Receipt tells a sender what became of a message.
type Receipt struct {
	ID        string `json:"id"`
	At        int64  `json:"at"`
	Type      string `json:"type,omitempty"`
	Delivered bool   `json:"delivered,omitempty"`
}

func (c *Chat) newMessage(v *visit) Message {
	c.mu.Lock()
	c.last++
	id := fmt.Sprintf("%s-%d", c.boot, c.last)
	c.mu.Unlock()
	return Message{ID: id, From: v.Person, At: time.Now().UnixMilli()}
}

func (c *Chat) message(_ context.Context, s *socketio.Socket, in struct{ Room, Text string }) (Receipt, error) {
	v := visitOf(s)
	if err := v.pace.spend(1); err != nil {
		return Receipt{}, err
	}
	text, err := cleanText(in.Text)
	if err != nil {
		return Receipt{}, err
	}
	if !s.In(chatRoom(in.Room)) {
		return Receipt{}, notThere(in.Room)
	}
	m := c.newMessage(v)
	m.Room, m.Text = in.Room, text
	c.remember(m)
	return Receipt{ID: m.ID, At: m.At}, s.To(chatRoom(in.Room)).Emit("message", m)
}

type imageOffer = socketio.Args2[struct{ Room, Name string }, []byte]

func (c *Chat) image(_ context.Context, s *socketio.Socket, in imageOffer) (Receipt, error) {
	v := visitOf(s)
	if err := v.pace.spend(imageCost); err != nil {
		return Receipt{}, err
	}
	kind, err := checkImage(in.B)
	if err != nil {
		return Receipt{}, err
	}
	if !s.In(chatRoom(in.A.Room)) {
		return Receipt{}, notThere(in.A.Room)
	}
	m := c.newMessage(v)
	m.Room, m.Name, m.Type = in.A.Room, cleanFileName(in.A.Name), kind
	return Receipt{ID: m.ID, At: m.At, Type: kind}, s.To(chatRoom(m.Room)).Emit("image", m, in.B)
}

// typing passes a sign on that is worthless when late: volatile, and without
// an answer when it is not in order.
func (c *Chat) typing(_ context.Context, s *socketio.Socket, in struct {
	Room string
	On   bool
}) error {
	v := visitOf(s)
	if !s.In(chatRoom(in.Room)) || v.pace.spend(1) != nil {
		return nil
	}
	return s.To(chatRoom(in.Room)).Volatile().Emit("typing", map[string]any{"room": in.Room, "from": v.Person, "on": in.On})
}

// private sends a message to one person, and answers when that person's page
// has it. The sender's next events wait for so long; ackWithin keeps that short.
func (c *Chat) private(ctx context.Context, s *socketio.Socket, in struct{ To, Text string }) (Receipt, error) {
	v := visitOf(s)
	if err := v.pace.spend(1); err != nil {
		return Receipt{}, err
	}
	text, err := cleanText(in.Text)
	if err != nil {
		return Receipt{}, err
	}
	if in.To == v.ID {
		return Receipt{}, refuse("A private message to yourself? Write a note instead.")
	}
	c.mu.Lock()
	to := c.people[in.To]
	c.mu.Unlock()
	if to == nil {
		return Receipt{}, refuse("This person is not here any more.")
	}
	m := c.newMessage(v)
	m.Text = text
	ctx, cancel := context.WithTimeout(ctx, ackWithin)
	defer cancel()
	for _, err = range c.ns.To(personRoom(to.ID)).EmitWithAck(ctx, "private", m) {
		if err == nil { // one of the person's windows is enough
			return Receipt{ID: m.ID, At: m.At, Delivered: true}, nil
		}
	}
	if errors.Is(err, socketio.ErrAckTimeout) {
		return Receipt{}, refuse("Not delivered: %s has not answered within %v.", to.Name, ackWithin)
	}
	return Receipt{}, refuse("Not delivered: %s has just lost the connection.", to.Name)
}

// visitOf returns what admit stored; the middleware runs before anything else can.
func visitOf(s *socketio.Socket) *visit {
	v, _ := socketio.DataOf[*visit](s)
	return v
}

func personRoom(id string) socketio.Room { return "person:" + id }

func notThere(room string) error {
	return refuse("You are not in the room %q.", clip(room, maxRoomName))
}
