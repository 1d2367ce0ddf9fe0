// Package fifo is the list that everything stands in which waits its turn:
// messages, events, connections with news.
package fifo

import "cmp"

// List is a first-in, first-out list that uses its space again, so that one
// which is never quite empty does not grow for ever. The zero List is empty.
// It is not safe for concurrent use: its owner has a lock, and often a pool.
type List[T any] struct {
	// Spare is how much space, in entries, an empty list keeps at most: that of a
	// rare burst is better left to the collector. Zero: 1024.
	Spare int

	items []T
	head  int // those before it are taken
}

const defaultSpare = 1024

// Make returns an empty List with room for n entries.
func Make[T any](n int) List[T] { return List[T]{items: make([]T, 0, n)} }

// Len returns how many entries wait.
func (l *List[T]) Len() int { return len(l.items) - l.head }

// Cap returns how many entries there is room for, taken ones included.
func (l *List[T]) Cap() int { return cap(l.items) }

// Push appends entries.
func (l *List[T]) Push(more ...T) {
	if len(l.items)+len(more) > cap(l.items) && l.head > len(l.items)/2 {
		n := copy(l.items, l.items[l.head:])
		clear(l.items[n:])
		l.items, l.head = l.items[:n], 0
	}
	l.items = append(l.items, more...)
}

// Waiting returns the entries, the first of them first. The slice is good until
// the List is changed; the entries may be replaced in it.
func (l *List[T]) Waiting() []T { return l.items[l.head:] }

// Drop takes the first n entries off, of which there must be as many.
func (l *List[T]) Drop(n int) {
	clear(l.items[l.head : l.head+n])
	if l.head += n; l.head == len(l.items) {
		l.reset()
	}
}

// Pop takes the first entry, false if there is none.
func (l *List[T]) Pop() (first T, ok bool) {
	if l.head == len(l.items) {
		return first, false
	}
	first = l.items[l.head]
	l.Drop(1)
	return first, true
}

// PopInto takes as many entries as there are and dst has room for, and returns
// their number.
func (l *List[T]) PopInto(dst []T) int {
	n := copy(dst, l.items[l.head:])
	l.Drop(n)
	return n
}

// Clear takes all entries off.
func (l *List[T]) Clear() { l.Drop(l.Len()) }

// Keep takes off the entries that keep does not want.
func (l *List[T]) Keep(keep func(T) bool) {
	kept := l.items[:l.head]
	for _, v := range l.items[l.head:] {
		if keep(v) {
			kept = append(kept, v)
		}
	}
	clear(l.items[len(kept):])
	if l.items = kept; l.head == len(l.items) {
		l.reset()
	}
}

func (l *List[T]) reset() {
	l.items, l.head = l.items[:0], 0
	if spare := cmp.Or(l.Spare, defaultSpare); cap(l.items) > spare {
		l.items = nil
	}
}
