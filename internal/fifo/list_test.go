package fifo

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Whatever is done to a List, it has the entries that a plain slice has.
func TestList(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var l List[int]
	var want []int
	next := 0
	for step := range 20_000 {
		switch op := r.IntN(10); {
		case op < 4:
			var more []int
			for range r.IntN(5) {
				next++
				more = append(more, next)
			}
			l.Push(more...)
			want = append(want, more...)
		case op < 7:
			got, ok := l.Pop()
			if ok != (len(want) > 0) || ok && got != want[0] {
				t.Fatalf("step %d: Pop is %d, %v, want the first of %v", step, got, ok, want)
			}
			if ok {
				want = want[1:]
			}
		case op < 9:
			var some [3]int
			n := l.PopInto(some[:])
			if n != min(3, len(want)) || !slices.Equal(some[:n], want[:n]) {
				t.Fatalf("step %d: PopInto is %v, want the first of %v", step, some[:n], want)
			}
			want = want[n:]
		default:
			odd := func(n int) bool { return n%2 == 1 }
			l.Keep(odd)
			want = slices.DeleteFunc(want, func(n int) bool { return !odd(n) })
		}
		if l.Len() != len(want) || !slices.Equal(l.Waiting(), want) {
			t.Fatalf("step %d: %v waits, want %v", step, l.Waiting(), want)
		}
	}
}

// A list that is never empty stays small, and an empty one gives a large space back.
func TestListSpace(t *testing.T) {
	l := Make[*int](4)
	l.Push(new(int), new(int), new(int))
	for range 100_000 {
		l.Push(new(int))
		l.Pop()
	}
	if n := l.Cap(); n > 16 {
		t.Errorf("a list of 3 has room for %d", n)
	}
	for i, p := range l.items[:cap(l.items)] {
		if taken := i < l.head || i >= len(l.items); taken != (p == nil) {
			t.Errorf("entry %d of %d: taken %v, but the collector sees %v", i, l.head, taken, p)
		}
	}
	l.Push(make([]*int, 2*defaultSpare)...)
	l.Clear()
	if n := l.Cap(); n != 0 {
		t.Errorf("an empty list keeps room for %d", n)
	}
}
