package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-socketio/socketio/client"
)

// settled waits, for who is patient, until nothing is pending. Every wait has a
// bound.
func (s *session) settled() {
	if s.patient {
		s.pending.Wait()
	}
}

// join joins a namespace, if it is not joined, and makes it the current one.
func (s *session) join(name string, auth json.RawMessage) error {
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	so := s.socket(name, auth)
	s.mu.Lock()
	s.current = so
	s.mu.Unlock()
	if !so.Active() {
		s.start(so)
		s.settled()
	}
	return nil
}

// start connects a socket, and returns when it has begun to.
func (s *session) start(so *client.Socket) {
	so.Start() // what is emitted next waits for it
	ctx, cancel := context.WithTimeout(s.ctx, s.target.timeout)
	s.pending.Go(func() {
		defer cancel()
		err := so.Connect(ctx) // the failures themselves are reported by the listeners
		if err == nil || errors.Is(err, client.ErrClosed) || errors.Is(err, client.ErrDisconnected) {
			return
		}
		code := exitTimeout
		if _, refused := errors.AsType[*client.ConnectError](err); refused {
			code = exitRefused
		}
		s.remember(code)
	})
}

// leave leaves a namespace. Another one that is joined becomes the current one.
func (s *session) leave(name string) error {
	s.mu.Lock()
	var so *client.Socket
	for _, j := range s.joined {
		if n := j.Namespace(); n == name || n == "/"+name {
			so = j
		}
	}
	other := s.otherLocked(so)
	if so != nil && other != nil && s.current == so {
		s.current = other
	}
	s.mu.Unlock()
	switch {
	case so == nil || !so.Active():
		return fmt.Errorf("not in %s; status tells where you are", clean(name))
	case other == nil:
		return errors.New("it is the only namespace; disconnect leaves it, quit ends the program")
	}
	s.settled()
	so.Disconnect()
	return nil
}

// disconnect closes the connection, and connect opens it again with the
// namespaces it had.
func (s *session) disconnect() error {
	var active []*client.Socket
	for _, so := range s.sockets() {
		if so.Active() {
			active = append(active, so)
		}
	}
	if len(active) == 0 {
		return errOffline
	}
	s.settled()
	s.mu.Lock()
	s.away = active
	s.mu.Unlock()
	s.manager.Disconnect()
	return nil
}

func (s *session) connectAgain() error {
	s.mu.Lock()
	away, current := s.away, s.current
	s.away = nil
	s.mu.Unlock()
	if current.Active() {
		return errors.New("connected already, or about to be; reconnect begins anew")
	}
	if len(away) == 0 {
		away = []*client.Socket{current}
	}
	for _, so := range away {
		s.start(so)
	}
	s.settled()
	return nil
}

func (s *session) sockets() []*client.Socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.joined)
}

// status reports where each namespace stands.
func (s *session) status() {
	current := s.here()
	for _, so := range s.sockets() {
		if !so.Active() && so != current {
			continue // it was left, or refused
		}
		here := so.Connected()
		h := happening{Kind: status, Namespace: so.Namespace(), Connected: &here}
		if here {
			h.Socket, h.Transport = so.ID(), s.manager.Transport()
			s.mu.Lock()
			if !s.heartbeat.IsZero() {
				at := s.heartbeat
				h.Heartbeat = &at
			}
			h.Millis = float64(s.roundTrip.Microseconds()) / 1000
			s.mu.Unlock()
		}
		s.report(h)
	}
}

// filter sets which events are shown.
func (s *session) filter(only, mute []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.only, s.mute = only, mute
}

// named returns the socket of a joined namespace, nil if it is not joined.
func (s *session) named(namespace string) *client.Socket {
	for _, so := range s.sockets() {
		if n := so.Namespace(); n == namespace || n == "/"+namespace {
			return so
		}
	}
	return nil
}
