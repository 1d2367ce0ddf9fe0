package main

import "github.com/go-socketio/socketio"

// arg reads an argument that must be a T. The JSON null, which decodes into
// anything and changes nothing, is none.
func arg[T any](e *socketio.Event, i int) (T, bool) {
	var v *T
	if e.Arg(i, &v) != nil || v == nil {
		return *new(T), false
	}
	return *v, true
}

// countArg reads an argument that is a whole number from 0 on.
func countArg(e *socketio.Event, i int) (int, bool) {
	n, ok := arg[int](e, i)
	return n, ok && n >= 0
}

// roomsArg reads an argument that is a room or a list of rooms.
func roomsArg(e *socketio.Event, i int) ([]socketio.Room, bool) {
	if one, ok := arg[string](e, i); ok {
		return []socketio.Room{one}, true
	}
	list, ok := arg[[]*string](e, i)
	if !ok {
		return nil, false
	}
	names := make([]socketio.Room, 0, len(list))
	for _, name := range list {
		if name == nil {
			return nil, false
		}
		names = append(names, *name)
	}
	return names, true
}

// emission reads an event and its arguments, from the i-th argument on.
func emission(e *socketio.Event, i int) (event string, args []any, ok bool) {
	event, named := arg[string](e, i)
	args, listed := arg[[]any](e, i+1)
	return event, args, named && listed
}
