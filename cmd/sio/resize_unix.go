//go:build unix

package main

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// onResize calls f whenever the terminal's size changes, until stop is called,
// which waits for it.
func onResize(f func()) (stop func()) {
	changed := make(chan os.Signal, 1)
	signal.Notify(changed, syscall.SIGWINCH)
	var done sync.WaitGroup
	done.Go(func() {
		for range changed {
			f()
		}
	})
	return func() {
		signal.Stop(changed)
		close(changed) // Stop has returned: nothing is sent any more
		done.Wait()
	}
}
