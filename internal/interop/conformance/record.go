package main

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/go-socketio/socketio"
)

// record is what the application keeps for one socket. Handlers of other
// sockets read it too, hence the lock.
type record struct {
	mu   sync.Mutex
	data map[string]any
	in   []string // names of the events so far, from the client
	out  []string // and to it
}

func keepRecord(_ context.Context, s *socketio.Socket) error {
	s.SetData(&record{data: map[string]any{}, in: []string{}, out: []string{}})
	return nil
}

func recordOf(s *socketio.Socket) *record {
	r, _ := socketio.DataOf[*record](s)
	return r
}

func (r *record) set(key string, value any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.data[key] = value
}

func (r *record) merge(data map[string]any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.Copy(r.data, data)
}

// step adds a letter to the list of passed middlewares and returns the list.
func (r *record) step(letter string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	steps, _ := r.data["steps"].([]string)
	steps = append(slices.Clip(steps), letter)
	r.data["steps"] = steps
	return steps
}

// snapshot returns the data as it is now.
func (r *record) snapshot() map[string]any {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.data)
}

func (r *record) see(event string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.in = append(r.in, event)
}

func (r *record) sent(event string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out = append(r.out, event)
}

func (r *record) sight() (in, out []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.in), slices.Clone(r.out)
}
