package client

import "iter"

// shelf is a map by name for where there are mostly a few names, and many
// shelves: a map has room for eight from the beginning.
type shelf[V any] struct {
	few  []named[V]
	many map[string]V // instead of few, once there were more than maxFew
}

type named[V any] struct {
	name string
	v    V
}

// maxFew is how many names are found as fast one by one.
const maxFew = 8

func (s *shelf[V]) get(name string) (v V) {
	if s.many != nil {
		return s.many[name]
	}
	for i := range s.few {
		if s.few[i].name == name {
			return s.few[i].v
		}
	}
	return v
}

func (s *shelf[V]) set(name string, v V) {
	if s.many != nil {
		s.many[name] = v
		return
	}
	for i := range s.few {
		if s.few[i].name == name {
			s.few[i].v = v
			return
		}
	}
	if len(s.few) < maxFew {
		s.few = append(s.few, named[V]{name, v})
		return
	}
	s.many = make(map[string]V, 2*maxFew)
	for _, e := range s.few {
		s.many[e.name] = e.v
	}
	s.many[name] = v
	s.few = nil
}

func (s *shelf[V]) remove(name string) {
	delete(s.many, name)
	for i := range s.few {
		if s.few[i].name == name {
			last := len(s.few) - 1
			s.few[i] = s.few[last]
			s.few[last] = named[V]{}
			s.few = s.few[:last]
			return
		}
	}
}

func (s *shelf[V]) len() int { return len(s.few) + len(s.many) }

// all yields the values. The shelf must not be changed meanwhile.
func (s *shelf[V]) all() iter.Seq[V] {
	return func(yield func(V) bool) {
		for _, e := range s.few {
			if !yield(e.v) {
				return
			}
		}
		for _, v := range s.many {
			if !yield(v) {
				return
			}
		}
	}
}
