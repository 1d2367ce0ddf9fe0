package churn

import (
	"context"
	"log/slog"
	"sync"
	"testing"
)

// silence is a log that should stay empty: a client that goes away is an
// everyday matter, nothing to warn of.
type silence struct {
	mu    sync.Mutex
	count int
	first []string
}

func (s *silence) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

func (s *silence) Handle(_ context.Context, r slog.Record) error {
	text := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		text += " " + a.String()
		return true
	})
	s.add(text)
	return nil
}

func (s *silence) WithAttrs([]slog.Attr) slog.Handler { return s }
func (s *silence) WithGroup(string) slog.Handler      { return s }

// Write takes the lines of net/http's own log.
func (s *silence) Write(line []byte) (int, error) {
	s.add(string(line))
	return len(line), nil
}

func (s *silence) add(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	if len(s.first) < 10 {
		s.first = append(s.first, text)
	}
}

// check fails the test if something was logged.
func (s *silence) check(t *testing.T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count > 0 {
		t.Errorf("%d lines were logged for clients that just went away, the first of them:", s.count)
		for _, text := range s.first {
			t.Log(text)
		}
	}
}
