package load

import (
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// A shard is the counters of some of the clients. There are a few, so that the
// processors do not wait for each other's cache lines.
type shard struct {
	latency    histogram
	sent       atomic.Int64 // messages
	received   atomic.Int64 // right replies or deliveries
	bytes      atomic.Int64 // received
	other      atomic.Int64 // events that the scenario did not ask for
	wrong      atomic.Int64 // replies that are not what was sent
	duplicated atomic.Int64
	reordered  atomic.Int64
	lost       atomic.Int64 // not there within the timeout
	late       atomic.Int64 // came after they had been given up
	_          [64]byte
}

// tally counts errors by what they say.
type tally struct {
	mu    sync.Mutex
	count map[string]int64
	all   atomic.Int64
}

// ErrorCount is one kind of error, and how often it was met.
type ErrorCount struct {
	Error string `json:"error"`
	Count int64  `json:"count"`
}

// maxKinds bounds the memory of errors whose text never repeats.
const maxKinds = 50

func (t *tally) add(what string, err error) {
	text := what + ": " + explain(err)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all.Add(1)
	if t.count == nil {
		t.count = map[string]int64{}
	}
	if _, known := t.count[text]; !known && len(t.count) >= maxKinds {
		text = "other errors"
	}
	t.count[text]++
}

func (t *tally) list() []ErrorCount {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := []ErrorCount{}
	for text, n := range t.count {
		list = append(list, ErrorCount{text, n})
	}
	slices.SortFunc(list, func(a, b ErrorCount) int {
		if a.Count != b.Count {
			return int(b.Count - a.Count)
		}
		return strings.Compare(a.Error, b.Error)
	})
	return list
}

// explain says what an error means to someone who tests a server, without ports
// and ids that would make each one a kind of its own.
func explain(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused: nothing listens there"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "no local port is left for this address; connect from several addresses with -from, or wait a minute"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "too many open files in this process; see ulimit -n"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "connection reset by the server"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return "the server takes nothing"
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return "the name " + e.Name + " cannot be resolved: " + e.Err
	}
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Err != nil {
		return e.Op + ": " + e.Err.Error()
	}
	text := strings.TrimPrefix(err.Error(), "engine: ")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	return text
}
