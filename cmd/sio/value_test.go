package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-socketio/socketio"
)

// Every string stays what it is in JSON, and nothing in it but text reaches the terminal.
func TestQuote(t *testing.T) {
	for r := range rune(0x30000) {
		if !utf8.ValidRune(r) {
			continue
		}
		s := "a" + string(r) + "b"
		q := quote(s)
		var back string
		if err := json.Unmarshal([]byte(q), &back); err != nil || back != s {
			t.Fatalf("%U: %s is read as %q, %v", r, q, back, err)
		}
		if strings.ContainsFunc(q, func(r rune) bool { return !shows(r) }) {
			t.Fatalf("%U stands in %q", r, q)
		}
	}
}

func TestReadEvent(t *testing.T) {
	for _, c := range []struct {
		text      string
		separator rune
		want      string // the event and the arguments, as JSON; "" for an error
	}{
		{"say", ' ', `"say" []`},
		{`"two words" x`, ' ', `"two words" ["x"]`},
		{`42 true null -1.50e3 0x1 nul`, ' ', `"42" [true,null,-1.50e3,"0x1","nul"]`},
		{`say  {"b": 1, "a": [ ]}   [1, 2] "q\n"`, ' ', `"say" [{"b":1,"a":[]},[1,2],"q\n"]`},
		{`say a,b "@ada"`, ' ', `"say" ["a,b","@ada"]`},
		{`say {"$base64":"AQID"}`, ' ', `"say" [{"$base64":"AQID"}]`},
		{`say,a b , {"x": ","} ,"c,d",1`, ',', `"say" ["a b",{"x":","},"c,d",1]`},
		{`say,""`, ',', `"say" [""]`},
		{`say,,`, ',', ""},
		{`say,"a" "b"`, ',', ""},
		{`say [1`, ' ', ""},
		{`[1]`, ' ', ""},
		{``, ' ', ""},
		{`say @"/no such file"`, ' ', ""},
		{`say {"$base64":1}`, ' ', ""},
	} {
		event, args, err := readEvent(c.text, c.separator)
		got := ""
		if err == nil {
			got = quote(event) + " " + string(appendValue(nil, args))
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s (%v)", c.text, got, c.want, err)
		}
	}
}

// What is shown is bounded, whatever a server sends.
func TestPrettyIsBounded(t *testing.T) {
	long := make([]any, 100_000)
	for i := range long {
		long[i] = json.Number("1")
	}
	var deep any
	for range 1000 {
		deep = object{{"k", deep}}
	}
	for name, v := range map[string]any{"long": long, "deep": deep, "text": strings.Repeat("é", 1_000_000), "bytes": make([]byte, 1_000_000)} {
		p := palette(false)
		lines := p.pretty(nil, "", "", v, "", 80)
		if len(lines) > 2*maxShownLines+1001 || len(lines[0]) > 3*maxShownString {
			t.Errorf("%s: %d lines, the first has %d bytes", name, len(lines), len(lines[0]))
		}
	}
	for n, want := range map[int]string{0: "<0 bytes>", 1: "<1 byte: 00>", 5: "<5 bytes: 00000000 00>", 20_000: "<20.0 kB: 00000000 00000000 00000000 00000000 …>", 3_000_000: "<3.0 MB: 00000000 00000000 00000000 00000000 …>"} {
		if got := binaryHead(make([]byte, n)); got != want {
			t.Errorf("%d bytes: %s", n, got)
		}
	}
}

func TestComplete(t *testing.T) {
	o := openOffice(t, socketio.Config{})
	where := &target{url: o.url, namespace: "/", timeout: 1}
	s := newSession(t.Context(), where, &jsonView{out: new(output)})
	defer s.close()
	s.seen = []string{"news", "new message", "newest", "übung", "übel"}
	for _, c := range []struct {
		line, after string
		choices     []string
	}{
		{"he", "help ", []string{"help"}},
		{"xyz", "xyz", nil},
		{"dis", "disconnect ", []string{"disconnect"}},
		{"emit ne", "emit new", []string{"newest", "news"}},
		{"emit ü", "emit üb", []string{"übel", "übung"}},
		{"emit news ne", "emit news ne", nil},
		{"mute news ne", "mute news new", []string{"newest", "news"}},
		{"leave ", "leave /", []string{"/"}},
		{"help st", "help status ", []string{"status"}},
		{"emit x @value_t", "emit x @value_test.go ", []string{"@value_test.go"}},
		{"emit x @[", "emit x @[", nil},
	} {
		after, pos, choices := complete(s, c.line+"|tail", len(c.line))
		if after != c.after+"|tail" || pos != len(c.after) || !slices.Equal(choices, c.choices) {
			t.Errorf("%q: %q at %d, %q", c.line, after, pos, choices)
		}
	}
}
