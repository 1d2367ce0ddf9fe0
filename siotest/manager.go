package siotest

import (
	"context"
	"testing"

	"github.com/go-socketio/socketio/client"
)

// Manager returns the client that programs use, for the server: where a test is
// about what [Client] does not do, such as coming back by itself. HTTPClient and
// Path are those of ts unless cfg has its own. It is closed at the end of the
// test, which fails if a handler of it does not return within Patience.
func (ts *Server) Manager(t testing.TB, cfg client.Config) *client.Manager {
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = ts.HTTPClient
	}
	if cfg.Path == "" {
		cfg.Path = ts.Path
	}
	m := client.NewManager(ts.URL, cfg)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), ts.Patience)
		defer cancel()
		if err := m.Close(ctx); err != nil {
			t.Errorf("siotest: %v after the end of the test something of the client still runs (a handler?): %v", ts.Patience, err)
		}
	})
	return m
}
