package main

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-socketio/socketio"
)

// Whatever stands in the way of a connection is told with what to do about it.
func TestNoConnection(t *testing.T) {
	serve := func(h http.HandlerFunc) string {
		web := httptest.NewServer(h)
		t.Cleanup(web.Close)
		return web.URL
	}
	answer := func(status int, body string) string {
		return serve(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
	secure := httptest.NewUnstartedServer(openOffice(t, socketio.Config{}).srv)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // it is refused on purpose
	secure.StartTLS()
	defer secure.Close()
	_, port, _ := net.SplitHostPort(secure.Listener.Addr().String())

	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()

	plain := openOffice(t, socketio.Config{Transports: []string{"websocket"}}).url
	for _, c := range []struct{ what, args, want, advice string }{
		{"nothing there", "http://" + closed.Addr().String(), "nothing listens at http://127.0.0.1:", "is the server running"},
		{"no such host", "http://no-such-host.invalid", "no-such-host.invalid cannot be resolved", "check the host"},
		{"silence", "http://" + mute.Addr().String() + " -timeout 50ms", "did not answer within 50ms", "firewall"},
		{"not found", answer(404, "404 page\x1b[2J not found"), "/socket.io/ answered 404 Not Found: 404 page\ufffd[2J not found", "-path says where"},
		{"a page", answer(200, "<!doctype html><title>Welcome"), "answered 200 OK: <!doctype html><title>Welcome", "-path says where"},
		{"an old server", answer(200, `96:0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":5000}2:40`), "is one of Socket.IO 1 or 2", "legacy-clients.md"},
		{"a wall", answer(403, "who are you?"), "answered 403 Forbidden: who are you?", "-header adds"},
		{"trouble", answer(502, ""), "answered 502 Bad Gateway", "proxy"},
		{"no polling", plain, "Transport unknown (code 0, status 400)", "-transport"},
		{"another version", answer(400, `{"code":5,"message":"Unsupported protocol version"}`), "Unsupported protocol version", "another version"},
		{"no TLS", strings.Replace(plain, "http:", "https:", 1), "does not speak TLS", "http://"},
		{"TLS", "http://" + secure.Listener.Addr().String(), "answered 400 Bad Request", "https://"},
		{"a stranger's certificate", secure.URL, "is not signed by an authority", "-insecure"},
		{"another's certificate", "https://localhost:" + port, "certificate", "-insecure"},
	} {
		code, stdout, stderr := sio(t, "", append([]string{"connect"}, strings.Fields(c.args)...)...)
		if code != exitError || stdout != "" || !strings.Contains(stderr, c.want) || !strings.Contains(stderr, c.advice) {
			t.Errorf("%s: code %d, stdout %q, stderr %q; want %q, %q", c.what, code, stdout, stderr, c.want, c.advice)
		}
	}
	// A program is told the same, and the password in the URL is not.
	code, all := scripted(t, "", "http://ada:pass@"+closed.Addr().String())
	if code != exitError || len(all) != 1 || all[0].Kind != connectError || all[0].Advice == "" || strings.Contains(all[0].Message, "pass") {
		t.Errorf("code %d, %+v", code, all)
	}
	for _, transport := range []string{"polling", "websocket", "polling,websocket"} {
		if code, stdout, stderr := sio(t, "ack message 1", "connect", secure.URL, "-insecure", "-transport", transport); code != 0 || stdout != "1\n" {
			t.Errorf("-insecure over %s: code %d, %q, %s", transport, code, stdout, stderr)
		}
	}
}
