package crew

import (
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
