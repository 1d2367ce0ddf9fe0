package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/go-socketio/socketio/cmd/sio/internal/load"
)

// Table writes the figures of a run for people.
func Table(w io.Writer, r *load.Result, ink Ink) error {
	var b strings.Builder
	head := r.Scenario + " " + r.URL
	fmt.Fprintf(&b, "%s\n%s\n\n", ink.bold(head), ink.dim(setting(r)))
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %s  %s\n", ink.dim(fmt.Sprintf("%-11s", name)), fmt.Sprintf(format, args...))
	}
	if m := r.Measured; m.Seconds > 0 {
		row(clip(r.Unit, 11), "%s   %s in %s", ink.bold(rate(m.PerSecond)+" per second"), number(m.Units), seconds(m.Seconds))
		latency(row, "latency", m.Latency)
		latency(row, "fan-out", m.Fanout)
		if m.Other > 0 {
			row("other", "%s came in besides", plural(m.Other, "event"))
		}
		b.WriteByte('\n')
	}
	c := r.Clients
	text := number(c.Connected) + " connected"
	if c.PerSecond > 0 {
		text += fmt.Sprintf(" in %s, %s per second", seconds(c.Seconds), rate(c.PerSecond))
	}
	text += counted(ink, c.Failed, "failed") + counted(ink, c.Lost, "lost their connection")
	row("clients", "%s", text)
	latency(row, "connecting", c.Latency)
	if k := r.Checks; k.Sent > 0 && r.Settings.Size+r.Settings.Window > 0 && r.Measured.Latency.Count > 0 {
		row("checked", "%s sent, %s right%s%s%s%s%s", number(k.Sent), number(k.Right),
			counted(ink, k.Lost, "lost"), counted(ink, k.Wrong, "wrong"), counted(ink, k.Duplicated, "duplicated"),
			counted(ink, k.Late, "late"), counted(Ink{}, k.Reordered, "reordered"))
	}
	if g := r.Generator; r.Measured.Seconds > 0 {
		row("sio itself", "%s", generator(g))
	}
	b.WriteByte('\n')
	if list := troubles(r); len(list) > 0 {
		fmt.Fprintf(&b, "  %s\n", ink.red("errors"))
		for _, t := range list {
			fmt.Fprintf(&b, "    %s\n", t)
		}
	} else if r.Failure == "" {
		fmt.Fprintf(&b, "  %s\n", ink.green("no errors"))
	}
	if r.Interrupted {
		fmt.Fprintf(&b, "  %s\n", ink.yellow("interrupted: these are the figures so far"))
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "  %s\n", ink.yellow("note: "+n))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func latency(row func(string, string, ...any), name string, l load.Latency) {
	if l.Count == 0 {
		return
	}
	row(name, "p50 %-9s p90 %-9s p99 %-9s p99.9 %-9s max %s", millis(l.P50), millis(l.P90), millis(l.P99), millis(l.P999), millis(l.Max))
}

func counted(ink Ink, n int64, what string) string {
	if n == 0 {
		return ""
	}
	return ", " + ink.red(number(n)+" "+what)
}

func generator(g load.Generator) string {
	text := fmt.Sprintf("%s %% of one core of %d", digits3(g.CPU), g.Cores)
	if g.Each > 0 {
		text += fmt.Sprintf(", %s µs per message", digits3(g.Each))
	}
	text += ", " + size(float64(g.Memory)) + " of memory"
	if g.PerClient > 0 && g.PerClient < 20_000 { // above, it is what any program takes
		text += ", " + size(g.PerClient) + " a client"
	}
	if g.Lag.Count > 0 {
		text += ", p99 of its clock " + millis(g.Lag.P99) + " late"
	}
	return text
}

// clip shortens s to n characters.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:max(n-1, 0)]) + "…"
}
