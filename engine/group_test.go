package engine

import (
	"runtime"
	"testing"
	"testing/synctest"
)

// A goroutine that has nothing to do takes the next task, and all go home with
// the last that runs; synctest fails the test if one stays.
func TestGroupParks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g group
		g.most = 2
		g.start() // something else runs all the time
		before := runtime.NumGoroutine()
		task := func(f func()) {
			g.start()
			g.run(f)
		}
		ran := 0
		for range 5 {
			task(func() { ran++ })
			synctest.Wait()
		}
		if n := runtime.NumGoroutine() - before; ran != 5 || n != 1 {
			t.Errorf("%d of 5 tasks ran, %d goroutines wait for more, want 1", ran, n)
		}
		hold := make(chan struct{})
		for range 5 {
			task(func() { <-hold })
		}
		synctest.Wait()
		close(hold)
		synctest.Wait()
		if n := runtime.NumGoroutine() - before; n != 2 {
			t.Errorf("%d goroutines wait, want the most there may be, 2", n)
		}
		task(runtime.Goexit)
		synctest.Wait()
		if n := runtime.NumGoroutine() - before; n != 1 {
			t.Errorf("%d goroutines wait after one has left, want 1", n)
		}
		g.done()
		synctest.Wait()
		if n := runtime.NumGoroutine() - before; n != 0 || g.n != 0 {
			t.Errorf("%d goroutines wait though nothing runs, the count is %d", n, g.n)
		}
	})
}
