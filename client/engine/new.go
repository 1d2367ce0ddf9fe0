package engine

import "context"

// Events are the four events of a browser's WebSocket. Each may be nil. They
// are called one at a time, never concurrently.
type Events struct {
	// Open is called when the connection is open.
	Open func()
	// Message gets one message, see [Receiver].
	Message func(kind Kind, data []byte)
	// Error is called right before Close if something went wrong.
	Error func(err error)
	// Close is the last call, also if no connection came about.
	Close func(reason Reason)
}

// New opens a connection in the background, as a browser's new WebSocket(url)
// does, and returns at once: the connection is Connecting until Open or Close
// is called. Messages can be sent from Open on. Everything that can go wrong,
// a URL that is none included, is reported to Error and Close.
func New(url string, cfg Config, ev Events) *Conn {
	c, err := newConn(url, cfg, events{ev})
	if err != nil {
		c = &Conn{cfg: &cfg, to: &target{}, recv: events{ev}}
		cfg = cfg.withDefaults()
		c.end(TransportError, err)
		return c
	}
	c.tasks = 1
	go func() {
		defer c.finish()
		if err := c.open(context.Background()); err != nil {
			c.end(TransportError, err)
		}
	}()
	return c
}

// events makes a Receiver of functions.
type events struct{ Events }

func (e events) Opened(*Conn) {
	if e.Open != nil {
		e.Open()
	}
}

func (e events) Message(kind Kind, data []byte) {
	if e.Events.Message != nil {
		e.Events.Message(kind, data)
	}
}

func (e events) Closed(reason Reason, err error) {
	if err != nil && e.Error != nil {
		e.Error(err)
	}
	if e.Close != nil {
		e.Close(reason)
	}
}
