package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/cmd/sio/internal/load"
)

func TestLoadFlags(t *testing.T) {
	for _, c := range []struct {
		args string
		word string // of the error
	}{
		{"", "scenario and a URL"},
		{"dance http://a", `no scenario "dance"`},
		{"echo", "and a URL"},
		{"echo http://a http://b", "http://b"},
		{"echo ftp://a", "ftp"},
		{"echo http://a/chat -namespace /b", "give one"},
		{"echo http://a -clients 0", "-clients 0"},
		{"echo http://a -window 0", "-window 0"},
		{"echo http://a -rate 0", "-rate 0"},
		{"echo http://a -header x", "no header"},
		{"echo http://a -query x", "no key=value"},
		{"echo http://a -auth x", "-auth"},
		{"echo http://a -transport pigeon", "-transport: "},
		{"echo http://a -speed 5", "not defined: -speed"},
		{"emit http://a -emit [", "-emit"},
	} {
		_, err := loadFlags(strings.Fields(c.args), new(output))
		if _, wrong := err.(*usageError); !wrong || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%s: %v", c.args, err)
		}
	}
	for _, c := range []struct {
		args string
		good func(c load.Config) bool
	}{
		{"-clients 5 echo -rate 9 :3000 -window=3", func(c load.Config) bool {
			return c.Clients == 5 && c.Rate == 9 && c.Window == 3 && c.URL == "http://localhost:3000" && c.Scenario == "echo"
		}},
		{"hold example.com/chat", func(c load.Config) bool { return c.Scenario == "idle" && c.Namespaces[0] == "/chat" }},
		{"idle https://a/socket.io/?k={{n}}", func(c load.Config) bool {
			return c.Namespaces == nil && strings.HasSuffix(c.URL, "?k={{n}}")
		}},
		{"idle a -namespace /a -namespace /b -auth {\"n\":{{n}}}", func(c load.Config) bool {
			return len(c.Namespaces) == 2 && c.Auth == `{"n":{{n}}}`
		}},
		{"idle a -auth k=v -query a=b -header A:b", func(c load.Config) bool {
			return c.Auth == `{"k":"v"}` && c.Query.Get("a") == "b" && c.Header.Get("A") == "b"
		}},
		{"emit a -emit say,hello,{\"x\":1}", func(c load.Config) bool { return c.Emit == `["say","hello",{"x":1}]` }},
		{"emit a -emit say,{\"x\":{{n}}}", func(c load.Config) bool { return c.Emit == `say,{"x":{{n}}}` }},
	} {
		opt, err := loadFlags(strings.Fields(c.args), new(output))
		if err != nil || !c.good(opt.config) {
			t.Errorf("%s: %v %+v", c.args, err, opt)
		}
	}
}

// A whole run against sio serve: lines, table, JSON and page.
func TestLoad(t *testing.T) {
	base, _, _ := background(t, "serve", "-addr", "127.0.0.1:0", "-load")
	dir := t.TempDir()
	for _, scenario := range load.Scenarios() {
		if scenario == "emit" {
			continue
		}
		name := filepath.Join(dir, scenario+".html")
		var stdout, stderr output
		code := run(t.Context(), []string{"load", scenario, base, "-clients", "4", "-duration", "100ms", "-warm-up", "0", "-html", name}, nil, &stdout, &stderr)
		if code != 0 || !strings.Contains(stdout.String(), "no errors") || !strings.Contains(stderr.String(), "measuring") || !strings.Contains(stderr.String(), "report: ") {
			t.Errorf("%s: code %d\n%s\n%s", scenario, code, stdout.String(), stderr.String())
		}
		if page, err := os.ReadFile(name); err != nil || !strings.Contains(string(page), "</html>") {
			t.Errorf("%s: %v", scenario, err)
		}
	}
	var stdout, stderr output
	code := run(t.Context(), []string{"load", "emit", base, "-emit", "ack,hello", "-ack", "-json", "-quiet", "-duration", "100ms"}, nil, &stdout, &stderr)
	var res load.Result
	if err := json.Unmarshal([]byte(stdout.String()), &res); err != nil || code != 0 || !res.OK || res.Measured.Units == 0 || stderr.String() != "" {
		t.Errorf("code %d, %v\n%s\n%s", code, err, stdout.String(), stderr.String())
	}
}

func TestLoadFails(t *testing.T) {
	base, _, _ := background(t, "serve", "-addr", "127.0.0.1:0", "-load")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		args  []string
		ctx   context.Context
		code  int
		words string // of stderr
	}{
		{[]string{"echo", base, "-event", "strange", "-timeout", "200ms"}, t.Context(), 1, `socket.on("strange"`},
		{[]string{"echo", "http://127.0.0.1:1"}, t.Context(), 1, "nothing listens at http://127.0.0.1:1/socket.io/"},
		{[]string{"echo", base + "/other"}, t.Context(), 3, "the server refuses /other: Invalid namespace"},
		{[]string{"echo", base, "-path", "/x"}, t.Context(), 1, "-path says where it is mounted"},
		{[]string{"echo", base, "-window", "5", "-rate", "5"}, t.Context(), 2, "exclude each other"},
		{[]string{"echo", base, "-html", "/nowhere/at/all"}, t.Context(), 1, "-html"},
		{[]string{"idle", base}, cancelled, 0, ""},
	} {
		var stdout, stderr output
		code := run(c.ctx, append([]string{"load"}, c.args...), nil, &stdout, &stderr)
		if code != c.code || !strings.Contains(stderr.String(), c.words) {
			t.Errorf("%q: code %d\n%s", c.args, code, stderr.String())
		}
		if stdout.String() != "" {
			t.Errorf("%q: figures of nothing: %s", c.args, stdout.String())
		}
	}
	var stdout output
	if code := run(t.Context(), []string{"load", "rooms", "-handlers"}, nil, &stdout, new(output)); code != 0 || !strings.Contains(stdout.String(), "socket.join(room)") {
		t.Errorf("code %d, %s", code, stdout.String())
	}
}
