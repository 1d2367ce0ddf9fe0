package report

import (
	"bytes"
	"encoding/xml"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/cmd/sio/internal/load"
)

func result() *load.Result {
	l := load.Latency{
		Count: 1000, Min: .1, Mean: 2, P50: 1.5, P90: 3.25, P99: 12.5, P999: 120, Max: 12345,
		Spread: []load.Step{{Share: 0, Value: .1}, {Share: .5, Value: 1.5}, {Share: .9, Value: 3.25}, {Share: .99, Value: 12.5}, {Share: 1, Value: 12345}},
	}
	r := &load.Result{
		Scenario: "rooms", URL: "http://localhost:3000/?a=1&b=<2>", Unit: "deliveries", Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Settings:  load.Settings{Clients: 1000, Window: 4, Size: 64, Rooms: 10, Transports: []string{"websocket"}, Namespaces: []string{"/chat"}, Timeout: 10},
		Clients:   load.Clients{Connected: 999, Failed: 1, Most: 999, Seconds: .5, PerSecond: 1998, Latency: l},
		Measured:  load.Measured{Seconds: 10, Sent: 100, Units: 1234567, PerSecond: 123456.7, Latency: l, Fanout: l},
		Checks:    load.Checks{Sent: 100, Right: 1234567, Lost: 3, Reordered: 4},
		Errors:    []load.ErrorCount{{Error: "not connected: <odd>", Count: 1}},
		Generator: load.Generator{CPU: 43.21, Cores: 2, Each: .4, Memory: 12e6, Lag: l},
		Notes:     []string{"a note"},
	}
	for i, phase := range []string{"connecting", "warm-up", "measuring", "measuring", "draining"} {
		r.Samples = append(r.Samples, load.Sample{Phase: phase, At: float64(i + 1), Seconds: 1, Clients: 999, Rate: float64(i) * 1e5, P50: 1, P90: 2, P99: 3, Max: 1000, CPU: 40})
	}
	return r
}

// wellFormed fails unless every element is closed where it should be and no
// number went wrong.
func wellFormed(t *testing.T, page string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(strings.Replace(page, "<!doctype html>", "", 1)))
	d.Entity = xml.HTMLEntity
	for {
		_, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
	}
	if m := regexp.MustCompile(`NaN|[+-]Inf|%!|ZgotmplZ|<no value>`).FindString(page); m != "" {
		t.Errorf("the page has %q in it", m)
	}
}

func page(t *testing.T, r *load.Result) string {
	t.Helper()
	var b bytes.Buffer
	if err := Page(&b, r, "sio test"); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, b.String())
	return b.String()
}

func TestPage(t *testing.T) {
	text := page(t, result())
	for _, want := range []string{
		"123,457", "12.5 ms", "with errors", "3 lost", "&lt;odd&gt;", "a note", "prefers-color-scheme: dark", "a=1&amp;b=&lt;2&gt;",
		"Deliveries per second", "Latency", "Distribution", "fan-out", "2 January 2026", "43.2 %", "sio test",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if n := strings.Count(text, "<svg "); n != 5 {
		t.Errorf("%d charts", n)
	}
	// One file, which says nothing to anybody and runs nothing.
	if m := regexp.MustCompile(`(?i)<script|<link|src=|@import|url\(`).FindString(text); m != "" {
		t.Errorf("the page has %q in it", m)
	}
}

// A run that did not come far has a page, too.
func TestPageOfLittle(t *testing.T) {
	empty := &load.Result{Scenario: "idle", Unit: "events", Settings: load.Settings{Namespaces: []string{"/"}}, Failure: "nobody <there>"}
	if text := page(t, empty); !strings.Contains(text, "nobody &lt;there&gt;") || !strings.Contains(text, "failed") || strings.Contains(text, "<svg") {
		t.Error("the failure is not on the page")
	}
	flat := result()
	for i := range flat.Samples {
		flat.Samples[i] = load.Sample{Phase: "measuring", At: 1}
	}
	flat.Measured.Latency.Spread = []load.Step{{Share: 0, Value: 0}, {Share: 1, Value: 0}}
	page(t, flat)
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	if err := Table(&b, result(), Ink{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1,000 clients over websocket, 10 rooms, in /chat, window 4, 64 bytes", "123,457 per second", "p99 12.5 ms", "max 12.3 s",
		"999 connected", "1 failed", "3 lost", "4 reordered", "43.2 % of one core of 2", "0.400 µs per message", "1 × not connected: <odd>", "note: a note"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "\x1b") {
		t.Error("colours nobody wanted")
	}
	b.Reset()
	_ = Table(&b, result(), Ink{On: true})
	if !strings.Contains(b.String(), "\x1b[31m3 lost") {
		t.Errorf("no red in\n%q", b.String())
	}
}

func progress() load.Progress {
	return load.Progress{
		Sample:    load.Sample{Phase: "measuring", At: 3.5, Seconds: 1, Clients: 90, Rate: 1234, P50: 1, P99: 20, Max: 30, CPU: 12},
		Connected: 90, Failed: 10, Wanted: 100, Elapsed: 2 * time.Second, Length: 4 * time.Second, Errors: 10,
	}
}

func TestLiveLines(t *testing.T) {
	var b bytes.Buffer
	l := NewLive(&b, Ink{}, nil, "the title", "replies", 5*time.Minute)
	for range 10 {
		l.Update(progress())
	}
	l.End()
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 3 || lines[0] != "the title" || strings.Contains(b.String(), "\x1b") { // one at first, one after 5 s
		t.Errorf("%q", lines)
	}
	for _, want := range []string{"measuring", "90 clients", "1,234 replies/s", "p99 20.0 ms"} {
		if !strings.Contains(lines[1], want) {
			t.Errorf("no %q in %q", want, lines[1])
		}
	}
}

// In a terminal the lines stay in their place, and none is wider than it.
func TestLiveBlock(t *testing.T) {
	var b bytes.Buffer
	l := NewLive(&b, Ink{On: true}, func() int { return 50 }, "t", "replies", time.Minute)
	l.Update(progress())
	first := b.Len()
	l.Update(progress())
	lines := strings.Count(b.String()[:first], "\n") - 1
	if !strings.HasPrefix(b.String()[first:], "\x1b["+string(rune('0'+lines))+"A") {
		t.Errorf("the second state does not stand over the first: %q", b.String()[first:])
	}
	plain := regexp.MustCompile("\x1b\\[[0-9]*[A-Za-z]").ReplaceAllString(b.String(), "")
	for _, s := range strings.Split(plain, "\n") {
		if n := len([]rune(s)); n > 50 {
			t.Errorf("%d columns: %q", n, s)
		}
	}
	for _, want := range []string{"90 of 100", "10 failed", "2.0 s of", "█", "░"} {
		if !strings.Contains(plain, want) {
			t.Errorf("no %q in %q", want, plain)
		}
	}
	b.Reset()
	l.End()
	if b.String() != "\x1b[6A\x1b[J" {
		t.Errorf("%q", b.String())
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range [][2]string{
		{number(-1234567), "-1,234,567"}, {number(999), "999"}, {rate(.25), "0.3"}, {rate(12345.6), "12,346"},
		{millis(0.0421), "42.1 µs"}, {millis(1.234), "1.23 ms"}, {millis(9999), "9,999 ms"}, {millis(12345), "12.3 s"}, {millis(0), "0 ms"},
		{seconds(.25), "250 ms"}, {seconds(9.96), "10.0 s"}, {seconds(75), "75 s"}, {seconds(150), "2:30 min"}, {seconds(3723), "1:02:03 h"},
		{size(1), "1.00 bytes"}, {size(12345678), "12.3 MB"}, {cut("\x1b[1mabc\x1b[0m", 2), "\x1b[1mab\x1b[0m"}, {clip("replies", 4), "rep…"},
	} {
		if c[0] != c[1] {
			t.Errorf("%q, want %q", c[0], c[1])
		}
	}
	for _, ends := range [][2]float64{{0, 1}, {0, 1e6}, {3, 3.5}, {0, 7}} {
		list := nice(ends[0], ends[1], 5)
		if len(list) < 2 || len(list) > 8 || list[0] < ends[0] || math.IsNaN(list[0]) {
			t.Errorf("%v: %v", ends, list)
		}
	}
}
