package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/go-socketio/socketio/client"
)

// What a session remembers of a server that may send anything.
const (
	maxSeen      = 500 // names of events, for completion
	maxQuestions = 100 // events of the server that wait for an answer
)

// session is one connection with the namespaces joined on it. Its methods may
// be called concurrently.
type session struct {
	ctx     context.Context
	target  *target
	view    view
	manager *client.Manager
	pending sync.WaitGroup // answers that are waited for, namespaces being joined
	patient bool           // leaving and joining waits for all that is pending; for scripts

	// lost is told why the current namespace will not come back by itself.
	lost chan error

	mu          sync.Mutex
	current     *client.Socket
	joined      []*client.Socket        // in order
	opened      bool                    // the first connection was there
	welcome     map[*client.Socket]bool // the server has let it in once
	closing     bool
	lastFailure string           // to connect, for those that repeat it
	away        []*client.Socket // what disconnect disconnected
	only        []string         // patterns of events to show; all if there is none
	mute        []string         // patterns of events not to show
	seen        []string         // names of events, the newest last
	requests    int              // answers asked for so far
	questions   map[int]*client.Event
	asked       int // by the server, so far
	heartbeat   time.Time
	roundTrip   time.Duration
	code        int // the exit code of what went wrong
}

func newSession(ctx context.Context, t *target, v view) *session {
	s := &session{
		ctx: ctx, target: t, view: v, manager: client.NewManager(t.url, t.config),
		lost: make(chan error, 1), questions: map[int]*client.Event{}, welcome: map[*client.Socket]bool{},
	}
	s.manager.OnUpgrade(func(transport string) { s.report(happening{Kind: upgraded, Transport: transport}) })
	s.manager.OnReconnectAttempt(func(n int) { s.report(happening{Kind: attempted, Attempt: n}) })
	s.manager.OnReconnect(func(n int) { s.report(happening{Kind: reconnected, Attempt: n}) })
	s.manager.OnPing(func() {
		s.mu.Lock()
		s.heartbeat = time.Now()
		s.mu.Unlock()
		s.report(happening{Kind: pinged})
	})
	s.current = s.socket(t.namespace, t.auth)
	return s
}

func (s *session) report(h happening) {
	h.Time = time.Now()
	s.view.show(h)
}

// fail reports what went wrong with something that was asked for, and has the
// command end with an exit code. The first one counts.
func (s *session) fail(code int, h happening) {
	s.remember(code)
	s.report(h)
}

func (s *session) remember(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.code == exitOK {
		s.code = code
	}
}

func (s *session) exitCode() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.code
}

// connect waits for the first connection. What stands in its way is an error
// at once, although the client would try again: a mistake in the address is
// more likely than a server that is about to start.
func (s *session) connect() error {
	ctx, cancel := context.WithCancelCause(s.ctx)
	defer cancel(nil)
	remove := s.current.OnConnectError(func(err error) { cancel(err) })
	defer remove()
	told := make(chan struct{}) // runs behind the listener that reports the connection
	removeTold := s.current.OnConnect(sync.OnceFunc(func() { close(told) }))
	defer removeTold()
	err := s.current.Connect(ctx)
	if err == nil {
		select {
		case <-told: // so that nothing is reported before it
		case <-ctx.Done():
		}
	}
	s.mu.Lock()
	s.opened = err == nil
	s.mu.Unlock()
	if err == nil {
		return nil
	}
	if s.ctx.Err() != nil {
		return &codedError{code: exitInterrupted}
	}
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	return explain(err, s.target).error()
}

// close leaves, after what was emitted has gone out.
func (s *session) close() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), s.target.timeout)
	defer cancel()
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	_ = s.manager.Close(ctx) // a server that takes nothing any more is cut off
	s.pending.Wait()         // every wait has ended with the Manager
}

// socket returns the socket of a namespace, and has all it does reported.
func (s *session) socket(namespace string, auth json.RawMessage) *client.Socket {
	so := s.manager.Socket(namespace, s.target.options(auth)...)
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Contains(s.joined, so) {
		return so
	}
	s.joined = append(s.joined, so)
	nsp := so.Namespace()
	so.OnConnect(func() {
		s.mu.Lock()
		s.welcome[so], s.lastFailure = true, ""
		s.mu.Unlock()
		s.report(happening{Kind: connected, Namespace: nsp, Socket: so.ID(), Transport: s.manager.Transport(), Recovered: so.Recovered()})
	})
	so.OnConnectError(func(err error) { s.connectFailed(so, err) })
	so.OnDisconnect(func(why client.DisconnectReason, err error) {
		h := happening{Kind: disconnected, Namespace: nsp, Reason: string(why)}
		if err != nil {
			h.Message = clearer(err).Error()
		}
		s.mu.Lock()
		h.ends = s.closing
		s.mu.Unlock()
		s.report(h)
		if (!so.Active() || s.target.config.DisableReconnection) && why != client.ClientDisconnect {
			s.gone(so, fmt.Sprintf("the connection is lost for good: %s", why))
		}
	})
	so.OnAny(func(_ context.Context, e *client.Event) { s.received(e) })
	return so
}

// connectFailed reports an attempt to connect that was in vain.
func (s *session) connectFailed(so *client.Socket, err error) {
	_, refused := errors.AsType[*client.ConnectError](err)
	e := explain(err, s.target)
	s.mu.Lock()
	opened, welcome := s.opened, s.welcome[so]
	again := e.what == s.lastFailure
	s.lastFailure = e.what
	if other := s.otherLocked(so); refused && s.current == so && other != nil {
		s.current = other
	}
	s.mu.Unlock()
	s.report(happening{
		Kind: connectError, Namespace: so.Namespace(), Message: e.what, Data: e.data, Advice: e.advice,
		ends: !opened, again: again && !refused,
	})
	if refused && welcome {
		s.gone(so, e.what)
	}
}

// otherLocked returns a namespace that is joined beside the given one, nil if
// there is none.
func (s *session) otherLocked(so *client.Socket) *client.Socket {
	for _, other := range s.joined {
		if other != so && other.Active() {
			return other
		}
	}
	return nil
}

// gone notes that a namespace is over; it is the end for who waits for it.
func (s *session) gone(so *client.Socket, why string) {
	if so != s.here() {
		return
	}
	select {
	case s.lost <- &codedError{exitError, why}:
	default: // the first one counts
	}
}

// here is the socket that commands go to.
func (s *session) here() *client.Socket {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current
}

// received shows an event of the server.
func (s *session) received(e *client.Event) {
	h := happening{Kind: received, Namespace: e.Socket().Namespace(), Event: e.Name(), Args: values(e.Args())}
	s.mu.Lock()
	s.seeLocked(e.Name())
	if e.WantsAck() {
		s.asked++
		h.Answer = s.asked
		s.questions[s.asked] = e
		delete(s.questions, s.asked-maxQuestions)
	}
	hidden := len(s.only) > 0 && !matches(s.only, e.Name()) || matches(s.mute, e.Name())
	s.mu.Unlock()
	if !hidden {
		s.report(h)
	}
}

func matches(patterns []string, event string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, event); p == event || err == nil && ok {
			return true
		}
	}
	return false
}

// seeLocked remembers an event's name.
func (s *session) seeLocked(event string) {
	if slices.Contains(s.seen, event) || len(event) > 200 {
		return
	}
	if len(s.seen) == maxSeen {
		s.seen = slices.Delete(s.seen, 0, 1)
	}
	s.seen = append(s.seen, event)
}
