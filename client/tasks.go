package client

import (
	"runtime"
	"strings"

	"github.com/go-socketio/socketio/internal/crew"
)

// tasks counts the goroutines of a Manager, so that Close can wait for them.
type tasks struct{ crew.Count }

// Go runs f on a goroutine that Wait waits for.
func (t *tasks) Go(f func()) {
	t.Add()
	t.goAdded(f)
}

// goAdded runs f on a goroutine that Add has counted.
func (t *tasks) goAdded(f func()) { go t.run(f) }

func (t *tasks) run(f func()) {
	defer t.Done() // also when f ends its goroutine
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
