package client

import (
	"slices"
	"sync/atomic"
)

// listeners is a list of functions that can be called while it is changed. There
// are many lists and most stay empty, so it is one word.
type listeners[F any] struct {
	list atomic.Pointer[[]*F] // copied on write
}

// add adds a function; remove takes it off again, also while the list is being called.
func (l *listeners[F]) add(f F) (remove func()) {
	entry := &f
	l.change(func(list []*F) []*F { return append(list, entry) })
	return func() {
		l.change(func(list []*F) []*F {
			return slices.DeleteFunc(list, func(e *F) bool { return e == entry })
		})
	}
}

func (l *listeners[F]) change(change func([]*F) []*F) {
	for {
		old := l.list.Load()
		list := []*F(nil)
		if old != nil {
			list = slices.Clone(*old)
		}
		list = change(list)
		if l.list.CompareAndSwap(old, &list) {
			return
		}
	}
}

// all returns the functions of this moment. The list must not be changed.
func (l *listeners[F]) all() []*F {
	if p := l.list.Load(); p != nil {
		return *p
	}
	return nil
}
