package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
)

// scripted runs a script and returns what was told in JSON.
func scripted(t *testing.T, input string, args ...string) (code int, all []happening) {
	t.Helper()
	code, stdout, stderr := sio(t, input, append([]string{"connect", "-json"}, args...)...)
	for line := range strings.Lines(stdout) {
		var h struct {
			happening
			Args json.RawMessage `json:"args"`
		}
		if err := json.Unmarshal([]byte(line), &h); err != nil {
			t.Fatalf("%q: %v; stderr %q", line, err, stderr)
		}
		if h.Args != nil {
			h.happening.Args = arguments{string(h.Args)}
		}
		all = append(all, h.happening)
	}
	return code, all
}

// of returns what was told of one kind: event, arguments, tag.
func of(all []happening, k kind) (list []string) {
	for _, h := range all {
		if h.Kind == k {
			s := h.Event
			for _, a := range h.Args {
				s += a.(string)
			}
			list = append(list, s+string(h.Tag))
		}
	}
	return list
}

func TestJSONLines(t *testing.T) {
	o := openOffice(t, socketio.Config{})
	code, all := scripted(t, `
		# a comment
		{"emit": "message", "args": ["a b", 1.50, {"$base64": "AQID"}], "ack": true, "id": {"mine": 1}}
		emit message "from a command"
		{"join": "/private", "auth": {"token": "secret"}}
		{"emit": "where", "ack": true, "id": 2}
		{"emit": "whoami", "namespace": "/", "volatile": true}
		status
		{"leave": "/private"}`, o.url)
	if first := all[0]; code != exitOK || first.Kind != upgraded && (first.Kind != connected || first.Socket == "") || len(of(all, failed)) > 0 {
		t.Errorf("code %d, %+v", code, all)
	}
	want := []string{`message["a b",1.50,{"$base64":"AQID"}]{"mine":1}`, `where["/private"]2`}
	if got := of(all, answered); !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
	if got := of(all, status); len(got) != 2 {
		t.Errorf("%d namespaces in the status", len(got))
	}
}

// Events with and without an ack leave in the order of the lines.
func TestOrderOfLines(t *testing.T) {
	o := openOffice(t, socketio.Config{})
	var script strings.Builder
	var want []string
	for i := range 100 {
		n := string(rune('0'+i/10)) + string(rune('0'+i%10))
		want = append(want, `ordered["`+n+`"]`)
		if i%3 == 0 {
			script.WriteString(`ack order "` + n + "\"\n")
		} else {
			script.WriteString(`emit order "` + n + "\"\n")
		}
	}
	script.WriteString("ack message end\n")
	code, all := scripted(t, script.String(), o.url)
	if got := of(all, received); code != 0 || !slices.Equal(got, want) {
		t.Errorf("code %d, %q", code, got)
	}
}

// Answers and events are printed in the order in which the server sent them.
func TestOrderOfAnswers(t *testing.T) {
	o := openOffice(t, socketio.Config{})
	var script, want strings.Builder
	script.WriteString("ack silent\n")
	for i := range 50 {
		fmt.Fprintf(&script, "ack order %d\nemit order\n", i)
		fmt.Fprintf(&want, "ordered %d\n%d\nordered\n", i, i)
	}
	code, stdout, _ := sio(t, script.String(), "connect", o.url, "-timeout", "500ms")
	if code != exitTimeout || stdout != want.String() {
		t.Errorf("code %d, %q", code, stdout)
	}
}

func TestServerAsks(t *testing.T) {
	o := openOffice(t, socketio.Config{})
	in, typed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var stdout, stderr output
	done := make(chan int)
	go func() {
		done <- run(t.Context(), []string{"connect", o.url, "-json"}, in, &stdout, &stderr)
	}()
	say := func(line string) {
		if _, err := typed.WriteString(line + "\n"); err != nil {
			t.Error(err)
		}
	}
	say("emit question")
	await(t, &stdout, `"event":"your name","args":["please"],"answer":1`)
	say(`{"answer": 1, "args": ["Ada", {"n": 1}]}`)
	await(t, &stdout, `"event":"hello","args":["Ada",{"n":1}]`)
	say("answer 1 again")
	await(t, &stdout, "waits for an answer")
	typed.Close()
	if code := <-done; code != exitUsage {
		t.Errorf("code %d, stderr %q", code, &stderr)
	}
}

// await waits until a command has written a text.
func await(t *testing.T, o fmt.Stringer, text string) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(o.String(), text) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %q, there is %q", text, o)
		}
		<-tick.C
	}
}

// A connection that is lost comes back, and what was asked for meanwhile is
// answered then.
func TestLostConnection(t *testing.T) {
	o := openOffice(t, socketio.Config{})
	in, typed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var stdout, stderr output
	done := make(chan int)
	go func() {
		done <- run(t.Context(), []string{"connect", o.url, "-json"}, in, &stdout, &stderr)
	}()
	fmt.Fprintln(typed, "emit drop")
	await(t, &stdout, `"type":"disconnect","namespace":"/","reason":"transport close"`)
	fmt.Fprintln(typed, "ack message back")
	typed.Close()
	if code := <-done; code != exitOK {
		t.Errorf("code %d, %s", code, &stderr)
	}
	for _, want := range []string{"kept until the connection is there", `"type":"reconnect_attempt","attempt":1`, `"type":"reconnect","attempt":1`, `"args":["back"],"request":1,"ms"`} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%s is not in %s", want, &stdout)
		}
	}
}

// A line that is wrong is told of, and the others are done.
func TestWrongLines(t *testing.T) {
	o := openOffice(t, socketio.Config{})
	for line, want := range map[string]string{
		"dance":                     "there is no command dance",
		"emit":                      "name an event",
		"emit {} 1":                 "name is a string",
		`emit x {"a":`:              "not complete or wrong",
		"emit x [1]2":               "no space behind [1]",
		"emit x @/no/such/file":     `"@/no/such/file", with the quotes`,
		`emit x {"$base64":"?"}`:    "$base64",
		"emit disconnect":           "reserved",
		"answer one":                "number",
		"answer 3":                  "number 3",
		"mute":                      "name an event",
		"listen [":                  "pattern",
		"join":                      "name a namespace",
		"join /x token":             "key=value",
		"leave /x":                  "not in /x",
		"leave":                     "only namespace",
		"connect":                   "connected already",
		"wait long":                 "500ms",
		"help dance":                "no command dance",
		`{"emit": 5}`:               "no instruction",
		`{"emits": "x"}`:            "emits",
		`{"emit": "x"} {}`:          "behind the object",
		`{"emit": "x", "args": {}}`: "no array",
		`{"emit":"x","ack":true,"volatile":true}`: "not both",
		`{"emit": "x", "namespace": "/y"}`:        "not joined",
		`{}`:                                      "none of emit",
		`{"answer": 1, "args": 1}`:                "args",
	} {
		code, all := scripted(t, line+"\nack message end", o.url)
		var said string
		for _, h := range all {
			if h.Kind == failed {
				said += h.Message
			}
		}
		if code != exitUsage || !strings.Contains(said, want) || len(of(all, answered)) != 1 {
			t.Errorf("%s: code %d, said %q, want %q", line, code, said, want)
		}
	}
	// A namespace that refuses is no mistake of the line.
	if code, all := scripted(t, "join private\nwait 50ms\nack message end", o.url); code != exitRefused || len(of(all, answered)) != 1 {
		t.Errorf("code %d, %+v", code, all)
	}
	// Without -json the same things are sentences.
	code, stdout, stderr := sio(t, "dance\nack message 1\nstatus\nhelp ack\nquit\nack message 2", "connect", o.url)
	if code != exitUsage || stdout != "1\n" || !strings.Contains(stderr, "no command dance") || !strings.Contains(stderr, "round trip") || !strings.Contains(stderr, "/: connected as") {
		t.Errorf("code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func TestDisconnectAndConnect(t *testing.T) {
	o := openOffice(t, socketio.Config{})
	code, all := scripted(t, "join /private token=secret\ndisconnect\nemit message lost\nconnect\nack where\nreconnect\nack where\n", o.url)
	if got := of(all, answered); code != exitUsage || len(got) != 2 || len(of(all, connected)) != 6 || len(of(all, failed)) != 1 {
		t.Errorf("code %d, %+v", code, all)
	}
}
