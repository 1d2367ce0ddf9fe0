package load

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-socketio/socketio/client/engine"
)

// Config says what a run does. Zero values mean the scenario's defaults. In URL,
// Auth, Emit and the values of Header and Query, {{n}} is the number of the client, from
// 0, and {{random}} is new each time.
type Config struct {
	Scenario string
	URL      string
	Path     string      // of the server; default /socket.io/
	TLS      *tls.Config // for https and wss
	Header   http.Header
	Query    url.Values
	Auth     string // JSON, sent when a client connects to its namespace
	// Namespaces are shared out among the clients. Default: the main one.
	Namespaces []string
	Transports []string // the first opens; default: WebSocket, unless the scenario says more

	Clients    int
	Connecting int           // handshakes under way at a time
	Ramp       time.Duration // time over which the clients come; 0: as fast as they can
	Warmup     time.Duration // load before the measurement
	Duration   time.Duration // of the measurement
	Timeout    time.Duration // after it a connection has failed and a reply is lost

	Window int     // messages of one sender that may wait for their replies
	Rate   float64 // messages per second of all clients together, instead of Window
	Size   int     // bytes of a payload
	Rooms  int
	// Event is what is emitted, Reply what comes back, Join enters a room.
	Event, Reply, Join string
	Emit               string // event and arguments of the scenario emit
	Ack                bool   // with Emit: ask for an acknowledgement
	// From lists local addresses to connect from, in turn: one address has some
	// 28,000 ports for one server.
	From []string
}

// Mistake is an error in a Config.
type Mistake struct{ Message string }

func (m *Mistake) Error() string { return m.Message }

func mistake(format string, args ...any) error { return &Mistake{fmt.Sprintf(format, args...)} }

const (
	tagSize = 16
	// Larger payloads are refused by servers with default settings.
	maxSize = 16 << 20
)

// withDefaults fills in what the scenario has for what is not set, and checks
// everything.
func (c Config) withDefaults() (Config, error) {
	s, ok := scenarioNamed(c.Scenario)
	if !ok {
		return c, mistake("there is no scenario %q; there are %s", c.Scenario, strings.Join(Scenarios(), ", "))
	}
	c.Scenario = s.Name
	d := s.defaults
	or(&c.Path, "/socket.io/")
	or(&c.Clients, d.Clients)
	or(&c.Connecting, 64)
	or(&c.Duration, 10*time.Second)
	or(&c.Timeout, 10*time.Second)
	or(&c.Size, 64)
	or(&c.Rooms, d.Rooms)
	or(&c.Event, d.Event)
	or(&c.Join, d.Join)
	or(&c.Reply, c.Event)
	if c.Rate == 0 {
		or(&c.Window, d.Window)
	}
	if len(c.Namespaces) == 0 {
		c.Namespaces = []string{"/"}
	}
	if len(c.Transports) == 0 {
		c.Transports = d.Transports
	}
	if len(c.Transports) == 0 {
		c.Transports = []string{engine.WebSocket}
	}
	c.Rooms = min(c.Rooms, c.Clients)
	return c, c.check(s)
}

func or[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

func (c *Config) check(s Scenario) error {
	if err := checkURL(c.URL); err != nil {
		return err
	}
	for _, n := range []struct {
		flag     string
		value    float64
		min, max float64
	}{
		{"-clients", float64(c.Clients), 1, 1_000_000},
		{"-connecting", float64(c.Connecting), 1, 100_000},
		{"-window", float64(c.Window), 0, 1 << 15},
		{"-rate", c.Rate, 0, 1e8},
		{"-size", float64(c.Size), tagSize, maxSize},
		{"-duration", c.Duration.Seconds(), 0.05, 1e7},
		{"-warm-up", c.Warmup.Seconds(), 0, 1e6},
		{"-ramp", c.Ramp.Seconds(), 0, 1e6},
		{"-timeout", c.Timeout.Seconds(), 0.01, 600},
	} {
		if !(n.value >= n.min && n.value <= n.max) {
			return mistake("%s %s is not between %s and %s", n.flag, plain(n.value), plain(n.min), plain(n.max))
		}
	}
	if s.defaults.Rooms > 0 && c.Rooms < 1 {
		return mistake("-rooms %d: at least one is needed", c.Rooms)
	}
	if c.Window > 0 && c.Rate > 0 {
		return mistake("-window and -rate exclude each other: the one sends when replies come, the other by the clock")
	}
	return c.checkTexts(s)
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func (c *Config) checkTexts(s Scenario) error {
	for i, ns := range c.Namespaces {
		if !strings.HasPrefix(ns, "/") || strings.Contains(ns, ",") {
			return mistake("-namespace %q: a namespace begins with a slash and has no comma", ns)
		}
		if slices.Index(c.Namespaces, ns) != i {
			return mistake("-namespace %s is there twice", ns)
		}
	}
	for i, t := range c.Transports {
		if t != engine.Polling && t != engine.WebSocket {
			return mistake("-transport: %q is neither polling nor websocket", t)
		}
		if slices.Index(c.Transports, t) != i {
			return mistake("-transport: %s is there twice", t)
		}
	}
	for flag, all := range map[string]map[string][]string{"-header ": c.Header, "-query ": c.Query} {
		for name, values := range all {
			for _, v := range values {
				if err := checkTemplate(flag+name, v); err != nil {
					return err
				}
			}
		}
	}
	if c.Auth != "" {
		if err := checkJSON("-auth", c.Auth); err != nil {
			return err
		}
	}
	for _, a := range c.From {
		if net.ParseIP(a) == nil {
			return mistake("-from %q is no IP address", a)
		}
	}
	if c.Emit == "" {
		if s.needsEmit {
			return mistake("the scenario emit needs -emit, such as -emit 'move,{\"x\":1}'")
		}
		if c.Ack {
			return mistake("-ack belongs to -emit; the scenario ack asks for acknowledgements by itself")
		}
		return nil
	}
	if !s.needsEmit {
		return mistake("-emit belongs to the scenario emit, not to %s; -event says which event %s sends", s.Name, s.Name)
	}
	array, err := eventOf(c.Emit)
	if err != nil {
		return err
	}
	c.Emit = array
	if !c.Ack && c.Rate == 0 {
		c.Rate = float64(c.Clients)
	}
	if c.Rate > 0 {
		c.Window = 0
	}
	return nil
}
