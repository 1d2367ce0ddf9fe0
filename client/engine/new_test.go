package engine_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/engine"
)

// diary writes down the events of a connection.
func diary(log chan string) client.Events {
	return client.Events{
		Open:    func() { log <- "open" },
		Message: func(kind client.Kind, data []byte) { log <- fmt.Sprintf("message %d %s", kind, data) },
		Error:   func(err error) { log <- "error " + err.Error() },
		Close:   func(reason client.Reason) { log <- "close " + string(reason) },
	}
}

// The face of a browser's WebSocket: open, message, error, close, and the ready state.
func TestNew(t *testing.T) {
	eachMode(t, func(t *testing.T, cfg client.Config) {
		cfg.Logger = quiet()
		url := serve(t, engine.Config{}, newHost())
		log := make(chan string, 100)
		c := client.New(url, cfg, diary(log))
		if err := c.Send(client.Text, []byte("early")); err != nil && err != client.ErrClosed {
			t.Errorf("Send: %v", err)
		}
		if got := <-log; got != "open" {
			t.Fatal(got)
		}
		for _, m := range []string{"a", "b"} {
			if err := c.Send(client.Text, []byte(m)); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []string{"message 0 a", "message 0 b"} {
			got := <-log
			if got == "message 0 early" { // it was open already
				got = <-log
			}
			if got != want {
				t.Fatalf("%q, want %q", got, want)
			}
		}
		c.Close()
		if got := <-log; got != "close forced close" {
			t.Fatal(got)
		}
		<-c.Done()
		if len(log) != 0 || c.ReadyState() != client.Closed {
			t.Errorf("%v, %q", c.ReadyState(), <-log)
		}
	})
}

// The states that New goes through, and Close while it is connecting.
func TestNewStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{t: t, open: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }}
		hc := inMemory(t, s)
		for name, end := range map[string]func(*client.Conn){"Close": (*client.Conn).Close, "CloseNow": (*client.Conn).CloseNow} {
			log := make(chan string, 10)
			c := client.New("http://memory", client.Config{HTTPClient: hc, Logger: quiet()}, diary(log))
			synctest.Wait()
			if c.ReadyState() != client.Connecting || c.ReadyState().String() != "connecting" || c.ID() != "" || c.Transport() != "" || c.Writable() {
				t.Errorf("%v %q %q", c.ReadyState(), c.ID(), c.Transport())
			}
			if err := c.Send(client.Text, nil); err != client.ErrClosed {
				t.Errorf("Send: %v", err)
			}
			end(c)
			if got := <-log; got != "close forced close" {
				t.Errorf("%s: %s", name, got)
			}
			<-c.Done()
			synctest.Wait()
			if len(log) != 0 {
				t.Errorf("%s: %s", name, <-log)
			}
		}
		log := make(chan string, 10)
		before := time.Now()
		c := client.New("http://memory", client.Config{HTTPClient: hc, Logger: quiet()}, diary(log))
		if got := <-log; !strings.HasPrefix(got, "error engine: polling") || time.Since(before) != 20*time.Second {
			t.Errorf("%s after %v", got, time.Since(before))
		}
		if got := <-log; got != "close transport error" {
			t.Error(got)
		}
		<-c.Done()
	})
	states := []client.State{client.Connecting, client.Open, client.Closing, client.Closed}
	words := fmt.Sprint(states)
	if words != "[connecting open closing closed]" || !slices.Equal(states, []client.State{0, 1, 2, 3}) {
		t.Error(words)
	}
}

// What is wrong with the arguments is reported like all else; functions may be left out.
func TestNewFails(t *testing.T) {
	log := make(chan string, 10)
	c := client.New("nowhere", client.Config{Logger: quiet()}, diary(log))
	if got := <-log; !strings.HasPrefix(got, "error engine: the scheme") {
		t.Error(got)
	}
	if got := <-log; got != "close transport error" {
		t.Error(got)
	}
	<-c.Done()
	c.Close()
	url := serve(t, engine.Config{}, newHost())
	for _, address := range []string{"nowhere", "http://127.0.0.1:1", url} {
		c = client.New(address, client.Config{Logger: quiet()}, client.Events{})
		for c.ReadyState() == client.Connecting {
			<-time.After(time.Millisecond)
		}
		_ = c.Send(client.Text, []byte("x"))
		c.Close()
		<-c.Done()
	}
}
