package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func newTestNamespace() *socketio.Namespace {
	return socketio.NewServer(socketio.Config{Logger: quiet()}).Of("/")
}

// output is a writer that tests may read while the command runs.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func TestCommandLines(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		out  string // in stdout if the code is 0, else in stderr
	}{
		{"", 2, "Usage"},
		{"help", 0, "sio serve"},
		{"help serve", 0, "-ping-interval"},
		{"-h", 0, "sio serve"},
		{"version", 0, "sio "},
		{"dance", 2, `unknown command "dance"`},
		{"demo -h", 0, "-addr"},
		{"demo extra", 2, `"extra"`},
		{"demo -port 1", 2, "not defined: -port"},
		{"demo -addr localhost", 2, "no host:port"},
		{"serve -h", 0, "broadcast event"},
		{"serve -addr 5", 2, "no host:port"},
		{"serve -path socket?x", 2, "-path"},
		{"serve -path /a{b}", 2, "-path"},
		{"serve -path /healthz", 2, "health"},
		{"serve -origins app.example", 2, "no origin"},
		{"serve -origins https://app.example/path", 2, "no origin"},
		{"serve -transports polling,carrier-pigeon", 2, "carrier-pigeon"},
		{"serve -transports polling,polling", 2, "twice"},
		{"serve -transports=", 2, "neither"},
		{"serve -max-payload 0", 2, "-max-payload"},
		{"serve -max-queued -1", 2, "-max-queued"},
		{"serve -max-payload many", 2, "-max-payload"},
		{"serve -ping-interval 0", 2, "-ping-interval"},
		{"serve -ping-timeout -1s", 2, "-ping-timeout"},
		{"serve -grace 0", 2, "-grace"},
		{"serve -log-level loud", 2, "loud"},
	} {
		var stdout, stderr output
		code := run(t.Context(), strings.Fields(c.args), nil, &stdout, &stderr)
		said, silent := stdout.String(), stderr.String()
		if code != 0 {
			said, silent = silent, said
		}
		if code != c.code || !strings.Contains(said, c.out) || silent != "" {
			t.Errorf("sio %s: code %d, stdout %q, stderr %q; want code %d and %q", c.args, code, &stdout, &stderr, c.code, c.out)
		}
	}
}

func TestServeFlags(t *testing.T) {
	opt, err := serveFlags(strings.Fields("-path chat -origins https://a.example,https://*.b.example -transports websocket "+
		"-max-payload 500 -max-queued 600 -ping-interval -1s -ping-timeout 3s -log-level debug"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	c := opt.config
	if c.Path != "/chat/" || len(c.Origins) != 2 || len(c.Transports) != 1 || c.MaxPayload != 500 || c.MaxQueuedBytes != 600 ||
		c.PingInterval != -time.Second || c.PingTimeout != 3*time.Second || opt.level != slog.LevelDebug {
		t.Errorf("%+v", opt)
	}
}

func TestPortTaken(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	for _, command := range []string{"demo", "serve"} {
		var stdout, stderr output
		code := run(t.Context(), []string{command, "-addr", ln.Addr().String()}, nil, &stdout, &stderr)
		text := stderr.String()
		if code != exitError || !strings.Contains(text, ln.Addr().String()+" is taken") || !strings.Contains(text, "sio "+command+" -addr 127.0.0.1:") {
			t.Errorf("sio %s: code %d, %q", command, code, text)
		}
	}
}

// background runs a command until the test ends it. It returns the address
// that the command printed.
func background(t *testing.T, args ...string) (base string, stderr *output, end func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	in, out := io.Pipe()
	stderr = new(output)
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, args, nil, out, stderr)
		out.Close()
	}()
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil {
		t.Fatalf("nothing printed: %v, stderr %q", err, stderr)
	}
	go io.Copy(io.Discard, in) // ends when the command does
	end = sync.OnceValue(func() int {
		cancel()
		return <-code
	})
	t.Cleanup(func() { end() })
	for _, word := range strings.Fields(line) {
		if strings.HasPrefix(word, "http://") {
			return strings.TrimSuffix(word, ","), stderr, end
		}
	}
	t.Fatalf("no address in %q", line)
	return
}

func fetch(t *testing.T, method, url string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

func TestDemoServesItsPage(t *testing.T) {
	base, stderr, end := background(t, "demo", "-addr", "127.0.0.1:0")
	for path, want := range map[string]string{
		"/":                       "/socket.io/socket.io.js",
		"/app.js":                 "from './link.js'",
		"/style.css":              "prefers-color-scheme",
		"/icon.svg":               "<svg",
		"/websocket/":             "readyState",
		"/websocket/live.js":      "bufferedAmount",
		"/websocket/wire.js":      "new WebSocket",
		"/websocket/live.css":     "max-width",
		"/socket.io/socket.io.js": "io",
	} {
		r, body := fetch(t, "GET", base+path)
		if r.StatusCode != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("GET %s: %s, %.100q", path, r.Status, body)
		}
		if csp := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(path, "/socket.io/") && !strings.Contains(csp, "default-src 'none'") {
			t.Errorf("GET %s: Content-Security-Policy %q", path, csp)
		}
		if strings.Contains(body, "https://cdn") || strings.Contains(body, "<script>") || strings.Contains(body, " style=") {
			t.Errorf("%s takes something from elsewhere, or has script or style of its own, which its policy forbids", path)
		}
	}
	if r, _ := fetch(t, "GET", base+"/chat.go"); r.StatusCode != http.StatusNotFound {
		t.Errorf("GET /chat.go: %s", r.Status)
	}
	if r, _ := fetch(t, "POST", base+"/"); r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /: %s", r.Status)
	}
	enter(t, base, "Ada") // who is there, and does not listen
	if code := end(); code != exitOK {
		t.Errorf("the demo ended with %d: %s", code, stderr)
	}
}

func TestRelay(t *testing.T) {
	base, stderr, end := background(t, "serve", "-addr", "127.0.0.1:0", "-log-level", "debug")
	if r, body := fetch(t, "GET", base+"/healthz"); r.StatusCode != http.StatusOK || body != "ok\n" {
		t.Errorf("/healthz: %s %q", r.Status, body)
	}
	a, _ := arrive(t, base, nil)
	b, _ := arrive(t, base, nil)
	var me struct{ ID, Transport string }
	b.ask("whoami").decode(&me)
	var rooms []string
	b.ask("join", []string{"x", "y"}).decode(&rooms)
	if len(rooms) != 3 || rooms[0] != me.ID || me.Transport != "polling" {
		t.Errorf("%+v is in %q", me, rooms)
	}
	b.ask("leave", "y").decode(&rooms)
	b.ask("rooms").decode(&rooms)
	if len(rooms) != 2 || rooms[1] != "x" {
		t.Errorf("after leaving y: %q", rooms)
	}

	var got string
	for _, to := range [][]any{{"to", "x"}, {"to", me.ID}, {"broadcast"}} {
		a.ask(to[0].(string), append(to[1:], "news", "hello", []byte{1, 2})...).decode(new(ok))
		if h := b.event("news", &got); got != "hello" || len(h.files) != 1 || string(h.files[0]) != "\x01\x02" {
			t.Errorf("%v: %+v", to, h)
		}
	}
	if h := a.ask("message", 1, "two"); len(h.args) != 2 {
		t.Errorf("message is answered %s", h.args)
	}
	a.emit("message", "back")
	if a.event("message", &got); got != "back" {
		t.Errorf("message came back as %q", got)
	}

	for _, args := range [][]any{
		{"to"}, {"to", "x"}, {"to", 1, "e"}, {"to", "x", "disconnect"}, {"broadcast"}, {"broadcast", 5}, {"broadcast", "connect"},
		{"join", 1}, {"join", ""}, {"join", strings.Repeat("x", 200)}, {"join"},
	} {
		if got := a.ask(args[0].(string), args[1:]...).failure(); got == "" || got == "internal error" {
			t.Errorf("%.60v is answered %q", args, got)
		}
	}
	many := make([]string, relayMaxRooms+1)
	for i := range many {
		many[i] = strings.Repeat("r", i+1)
	}
	if got := a.ask("join", many).failure(); !strings.Contains(got, "64 rooms") {
		t.Errorf("%d rooms: %q", len(many), got)
	}

	w := dialWebSocket(t, base+"/socket.io/")
	w.write("40")
	w.read("40")
	ended := make(chan int)
	go func() { ended <- end() }()
	w.closed()
	if code := <-ended; code != exitOK || !strings.Contains(stderr.String(), "draining") {
		t.Errorf("sio serve ended with %d: %s", code, stderr)
	}
}

// webSocket is the least of a WebSocket that a test can do with: whole frames,
// masked with zeros.
type webSocket struct {
	t    *testing.T
	conn io.ReadWriteCloser
	in   *bufio.Reader
}

func dialWebSocket(t *testing.T, url string) *webSocket {
	t.Helper()
	r, err := http.NewRequest("GET", url+"?EIO=4&transport=websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
	} {
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v %v", answer, err)
	}
	conn := answer.Body.(io.ReadWriteCloser) // what net/http promises for a 101
	t.Cleanup(func() { conn.Close() })
	return &webSocket{t, conn, bufio.NewReader(conn)}
}

func (w *webSocket) write(text string) {
	w.t.Helper()
	w.send(1, text)
}

func (w *webSocket) send(opcode byte, payload string) {
	w.t.Helper()
	frame := []byte{0x80 | opcode}
	switch n := len(payload); {
	case n < 126:
		frame = append(frame, 0x80|byte(n))
	case n < 1<<16:
		frame = binary.BigEndian.AppendUint16(append(frame, 0x80|126), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, 0x80|127), uint64(n))
	}
	frame = append(append(frame, 0, 0, 0, 0), payload...)
	if _, err := w.conn.Write(frame); err != nil {
		w.t.Fatal(err)
	}
}

// frame returns the opcode and the payload of the next frame.
func (w *webSocket) frame() (byte, string) {
	w.t.Helper()
	head := make([]byte, 2, 4)
	_, err := io.ReadFull(w.in, head)
	n := int(head[1])
	if err == nil && n == 126 {
		_, err = io.ReadFull(w.in, head[2:4])
		n = int(head[2:4][0])<<8 | int(head[2:4][1])
	}
	body := make([]byte, n)
	if err == nil {
		_, err = io.ReadFull(w.in, body)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return head[0] & 15, string(body)
}

// read waits for a text message that begins with prefix.
func (w *webSocket) read(prefix string) {
	w.t.Helper()
	for {
		if _, text := w.frame(); strings.HasPrefix(text, prefix) {
			return
		}
	}
}

// closed waits for the close frame and answers it.
func (w *webSocket) closed() {
	w.t.Helper()
	for {
		if op, _ := w.frame(); op == 8 {
			w.conn.Write([]byte{0x88, 0x80, 0, 0, 0, 0})
			return
		}
	}
}
