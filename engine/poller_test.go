package engine_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// poller is a polling client that does exactly what it is told.
type poller struct {
	t    testing.TB
	hc   *http.Client
	url  string // with the session id
	open handshake
}

type handshake struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int64    `json:"pingInterval"`
	PingTimeout  int64    `json:"pingTimeout"`
	MaxPayload   int      `json:"maxPayload"`
}

func parseOpen(t testing.TB, packet string) (h handshake) {
	t.Helper()
	data, ok := strings.CutPrefix(packet, "0")
	if !ok {
		t.Fatalf("first packet is %q, want an open packet", packet)
	}
	if err := json.Unmarshal([]byte(data), &h); err != nil {
		t.Fatalf("open packet %q: %v", packet, err)
	}
	return h
}

// poll opens a polling session. Packets that came with the open packet are rest.
func (g *rig) poll(header ...string) (p *poller, rest []string) {
	g.t.Helper()
	return openPoller(g.t, g.hc, g.url, header...)
}

func openPoller(t testing.TB, hc *http.Client, url string, header ...string) (*poller, []string) {
	t.Helper()
	url += "?EIO=4&transport=polling"
	r := do(t, hc, "GET", url, "", header...)
	if r.status != http.StatusOK {
		t.Fatalf("handshake answered %v", r)
	}
	packets := strings.Split(r.body, "\x1e")
	p := &poller{t: t, hc: hc, open: parseOpen(t, packets[0])}
	p.url = url + "&sid=" + p.open.SID
	return p, packets[1:]
}

// session opens a polling session and returns both ends.
func (g *rig) session(header ...string) (*poller, *talk) {
	g.t.Helper()
	p, _ := g.poll(header...)
	return p, g.app.find(p.open.SID)
}

func (p *poller) get() reply {
	p.t.Helper()
	return do(p.t, p.hc, "GET", p.url, "")
}

func (p *poller) post(body string, header ...string) reply {
	p.t.Helper()
	return do(p.t, p.hc, "POST", p.url, body, header...)
}

// say posts packets that the server must accept.
func (p *poller) say(packets ...string) {
	p.t.Helper()
	p.post(strings.Join(packets, "\x1e")).want(p.t, http.StatusOK, "ok")
}

// wantGet polls once and compares the answer.
func (p *poller) wantGet(packets ...string) {
	p.t.Helper()
	p.get().want(p.t, http.StatusOK, strings.Join(packets, "\x1e"))
}

// parked is a GET under way.
type parked struct {
	t      testing.TB
	done   chan struct{}
	r      reply
	err    error
	cancel context.CancelFunc
}

// park starts a GET. It is on its way when park returns, not necessarily there.
func (p *poller) park() *parked {
	ctx, cancel := context.WithCancel(context.Background())
	k := &parked{t: p.t, done: make(chan struct{}), cancel: cancel}
	go func() {
		defer close(k.done)
		defer cancel()
		k.r, k.err = try(ctx, p.hc, "GET", p.url, nil)
	}()
	return k
}

func (k *parked) wait() reply {
	k.t.Helper()
	<-k.done // bounded by patience in try
	if k.err != nil {
		k.t.Fatalf("GET failed: %v", k.err)
	}
	return k.r
}

// abort cuts the GET off and waits until the client has.
func (k *parked) abort() {
	k.cancel()
	<-k.done
}
