package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// peer is a client that speaks the protocol by hand, over polling: one POST
// for each thing it says, one GET at a time to hear.
type peer struct {
	t       *testing.T
	url     string // with the session's id, once there is one
	http    *http.Client
	heard   []heard // not asked for yet
	calls   int
	partial *heard // waits for attachments
}

// heard is one Socket.IO packet: its type, its ack id ("" for none) and its arguments.
type heard struct {
	kind, id string
	args     []json.RawMessage
	files    [][]byte
	missing  int
}

func (h heard) event() string {
	var name string
	if (h.kind == "2" || h.kind == "5") && len(h.args) > 0 {
		_ = json.Unmarshal(h.args[0], &name)
	}
	return name
}

// arrive connects and returns what the server said to it: kind 0 (connected) or 4 (refused).
func arrive(t *testing.T, base string, auth any) (*peer, heard) {
	t.Helper()
	p := &peer{t: t, url: base + "/socket.io/?EIO=4&transport=polling", http: &http.Client{Timeout: 20 * time.Second}}
	var open struct{ SID string }
	first := p.get()
	if err := json.Unmarshal([]byte(strings.TrimPrefix(first[0], "0")), &open); err != nil || open.SID == "" {
		t.Fatalf("no handshake: %q", first)
	}
	p.url += "&sid=" + open.SID
	t.Cleanup(func() {
		// A server that shuts down waits for clients to fetch what it has left to
		// say; this one closes instead, whether the session still exists or not.
		if r, err := p.http.Post(p.url, "text/plain;charset=UTF-8", strings.NewReader("1")); err == nil {
			r.Body.Close()
		}
		p.http.CloseIdleConnections()
	})
	text := ""
	if auth != nil {
		text = string(encode(t, auth))
	}
	p.post("40" + text)
	return p, p.next(func(h heard) bool { return h.kind == "0" || h.kind == "4" })
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (p *peer) get() []string {
	p.t.Helper()
	r, err := p.http.Get(p.url)
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		p.t.Fatalf("GET: %s %q %v", r.Status, body, err)
	}
	return strings.Split(string(body), "\x1e")
}

func (p *peer) post(packets ...string) {
	p.t.Helper()
	r, err := p.http.Post(p.url, "text/plain;charset=UTF-8", strings.NewReader(strings.Join(packets, "\x1e")))
	if err != nil {
		p.t.Fatal(err)
	}
	defer r.Body.Close()
	if body, _ := io.ReadAll(r.Body); r.StatusCode != http.StatusOK {
		p.t.Fatalf("POST: %s %q", r.Status, body)
	}
}

// next returns the first packet that is wanted and keeps the others.
func (p *peer) next(wanted func(heard) bool) heard {
	p.t.Helper()
	began := time.Now() // heartbeats keep the requests coming back, so this ends
	for at := 0; ; at++ {
		for at >= len(p.heard) {
			if time.Since(began) > 20*time.Second {
				p.t.Fatalf("waited in vain, among %+v", p.heard)
			}
			for _, packet := range p.get() {
				p.hear(packet)
			}
		}
		if h := p.heard[at]; wanted(h) {
			p.heard = append(p.heard[:at:at], p.heard[at+1:]...)
			return h
		}
	}
}

func (p *peer) hear(packet string) {
	p.t.Helper()
	switch {
	case packet == "2":
		p.post("3")
	case packet == "1":
		p.heard = append(p.heard, heard{kind: "closed"})
	case strings.HasPrefix(packet, "b"):
		file, err := base64.StdEncoding.DecodeString(packet[1:])
		if err != nil || p.partial == nil {
			p.t.Fatalf("attachment %q: %v", packet, err)
		}
		p.partial.files = append(p.partial.files, file)
		if p.partial.missing--; p.partial.missing == 0 {
			p.heard = append(p.heard, *p.partial)
			p.partial = nil
		}
	case strings.HasPrefix(packet, "4"):
		h := heard{kind: packet[1:2]}
		rest := packet[2:]
		if h.kind == "5" || h.kind == "6" {
			var n int
			fmt.Sscanf(rest, "%d-", &n)
			h.missing, rest = n, rest[strings.Index(rest, "-")+1:]
		}
		body := strings.TrimLeft(rest, "0123456789")
		h.id = rest[:len(rest)-len(body)]
		if strings.HasPrefix(body, "[") {
			if err := json.Unmarshal([]byte(body), &h.args); err != nil {
				p.t.Fatalf("packet %q: %v", packet, err)
			}
		} else if body != "" {
			h.args = []json.RawMessage{json.RawMessage(body)}
		}
		if h.missing > 0 {
			p.partial = &h
			return
		}
		p.heard = append(p.heard, h)
	}
}

// event waits for an event and decodes its first argument.
func (p *peer) event(name string, dst any) heard {
	p.t.Helper()
	h := p.next(func(h heard) bool { return h.event() == name })
	if len(h.args) < 2 {
		p.t.Fatalf("%s without arguments", name)
	}
	if err := json.Unmarshal(h.args[1], dst); err != nil {
		p.t.Fatalf("%s: %v", name, err)
	}
	return h
}

func (p *peer) emit(event string, args ...any) {
	p.t.Helper()
	p.post("42" + string(encode(p.t, append([]any{event}, args...))))
}

// ask emits an event with an ack id, as [event, args...] with files for
// placeholders, and returns what it was answered.
func (p *peer) ask(event string, args ...any) answer {
	p.t.Helper()
	p.calls++
	id := fmt.Sprint(p.calls)
	var files []string
	for i, a := range args {
		if data, ok := a.([]byte); ok {
			args[i] = map[string]any{"_placeholder": true, "num": len(files)}
			files = append(files, "b"+base64.StdEncoding.EncodeToString(data))
		}
	}
	kind := "42"
	if len(files) > 0 {
		kind = fmt.Sprintf("45%d-", len(files))
	}
	text := kind + id + string(encode(p.t, append([]any{event}, args...)))
	p.post(append([]string{text}, files...)...)
	h := p.next(func(h heard) bool { return (h.kind == "3" || h.kind == "6") && h.id == id })
	return answer{p.t, h}
}

func (p *peer) acknowledge(h heard, v any) {
	p.t.Helper()
	p.post("43" + h.id + string(encode(p.t, []any{v})))
}

type answer struct {
	t *testing.T
	heard
}

// decode fails if the answer is an error.
func (a answer) decode(dst any) {
	a.t.Helper()
	if message := a.failure(); message != "" {
		a.t.Fatalf("answered with the error %q", message)
	}
	if err := json.Unmarshal(a.args[0], dst); err != nil {
		a.t.Fatal(err)
	}
}

// failure returns the message of an error, "" if the answer is none.
func (a answer) failure() string {
	a.t.Helper()
	if len(a.args) == 0 {
		a.t.Fatal("answered with nothing")
	}
	return failureIn(a.args[0])
}

func failureIn(raw json.RawMessage) string {
	var e struct{ Error struct{ Message string } }
	if bytes.HasPrefix(raw, []byte("{")) {
		_ = json.Unmarshal(raw, &e)
	}
	return e.Error.Message
}

// startChat serves the demo for one test.
func startChat(t *testing.T) string {
	t.Helper()
	srv, h := demoServer(slog.New(slog.NewTextHandler(io.Discard, nil)))
	web := httptest.NewServer(h)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("the chat did not end: %v", err)
		}
		web.Close()
	})
	return web.URL
}

func token(name string) string { return strings.Repeat("0", 16) + name }

// enter brings somebody into the lobby.
func enter(t *testing.T, base, name string) (*peer, welcome) {
	t.Helper()
	p, h := arrive(t, base, map[string]string{"name": name, "token": token(name)})
	if h.kind != "0" {
		t.Fatalf("%s was refused: %s", name, h.args)
	}
	var w welcome
	p.event("welcome", &w)
	p.ask("join", lobby).decode(new(entry))
	return p, w
}
