package load

import (
	"slices"

	"github.com/go-socketio/socketio/client/engine"
)

// Scenario describes one kind of load.
type Scenario struct {
	Name  string
	About string
	Unit  string // what is counted

	also      []string // other names
	needsEmit bool
	churns    bool // connections come and go
	defaults  Config
	make      func(*run) traffic
}

// traffic is what a scenario does with clients that are connected.
type traffic interface {
	// prepare is called when all clients are there.
	prepare(stop <-chan struct{}) error
	// begin starts to send: as many messages as the window holds. With a rate
	// it does nothing, and send is called for message after message.
	begin()
	send(k int64, at int64)
	// receive gets a packet of Socket.IO, without the first byte of Engine.IO.
	// A client's packets come one at a time.
	receive(c *client, kind engine.Kind, data []byte)
	// sweep gives up what waits since before the given moment.
	sweep(before int64)
	// waiting tells how many replies are still to come.
	waiting() int
	// gone is called for a client whose connection has ended.
	gone(c *client)
}

func scenarios() []Scenario {
	both := []string{engine.Polling, engine.WebSocket}
	return []Scenario{
		{
			Name: "echo", About: "each client sends, the server sends it back", Unit: "replies",
			defaults: Config{Clients: 100, Window: 1, Event: "echo"}, make: newEcho,
		},
		{
			Name: "ack", About: "each client asks, the server acknowledges with what it got", Unit: "acknowledgements",
			defaults: Config{Clients: 100, Window: 1, Event: "ack"}, make: newEcho,
		},
		{
			Name: "binary", About: "echo with a buffer", Unit: "replies",
			defaults: Config{Clients: 100, Window: 1, Event: "bin"}, make: newEcho,
		},
		{
			Name: "polling", About: "echo over HTTP long-polling", Unit: "replies",
			defaults: Config{Clients: 50, Window: 1, Event: "echo", Transports: both[:1]}, make: newEcho,
		},
		{
			Name: "broadcast", About: "one client sends, the server sends it to all", Unit: "deliveries",
			defaults: Config{Clients: 100, Window: 1, Event: "broadcast"}, make: newFanout,
		},
		{
			Name: "rooms", About: "one client of each room sends, the server sends it to the room", Unit: "deliveries",
			defaults: Config{Clients: 100, Window: 1, Rooms: 10, Event: "toroom", Join: "join"}, make: newFanout,
		},
		{
			Name: "idle", About: "clients connect and stay; what the server sends is counted", Unit: "events",
			also: []string{"hold"}, defaults: Config{Clients: 1000}, make: newListen,
		},
		{
			Name: "emit", About: "clients send the event that you say, and count the acknowledgements", Unit: "messages",
			needsEmit: true, defaults: Config{Clients: 10, Window: 1}, make: newEmit,
		},
		{
			Name: "connect", About: "clients come, connect to the namespace and leave", Unit: "connections",
			churns: true, defaults: Config{Clients: 16}, make: newListen,
		},
		{
			Name: "upgrade", About: "the same, over polling with the change to WebSocket", Unit: "connections",
			churns: true, defaults: Config{Clients: 16, Transports: both}, make: newListen,
		},
	}
}

// Is reports whether the scenario has that name, or is also called so.
func (s *Scenario) Is(name string) bool { return s.Name == name || slices.Contains(s.also, name) }

// Scenarios lists the names of all.
func Scenarios() []string {
	var names []string
	for _, s := range scenarios() {
		names = append(names, s.Name)
	}
	return names
}

// Describe lists all.
func Describe() []Scenario { return scenarios() }

func scenarioNamed(name string) (Scenario, bool) {
	for _, s := range scenarios() {
		if s.Is(name) {
			return s, true
		}
	}
	return Scenario{}, false
}
