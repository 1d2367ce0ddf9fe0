package client

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// A shelf is a map, with few names and with many.
func TestShelf(t *testing.T) {
	for _, names := range []int{3, maxFew, 40} {
		var s shelf[int]
		want := map[string]int{}
		for i := range 2000 {
			name := strconv.Itoa(rand.IntN(names))
			if rand.IntN(3) == 0 {
				s.remove(name)
				delete(want, name)
			} else {
				s.set(name, i)
				want[name] = i
			}
			if name = strconv.Itoa(rand.IntN(names)); s.get(name) != want[name] || s.len() != len(want) {
				t.Fatalf("%d names: %s is %d, not %d; %d, not %d", names, name, s.get(name), want[name], s.len(), len(want))
			}
			if got := slices.Sorted(s.all()); !slices.Equal(got, slices.Sorted(maps.Values(want))) {
				t.Fatalf("%d names: all are %v, not %v", names, got, want)
			}
		}
	}
}
