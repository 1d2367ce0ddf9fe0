package client

import (
	"context"
	"runtime"
	"strings"
	"sync"
)

// tasks counts the goroutines of a Manager, so that Close can wait for them.
// A sync.WaitGroup does not allow a first Go beside a Wait, which is what a
// Connect and a Close at the same time are.
type tasks struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n comes to 0; nil unless somebody waits
}

// Go runs f on a goroutine that wait waits for.
func (t *tasks) Go(f func()) {
	t.hold()
	t.goHeld(f)
}

// hold counts a goroutine that starts later, with goHeld.
func (t *tasks) hold() {
	t.mu.Lock()
	t.n++
	t.mu.Unlock()
}

// goHeld runs f on a goroutine that hold has counted.
func (t *tasks) goHeld(f func()) { go t.run(f) }

func (t *tasks) run(f func()) {
	defer t.done() // also when f ends its goroutine
	f()
}

// inTask tells whether the caller runs on a goroutine that some tasks count. The
// stack says so: nothing has to be noted while all goes well.
func inTask() bool {
	var pcs [64]uintptr
	for skip := 2; ; {
		n := runtime.Callers(skip, pcs[:])
		frames := runtime.CallersFrames(pcs[:n])
		for {
			f, more := frames.Next()
			if strings.HasSuffix(f.Function, taskFrame) {
				return true
			}
			if !more {
				break
			}
		}
		if n < len(pcs) {
			return false
		}
		skip += n
	}
}

// taskFrame is the end of the name that the function at the bottom of such a goroutine has.
const taskFrame = "socketio/client.(*tasks).run"

func (t *tasks) done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n--; t.n == 0 && t.idle != nil {
		close(t.idle)
		t.idle = nil
	}
}

// wait returns when no goroutine is left, or the error of a context that ended before.
func (t *tasks) wait(ctx context.Context) error {
	for {
		t.mu.Lock()
		if t.n == 0 {
			t.mu.Unlock()
			return nil
		}
		if t.idle == nil {
			t.idle = make(chan struct{})
		}
		idle := t.idle
		t.mu.Unlock()
		select {
		case <-idle:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
