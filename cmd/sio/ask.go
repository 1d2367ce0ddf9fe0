package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-socketio/socketio/client"
)

var errOffline = errors.New("not connected; the command connect connects again")

// emit sends an event, and does not wait.
func (s *session) emit(so *client.Socket, event string, args []any, volatile bool) error {
	if err := s.ready(so, event); err != nil {
		return err
	}
	if volatile {
		if !so.Connected() {
			s.report(happening{Kind: noted, Message: "dropped, since there is no connection now"})
			return nil
		}
		return clearer(so.Volatile().Emit(event, sendables(args)...))
	}
	s.noteWait(so)
	return clearer(so.Emit(event, sendables(args)...))
}

func (s *session) ready(so *client.Socket, event string) error {
	s.mu.Lock()
	s.seeLocked(event)
	s.mu.Unlock()
	if !so.Active() {
		return errOffline
	}
	return nil
}

// noteWait says so when an event has to wait.
func (s *session) noteWait(so *client.Socket) {
	if !so.Connected() {
		s.report(happening{Kind: noted, Message: "kept until the connection is there"})
	}
}

// clearer takes the name of the package off an error.
func clearer(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	for _, name := range []string{"client: ", "engine: ", "wsock: "} {
		text = strings.TrimPrefix(text, name)
	}
	return errors.New(text)
}

// ask sends an event and reports the answer when it comes. It returns when the
// event is on its way.
func (s *session) ask(so *client.Socket, event string, args []any, tag json.RawMessage) error {
	if err := s.ready(so, event); err != nil {
		return err
	}
	s.mu.Lock()
	s.requests++
	h := happening{Namespace: so.Namespace(), Event: event, Request: s.requests, Tag: tag}
	before, reported := s.before, make(chan struct{})
	s.before = reported
	s.mu.Unlock()
	out := h
	out.Kind, out.Args = asked, args
	s.report(out)
	s.noteWait(so)
	ctx, cancel := context.WithTimeout(s.ctx, s.target.timeout)
	q := &queued{Context: ctx, when: make(chan struct{})}
	s.pending.Go(func() {
		defer cancel()
		defer q.is()
		defer close(reported)
		began := time.Now()
		reply, err := so.EmitWithAck(q, event, sendables(args)...)
		took := time.Since(began)
		if s.inOrder && before != nil {
			<-before // which has a bound, as this has
		}
		if err != nil {
			h.Kind, h.Message = unanswered, s.whyUnanswered(err)
			code := exitError
			if errors.Is(err, client.ErrAckTimeout) {
				code = exitTimeout
			}
			s.fail(code, h)
			return
		}
		s.mu.Lock()
		s.roundTrip = took
		s.mu.Unlock()
		h.Kind, h.Args, h.Millis = answered, values(reply.Args()), float64(took.Microseconds())/1000
		if reply.Err() != nil {
			s.fail(exitAnswer, h)
			return
		}
		s.report(h)
	})
	<-q.when
	return nil
}

func (s *session) whyUnanswered(err error) string {
	if errors.Is(err, client.ErrAckTimeout) {
		return fmt.Sprintf("no answer within %v; the server may have no handler that acknowledges this event", s.target.timeout)
	}
	return clearer(err).Error()
}

// queued is a context that tells when somebody begins to wait for its end: the
// client does so when the event is queued. Later events then go behind it.
type queued struct {
	context.Context
	once sync.Once
	when chan struct{}
}

func (q *queued) is() { q.once.Do(func() { close(q.when) }) }

// Done implements [context.Context].
func (q *queued) Done() <-chan struct{} {
	q.is()
	return q.Context.Done()
}

// answer answers an event of the server.
func (s *session) answer(n int, args []any) error {
	s.mu.Lock()
	e := s.questions[n]
	delete(s.questions, n)
	s.mu.Unlock()
	if e == nil {
		return fmt.Errorf("no event of the server with the number %d waits for an answer", n)
	}
	return clearer(e.Ack(sendables(args)...))
}
