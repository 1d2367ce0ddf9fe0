package socketio

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Namespace is a separate channel on the connections of a server: its own
// handlers, middleware, rooms and sockets. All methods may be called
// concurrently, at any time; what is registered late holds for what happens after.
type Namespace struct {
	srv   *Server
	name  string
	table atomic.Pointer[table] // copied on write, so that reading takes no lock
	rooms rooms
	ackID atomic.Uint64 // shared by all sockets: a broadcast uses one id for all its receivers
	gone  departures

	history *history // nil unless Config.Recovery is set

	parent    *parent      // set on a parent namespace
	inherited *Namespace   // the parent that made this one
	users     atomic.Int64 // sockets of a child, counted up under Server.mu

	mu sync.Mutex // guards writing table
}

// table is everything the application registered.
type table struct {
	events        map[string][]*handler
	any           []*listener
	outgoing      []*outgoingListener
	serverSide    []*serverListener
	screens       []screen
	failed        []func(*Socket, *Event, error)
	use           []func(context.Context, *Socket) error
	connect       []func(context.Context, *Socket) error
	disconnecting []func(*Socket, DisconnectReason)
	disconnect    []func(*Socket, DisconnectReason)
	ping          []func(*Socket, time.Duration)
	join, leave   []func(*Socket, Room)
	create, drop  []func(Room)
	identity      func(*Socket) string
	greet         []func(context.Context, *Socket, Departure) error
}

func newNamespace(srv *Server, name string) *Namespace {
	ns := &Namespace{srv: srv, name: name, history: newHistory(srv)}
	ns.table.Store(&table{})
	ns.rooms.init()
	return ns
}

// Name returns the namespace's name, with its leading slash.
func (ns *Namespace) Name() string { return ns.name }

// Server returns the server that the namespace belongs to.
func (ns *Namespace) Server() *Server { return ns.srv }

// register changes a copy of the table, and those of a parent's children.
func (ns *Namespace) register(change func(*table)) {
	if ns.parent != nil {
		ns.srv.mu.RLock() // no child is made meanwhile
		defer ns.srv.mu.RUnlock()
		for _, child := range ns.parent.children {
			child.change(change)
		}
	}
	ns.change(change)
}

func (ns *Namespace) change(change func(*table)) {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	t := *ns.table.Load()
	change(&t)
	ns.table.Store(&t)
}

// with appends to a copy: readers may be walking the old slice's memory.
func with[F any](list []F, f F) []F {
	return append(list[:len(list):len(list)], f)
}

// without removes from a copy.
func without[F comparable](list []F, f F) []F {
	rest := make([]F, 0, len(list))
	for _, x := range list {
		if x != f {
			rest = append(rest, x)
		}
	}
	return rest
}

// Use adds a middleware. Middlewares run one after the other for each client
// that asks to join, before it is answered. The first error refuses the client:
// an [*Error] reaches it as connect_error, of any other it learns only
// "internal error". ctx ends when the client goes away. Events that f emits to
// the socket are held until the client is in.
func (ns *Namespace) Use(f func(ctx context.Context, s *Socket) error) {
	ns.register(func(t *table) { t.use = with(t.use, f) })
}

// OnConnect adds a function that runs for each client that passed the
// middlewares. The client is told that it is connected when all of them have
// returned, so a room joined here misses no broadcast that the client could
// know of; what is emitted to it before is sent right after. An error refuses
// the client as in Use. Waiting for an ack of the client (EmitWithAck) tells it
// at once instead, and a later error then disconnects it.
//
// The client's events wait until OnConnect is done: start a goroutine, bound to
// ctx, for work that goes on.
func (ns *Namespace) OnConnect(f func(ctx context.Context, s *Socket) error) {
	ns.register(func(t *table) { t.connect = with(t.connect, f) })
}

// OnDisconnecting adds a function that runs when a socket is gone, before
// those of OnDisconnect; s.Rooms still tells where it was. It runs after the
// events that the client sent before it left.
func (ns *Namespace) OnDisconnecting(f func(s *Socket, why DisconnectReason)) {
	ns.register(func(t *table) { t.disconnecting = with(t.disconnecting, f) })
}

// OnDisconnect adds a function that runs once for each socket that was
// connected, when it is gone.
func (ns *Namespace) OnDisconnect(f func(s *Socket, why DisconnectReason)) {
	ns.register(func(t *table) { t.disconnect = with(t.disconnect, f) })
}

// OnPing adds a function that runs when a client has answered a heartbeat (the
// server sends one each Config.PingInterval), with the time that it took. The
// clients that Config.AllowEIO3 lets in send their heartbeats themselves; the time is 0 then.
func (ns *Namespace) OnPing(f func(s *Socket, rtt time.Duration)) {
	ns.register(func(t *table) { t.ping = with(t.ping, f) })
}

// OnJoin adds a function that runs after a socket has entered a room. The room
// of a socket's own id counts for nothing here. It runs on the goroutine that called Join.
// When several goroutines move the same socket, or fill and empty the same room,
// the functions of one move may run after those of a later one.
func (ns *Namespace) OnJoin(f func(s *Socket, room Room)) {
	ns.register(func(t *table) { t.join = with(t.join, f) })
}

// OnLeave adds a function that runs after a socket has left a room, by Leave
// or by disconnecting.
func (ns *Namespace) OnLeave(f func(s *Socket, room Room)) {
	ns.register(func(t *table) { t.leave = with(t.leave, f) })
}

// OnRoomCreate adds a function that runs after a room got its first member, before OnJoin.
func (ns *Namespace) OnRoomCreate(f func(room Room)) {
	ns.register(func(t *table) { t.create = with(t.create, f) })
}

// OnRoomDelete adds a function that runs after a room's last member left, after OnLeave.
func (ns *Namespace) OnRoomDelete(f func(room Room)) {
	ns.register(func(t *table) { t.drop = with(t.drop, f) })
}

// Socket returns the socket with the given id, nil if there is none on this
// server. It may be one whose OnConnect still runs.
func (ns *Namespace) Socket(id string) *Socket { return ns.rooms.socket(id) }

// Len returns the number of sockets in the namespace on this server, those
// included whose OnConnect still runs.
func (ns *Namespace) Len() int { return ns.rooms.len() }

// Rooms returns the rooms with at least one member on this server, in no order.
// The implicit room of each socket's id is not among them unless somebody else is in it.
func (ns *Namespace) Rooms() []Room { return ns.rooms.names() }

// Emit sends an event to every socket of the namespace. See [Broadcast.Emit].
func (ns *Namespace) Emit(event string, args ...any) error {
	return ns.Broadcast().Emit(event, args...)
}

// Broadcast returns a broadcast to the whole namespace.
func (ns *Namespace) Broadcast() Broadcast { return Broadcast{ns: ns} }

// To returns a broadcast to the members of any of the rooms.
func (ns *Namespace) To(rooms ...Room) Broadcast { return ns.Broadcast().To(rooms...) }

// Except returns a broadcast to all but the members of the rooms.
func (ns *Namespace) Except(rooms ...Room) Broadcast { return ns.Broadcast().Except(rooms...) }
