package main

import (
	"encoding/json"
	"io"
	"strconv"
	"sync"
	"time"
)

// happening is anything that sio connect tells of. In JSON the fields of its
// kind are there and no others; docs/sio.md lists them.
type happening struct {
	Time      time.Time       `json:"time"`
	Kind      kind            `json:"type"`
	Namespace string          `json:"namespace,omitempty"`
	Event     string          `json:"event,omitempty"`
	Args      arguments       `json:"args,omitzero"`
	Request   int             `json:"request,omitempty"` // numbers what was asked for with an ack
	Tag       json.RawMessage `json:"id,omitempty"`      // of whoever asked, as given
	Answer    int             `json:"answer,omitempty"`  // numbers what the server asks for
	Millis    float64         `json:"ms,omitempty"`      // from the question to the answer
	Socket    string          `json:"socket,omitempty"`  // id of the socket
	Transport string          `json:"transport,omitempty"`
	Recovered bool            `json:"recovered,omitempty"`
	Connected *bool           `json:"connected,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	Attempt   int             `json:"attempt,omitempty"`
	Message   string          `json:"message,omitempty"`
	Data      json.RawMessage `json:"data,omitempty"`
	Advice    string          `json:"advice,omitempty"`
	Heartbeat *time.Time      `json:"heartbeat,omitempty"` // when the last one came

	// For people only:
	ends  bool // the command ends with it, and says so itself
	again bool // the same as the last time
}

type kind string

const (
	connected    kind = "connect"
	connectError kind = "connect_error"
	disconnected kind = "disconnect"
	attempted    kind = "reconnect_attempt"
	reconnected  kind = "reconnect"
	upgraded     kind = "upgrade"
	pinged       kind = "ping"
	received     kind = "event"
	asked        kind = "ask"
	answered     kind = "ack"
	unanswered   kind = "ack_error"
	status       kind = "status"
	noted        kind = "note"
	failed       kind = "error"
)

// arguments are values as one JSON array.
type arguments []any

// MarshalJSON implements [json.Marshaler].
func (a arguments) MarshalJSON() ([]byte, error) { return appendValue(nil, []any(a)), nil }

// view shows what happens. It may be called concurrently.
type view interface{ show(h happening) }

// jsonView writes a line of JSON for everything that happens, for programs.
type jsonView struct {
	mu  sync.Mutex // keeps lines whole
	out io.Writer
}

func (v *jsonView) show(h happening) {
	h.Time = h.Time.UTC().Truncate(time.Millisecond)
	line, err := json.Marshal(h)
	if err != nil {
		line, _ = json.Marshal(happening{Time: h.Time, Kind: failed, Message: err.Error()})
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	_, _ = v.out.Write(append(line, '\n')) // nobody is left to tell
}

// plainView writes what the server says to one writer, a line each, and all
// else to the other: for pipes.
type plainView struct {
	mu         sync.Mutex
	out, notes io.Writer
}

func (v *plainView) show(h happening) {
	var line []byte
	switch h.Kind {
	case received:
		line = append(line, label(h.Event)...)
		for _, arg := range h.Args {
			line = appendValue(append(line, ' '), arg)
		}
		line = append(line, '\n')
	case answered:
		for _, arg := range h.Args {
			line = append(appendValue(line, arg), '\n')
		}
	case pinged, asked:
		return
	default:
		if !h.ends && !h.again {
			line = append([]byte(sentence(h)), '\n')
		}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	to := v.notes
	if h.Kind == received || h.Kind == answered {
		to = v.out
	}
	_, _ = to.Write(line) // nobody is left to tell
}

// sentence says in words what is neither an event nor an answer.
func sentence(h happening) string {
	switch h.Kind {
	case connected:
		s := "connected to " + clean(h.Namespace) + " as " + clean(h.Socket) + " over " + h.Transport
		if h.Recovered {
			s += ", with all that was missed"
		}
		return s
	case disconnected:
		s := "disconnected from " + clean(h.Namespace) + ": " + h.Reason
		if h.Message != "" {
			s += " (" + clean(h.Message) + ")"
		}
		return s
	case attempted:
		return "connecting again, attempt " + strconv.Itoa(h.Attempt)
	case reconnected:
		return "the connection is back, attempt " + strconv.Itoa(h.Attempt)
	case upgraded:
		return "now over " + h.Transport
	case unanswered:
		return "#" + strconv.Itoa(h.Request) + " " + label(h.Event) + ": " + clean(h.Message)
	case status:
		return statusText(h)
	}
	s := clean(h.Message)
	if h.Data != nil {
		s += "\n  data: " + clean(string(h.Data))
	}
	if h.Advice != "" {
		s += "\n  " + h.Advice
	}
	return s
}

func statusText(h happening) string {
	if h.Connected == nil || !*h.Connected {
		return h.Namespace + ": not connected"
	}
	s := h.Namespace + ": connected as " + clean(h.Socket) + " over " + h.Transport
	if h.Heartbeat != nil {
		s += ", heartbeat " + h.Time.Sub(*h.Heartbeat).Round(100*time.Millisecond).String() + " ago"
	}
	if h.Millis > 0 {
		s += ", last answer took " + milliseconds(h.Millis)
	}
	return s
}

func milliseconds(ms float64) string {
	digits := 0
	if ms < 100 {
		digits = 1
	}
	return strconv.FormatFloat(ms, 'f', digits, 64) + " ms"
}
