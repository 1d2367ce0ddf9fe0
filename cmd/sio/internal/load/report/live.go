package report

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/go-socketio/socketio/cmd/sio/internal/load"
)

// Live shows how a run goes on: in a terminal as a few lines that stay in their
// place, elsewhere as a line now and then.
type Live struct {
	out   io.Writer
	ink   Ink
	unit  string
	width func() int // nil: not a terminal

	lines int // that are on the terminal
	rates []float64
	waits []float64
	next  time.Duration // when a line is due
	at    time.Duration
	phase string
	every time.Duration
	title string // until it is shown
}

// NewLive makes one. width returns the columns of the terminal, and is nil if
// there is none. length is about how long the run takes.
func NewLive(out io.Writer, ink Ink, width func() int, title, unit string, length time.Duration) *Live {
	l := &Live{out: out, ink: ink, width: width, unit: unit, every: time.Second}
	switch {
	case length > 10*time.Minute:
		l.every = 30 * time.Second
	case length > time.Minute:
		l.every = 5 * time.Second
	}
	l.title = ink.bold(title) + "\n"
	return l
}

// Update shows the next state.
func (l *Live) Update(p load.Progress) {
	if l.title != "" { // not before there is something to tell, or it would stand above an error
		fmt.Fprint(l.out, l.title)
		l.title = ""
	}
	if l.width == nil {
		l.line(p)
		return
	}
	l.rates = keep(l.rates, p.Rate)
	l.waits = keep(l.waits, p.P99)
	l.draw(l.block(p))
}

// End takes the lines away again.
func (l *Live) End() {
	if l.lines > 0 {
		fmt.Fprintf(l.out, "\x1b[%dA\x1b[J", l.lines)
		l.lines = 0
	}
}

// sparks is how many of the last values are shown, where there is room.
const sparks = 30

// room is how wide bars may be: the names are before them, a figure behind.
func (l *Live) room() int { return min(max(l.width()-35, 8), sparks) }

func keep(list []float64, v float64) []float64 {
	if len(list) == sparks {
		list = append(list[:0], list[1:]...)
	}
	return append(list, v)
}

func (l *Live) block(p load.Progress) []string {
	room := l.room()
	last := func(list []float64) string { return l.ink.cyan(spark(list[max(len(list)-room, 0):])) }
	row := func(name, text string) string { return "  " + l.ink.dim(fmt.Sprintf("%-11s", name)) + "  " + text }
	share := float64(p.Connected+p.Failed) / float64(max(p.Wanted, 1))
	clock := seconds(p.Elapsed.Seconds())
	if p.Length > 0 {
		share = p.Elapsed.Seconds() / p.Length.Seconds()
		clock += " of " + seconds(p.Length.Seconds())
	}
	if p.Phase == "draining" {
		share = 1
	}
	clients := number(p.Connected) + " of " + number(p.Wanted)
	if p.Failed > 0 {
		clients += ", " + l.ink.red(number(p.Failed)+" failed")
	}
	errors := l.ink.green("none")
	if p.Errors > 0 {
		errors = l.ink.red(number(p.Errors))
	}
	lines := []string{
		row(p.Phase, l.ink.cyan(bar(share, room))+" "+clock),
		row("clients", clients),
		row(clip(l.unit, 11), fmt.Sprintf("%-*s %s", figure, rate(p.Rate)+" per second", last(l.rates))),
	}
	if p.P99 > 0 {
		text := fmt.Sprintf("p50 %s  p99 %s", millis(p.P50), millis(p.P99))
		lines = append(lines, row("latency", fmt.Sprintf("%-*s %s", figure, text, last(l.waits))))
	}
	return append(lines,
		row("errors", errors),
		row("sio itself", digits3(p.CPU)+" % of one core"))
}

// figure is the columns of "p50 1.23 ms  p99 12.3 ms".
const figure = 27

// draw writes the lines over those of the last time.
func (l *Live) draw(lines []string) {
	var b strings.Builder
	if l.lines > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", l.lines)
	}
	width := l.width()
	for _, s := range lines {
		b.WriteString(cut(s, width))
		b.WriteString("\x1b[K\n")
	}
	b.WriteString("\x1b[J")
	l.lines = len(lines)
	_, _ = io.WriteString(l.out, b.String()) // who looks sees that it is not there
}

// cut shortens a line to the columns of the terminal: a line that wraps would
// move all others. What colours it takes no column.
func cut(s string, columns int) string {
	if columns <= 0 {
		return s
	}
	var b strings.Builder
	n, escape := 0, false
	for _, r := range s {
		switch {
		case r == '\x1b':
			escape = true
		case escape:
			escape = r != 'm'
		case n == columns:
			continue
		default:
			n++
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (l *Live) line(p load.Progress) {
	l.at += time.Duration(p.Seconds * float64(time.Second))
	if p.Phase == l.phase && l.at < l.next {
		return
	}
	l.phase, l.next = p.Phase, l.at+l.every-100*time.Millisecond
	text := fmt.Sprintf("%-10s %7s  %s clients", p.Phase, seconds(p.At), number(p.Connected))
	if p.Rate > 0 || p.Phase == "measuring" {
		text += fmt.Sprintf("  %s %s/s", rate(p.Rate), l.unit)
	}
	if p.P99 > 0 {
		text += fmt.Sprintf("  p50 %s  p99 %s  max %s", millis(p.P50), millis(p.P99), millis(p.Max))
	}
	fmt.Fprintf(l.out, "%s  %s  sio %s %%\n", text, plural(p.Errors, "error"), digits3(p.CPU))
}

func bar(share float64, width int) string {
	full := int(math.Round(min(max(share, 0), 1) * float64(width)))
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}

// spark draws values as high as they are, beside each other.
func spark(list []float64) string {
	top := 0.0
	for _, v := range list {
		top = max(top, v)
	}
	levels := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, v := range list {
		if top == 0 {
			b.WriteRune(levels[0])
			continue
		}
		b.WriteRune(levels[min(int(v/top*float64(len(levels))), len(levels)-1)])
	}
	return b.String()
}
