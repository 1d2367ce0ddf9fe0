package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
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
	s.mu.Unlock()
	out := h
	out.Kind, out.Args = asked, args
	s.report(out)
	s.noteWait(so)
	ctx, cancel := context.WithTimeout(s.ctx, s.target.timeout)
	began := time.Now()
	s.pending.Add(1)
	err := so.EmitAckFunc(ctx, func(reply client.Reply, err error) {
		defer s.pending.Done()
		cancel()
		s.answered(h, reply, err, time.Since(began))
	}, event, sendables(args)...)
	if err != nil {
		cancel()
		s.pending.Done()
	}
	return clearer(err)
}

// answered reports how the wait for an answer has ended.
func (s *session) answered(h happening, reply client.Reply, err error, took time.Duration) {
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
}

func (s *session) whyUnanswered(err error) string {
	if errors.Is(err, client.ErrAckTimeout) {
		return fmt.Sprintf("no answer within %v; the server may have no handler that acknowledges this event", s.target.timeout)
	}
	return clearer(err).Error()
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
