package main

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// office is the server that the tests of sio connect talk to.
type office struct {
	srv *socketio.Server
	web *httptest.Server
	url string
}

func openOffice(t *testing.T, cfg socketio.Config) *office {
	t.Helper()
	cfg.Logger, cfg.KeepHeaders = quiet(), []string{"X-Test"}
	srv := socketio.NewServer(cfg)
	main := srv.Of("/")
	newRelay(main, quiet())
	main.Handle("fail", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) {
		return nil, refuse("not today")
	})
	main.Handle("silent", func(context.Context, *socketio.Socket, *socketio.Event) ([]any, error) { return nil, nil })
	main.Handle("order", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		return e.Args(), s.Emit("ordered", e.Args()...)
	})
	main.Handle("question", func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {
		go func() { // the answer comes to the same socket, behind this handler
			if r, err := s.EmitWithAck(context.Background(), "your name", "please"); err == nil {
				_ = s.Emit("hello", r.Args()...)
			}
		}()
		return nil, nil
	})
	main.Handle("drop", func(_ context.Context, s *socketio.Socket, _ *socketio.Event) ([]any, error) {
		s.Session().Close(engine.ForcedClose)
		return nil, nil
	})
	main.Handle("kick", func(_ context.Context, s *socketio.Socket, _ *socketio.Event) ([]any, error) {
		s.Disconnect(false)
		return nil, nil
	})
	main.Handle("headers", func(_ context.Context, s *socketio.Socket, _ *socketio.Event) ([]any, error) {
		h := s.Handshake()
		return []any{h.Headers.Get("X-Test"), h.Query.Get("from")}, nil
	})
	private := srv.Of("/private")
	private.Use(func(_ context.Context, s *socketio.Socket) error {
		var auth struct{ Token string }
		if err := s.Handshake().DecodeAuth(&auth); err != nil || auth.Token != "secret" {
			return &socketio.Error{Message: "a token, please", Data: map[string]int{"code": 401}}
		}
		return nil
	})
	private.Handle("where", func(_ context.Context, s *socketio.Socket, _ *socketio.Event) ([]any, error) {
		return []any{s.Namespace().Name()}, nil
	})
	o := &office{srv: srv, web: httptest.NewServer(srv)}
	o.url = o.web.URL
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("the server did not end: %v", err)
		}
		o.web.Close()
	})
	return o
}

// sio runs a command line; input is what standard input holds.
func sio(t *testing.T, input string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems output
	code = run(t.Context(), args, strings.NewReader(input), &out, &problems)
	return code, out.String(), problems.String()
}

func TestOneShot(t *testing.T) {
	o := openOffice(t, socketio.Config{})
	token := filepath.Join(t.TempDir(), "auth.json")
	if err := os.WriteFile(token, []byte(`{"token": "secret"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   string
		code   int
		stdout string
		stderr string // a part of it
	}{
		{"-emit message,hello,5,{\"a\":[1.50,\"x\"]} -ack", 0, "\"hello\"\n5\n{\"a\":[1.50,\"x\"]}\n", "connected to / as "},
		{"-emit message -ack", 0, "", ""},
		{"-emit message,1 -listen 1", 0, "message 1\n", ""},
		{"-emit message,1 -emit message,2 -emit order,3 -events mess* -listen 2", 0, "message 1\nmessage 2\n", ""},
		{"-emit order,1 -emit message,2 -events message -listen 1", 0, "message 2\n", ""},
		{"-emit order,1 -emit order,2 -emit order,3 -ack -listen 3", 0, "", ""},
		{"-emit fail -ack", 5, "{\"error\":{\"message\":\"not today\"}}\n", ""},
		{"-emit silent -ack -timeout 50ms", 4, "", "no answer within 50ms"},
		{"-listen 1 -for 50ms", 4, "", "fewer than 1 events came within 50ms"},
		{"-for 10ms", 0, "", ""},
		{"-emit connect,1", 1, "", "reserved"},
		{"-emit drop -listen 1 -no-reconnect", 1, "", "the connection is lost for good: transport close"},
		{"-emit kick -listen 1 -no-reconnect", 1, "", "io server disconnect"},
		{"-emit headers -ack -header X-Test:one -query from=two", 0, "\"one\"\n\"two\"\n", ""},
		{"-transport websocket -emit message,x -ack", 0, "\"x\"\n", "over websocket"},
		{"-transport polling -emit message,x -ack", 0, "\"x\"\n", "over polling"},
		{"-n private", 3, "", "the server refuses /private: a token, please\n  data: {\"code\":401}"},
		{"-n /private -auth token=secret -emit where -ack", 0, "\"/private\"\n", ""},
		{"-n /private -auth {\"token\":\"secret\"} -emit where -ack", 0, "\"/private\"\n", ""},
		{"-n /private -auth @" + token + " -emit where -ack", 0, "\"/private\"\n", ""},
		{"-n /private -auth token=wrong", 3, "", "a token, please"},
		{"-n nowhere", 3, "", "-path is where the server is mounted"},
	} {
		code, stdout, stderr := sio(t, "", append([]string{"connect", o.url}, strings.Fields(c.args)...)...)
		if code != c.code || c.stdout != "" && !strings.HasPrefix(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
			t.Errorf("%s: code %d, stdout %q, stderr %q; want code %d, %q, %q", c.args, code, stdout, stderr, c.code, c.stdout, c.stderr)
		}
	}
	// The namespace may be in the URL, and flags before it.
	if code, stdout, _ := sio(t, "", "connect", "-auth", "token=secret", o.url+"/private", "-emit", "where", "-ack"); code != 0 || stdout != "\"/private\"\n" {
		t.Errorf("code %d, %q", code, stdout)
	}
}

// A file arrives as it is, and binary data is shown as what can be typed again.
func TestBinary(t *testing.T) {
	file := filepath.Join(t.TempDir(), "photo")
	if err := os.WriteFile(file, []byte("\x00\xff\x10"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]socketio.Config{"json": {}, "msgpack": {Parser: msgpack.New()}} {
		o := openOffice(t, cfg)
		code, stdout, stderr := sio(t, "", "connect", o.url, "-parser", name, "-emit", `message,@`+file+`,{"in":[{"$base64":"AQI="}],"n":12345678901234567890}`, "-ack")
		want := `{"$base64":"AP8Q"}` + "\n" + `{"in":[{"$base64":"AQI="}],"n":12345678901234567890}` + "\n"
		if code != 0 || stdout != want {
			t.Errorf("%s: code %d, %q, want %q; %s", name, code, stdout, want, stderr)
		}
	}
}

func TestConnectFlags(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"", "one URL, not 0"},
		{"a b", "one URL, not 2"},
		{"ftp://x", "scheme"},
		{"http://", "no host"},
		{"http://%zz", "cannot be read"},
		{"http://x/a -n b", "give one"},
		{"x -n a,b", "cannot be one"},
		{"x -auth nothing", "key=value"},
		{"x -auth {]", "JSON object"},
		{"x -auth @/no/such/file", "no such file"},
		{"x -auth a=b -auth {}", "several are key=value"},
		{"x -header nothing", "-header"},
		{"x -query nothing", "-query"},
		{"x -transport pigeon", "-transport:"},
		{"x -parser xml", "-parser"},
		{"x -timeout 0", "-timeout"},
		{"x -listen -2", "-listen"},
		{"x -for -1s", "-for"},
		{"x -ack", "-ack is for -emit"},
		{"x -emit ,1", "-emit ,1"},
		{"x -emit a,[1", "-emit a,[1"},
		{"x -events [", "-events"},
	} {
		if code, _, stderr := sio(t, "", append([]string{"connect"}, strings.Fields(c.args)...)...); code != exitUsage || !strings.Contains(stderr, c.want) {
			t.Errorf("sio connect %s: code %d, %q; want %q", c.args, code, stderr, c.want)
		}
	}
	for address, want := range map[string]string{
		"localhost:3000":                  "http://localhost:3000 /",
		":3000/chat":                      "http://localhost:3000 /chat",
		"https://a.example/socket.io/":    "https://a.example /",
		"wss://u:p@a.example/a/b?x=1#end": "wss://u:p@a.example?x=1 /a/b",
	} {
		if server, name, err := serverURL(address, "/socket.io/", ""); err != nil || server+" "+name != want {
			t.Errorf("%s: %s %s, %v", address, server, name, err)
		}
	}
}
