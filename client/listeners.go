package client

import (
	"slices"
	"sync"
	"sync/atomic"
)

// listeners is a list of functions that can be called while it is changed.
type listeners[F any] struct {
	mu   sync.Mutex
	list atomic.Pointer[[]*F] // copied on write
}

// add adds a function; remove takes it off again, also while the list is being called.
func (l *listeners[F]) add(f F) (remove func()) {
	entry := &f
	l.mu.Lock()
	defer l.mu.Unlock()
	list := append(slices.Clip(slices.Clone(l.all())), entry)
	l.list.Store(&list)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		list := slices.DeleteFunc(slices.Clone(l.all()), func(e *F) bool { return e == entry })
		l.list.Store(&list)
	}
}

// all returns the functions of this moment. The list must not be changed.
func (l *listeners[F]) all() []*F {
	if p := l.list.Load(); p != nil {
		return *p
	}
	return nil
}
