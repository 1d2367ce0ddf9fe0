package crew

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
)

// Everything is worked on, whoever waits meanwhile, and nobody stays when all is done.
func TestCrew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group sync.WaitGroup
		hold := make(chan struct{})
		var mu sync.Mutex
		worked := map[int]int{}
		var c Crew[int]
		c.Init(group.Go, func(v int) {
			if v%10 == 0 {
				<-hold
			}
			mu.Lock()
			worked[v]++
			mu.Unlock()
		})
		for v := range 100 {
			c.Add(v)
		}
		synctest.Wait()
		mu.Lock()
		if len(worked) != 90 {
			t.Errorf("%d of the 90 that do not wait were worked on", len(worked))
		}
		mu.Unlock()
		close(hold)
		group.Wait()
		for v := range 100 {
			if worked[v] != 1 {
				t.Errorf("%d was worked on %d times", v, worked[v])
			}
		}
	})
}

// Wait returns when nobody is left, or with its context, whoever comes and goes.
func TestCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c Count
		if err := c.Wait(t.Context()); err != nil {
			t.Errorf("nobody was there: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		c.Add()
		c.Add()
		gaveUp, waited := make(chan error, 1), make(chan error, 1)
		go func() { gaveUp <- c.Wait(ctx) }()
		go func() { waited <- c.Wait(t.Context()) }()
		c.Done()
		synctest.Wait()
		if len(gaveUp)+len(waited) > 0 {
			t.Error("Wait returned though one is there")
		}
		cancel()
		if err := <-gaveUp; err != context.Canceled {
			t.Errorf("Wait whose context ended: %v", err)
		}
		c.Done()
		if err := <-waited; err != nil {
			t.Errorf("Wait: %v", err)
		}
	})
}
