package report

import (
	_ "embed" // for the page
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"github.com/go-socketio/socketio/cmd/sio/internal/load"
)

//go:embed page.html
var pageText string

// Page writes the figures of a run as one HTML file with charts: no script, and
// nothing that is fetched from elsewhere.
func Page(w io.Writer, r *load.Result, version string) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"number": number, "rate": rate, "millis": millis, "seconds": seconds, "setting": setting,
		"generator": generator, "digits3": digits3,
	}).Parse(pageText)
	if err != nil {
		return err
	}
	return t.Execute(w, map[string]any{
		"R": r, "Verdict": verdict(r), "Troubles": troubles(r), "Version": version,
		"Charts": charts(r), "Started": r.Started.Format("2 January 2006, 15:04:05 MST"),
		"Good": r.OK && r.Failure == "",
	})
}

type drawn struct {
	Title  string
	Note   string
	Legend []line
	SVG    template.HTML
}

// Name and Class are for the page.
func (l line) Name() string  { return l.name }
func (l line) Class() string { return l.class }

func charts(r *load.Result) []drawn {
	var list []drawn
	add := func(c *chart, note string) {
		list = append(list, drawn{Title: c.title, Note: note, Legend: c.lines, SVG: c.svg()})
	}
	if s := r.Samples; len(s) > 1 {
		over := newOver(s)
		add(over.chart(strings.ToUpper(r.Unit[:1])+r.Unit[1:]+" per second", false, short,
			over.line(r.Unit, "a", true, func(s load.Sample) float64 { return s.Rate })), "")
		if r.Measured.Latency.Count > 0 {
			add(over.chart("Latency", true, axisMillis,
				over.line("max", "d", false, func(s load.Sample) float64 { return s.Max }),
				over.line("p99", "c", false, func(s load.Sample) float64 { return s.P99 }),
				over.line("p90", "b", false, func(s load.Sample) float64 { return s.P90 }),
				over.line("p50", "a", false, func(s load.Sample) float64 { return s.P50 })), "logarithmic")
		}
	}
	if c := distribution(r.Measured.Latency.Spread); c != nil {
		add(c, "the share of all that took at most so long; logarithmic")
	}
	if s := r.Samples; len(s) > 1 {
		over := newOver(s)
		add(over.chart("Clients", false, short,
			over.line("connected", "a", true, func(s load.Sample) float64 { return float64(s.Clients) }),
			over.line("errors", "d", false, func(s load.Sample) float64 { return float64(s.Errors) })), "errors of each moment")
		add(over.chart("Processor time of sio load", false, func(v float64) string { return short(v) + " %" },
			over.line("percent of one core", "b", true, func(s load.Sample) float64 { return s.CPU })), fmt.Sprintf("there are %d cores", r.Generator.Cores))
	}
	return list
}

func axisMillis(v float64) string {
	if v >= 1000 {
		return short(v/1000) + " s"
	}
	if v < 1 {
		return short(v*1000) + " µs"
	}
	return short(v) + " ms"
}

// over draws samples over time.
type over struct {
	samples []load.Sample
	xs      []float64
	bands   []band
}

func newOver(samples []load.Sample) over {
	o := over{samples: samples}
	for i, s := range samples {
		o.xs = append(o.xs, s.At)
		if s.Phase == "measuring" {
			continue
		}
		from := s.At - s.Seconds
		if n := len(o.bands); n > 0 && i > 0 && samples[i-1].Phase == s.Phase {
			o.bands[n-1].to = s.At
			continue
		}
		o.bands = append(o.bands, band{from: from, to: s.At, name: s.Phase})
	}
	return o
}

func (o over) line(name, class string, area bool, of func(load.Sample) float64) line {
	l := line{name: name, class: class, area: area}
	for _, s := range o.samples {
		l.ys = append(l.ys, of(s))
	}
	return l
}

func (o over) chart(title string, log bool, yLabel func(float64) string, lines ...line) *chart {
	return &chart{
		title: title, log: log, xs: o.xs, lines: lines, bands: o.bands, yLabel: yLabel,
		xLabel: func(v float64) string { return short(v) + " s" },
		points: func(i int) string {
			text := []string{seconds(o.xs[i]) + ", " + o.samples[i].Phase}
			for _, l := range lines {
				text = append(text, l.name+" "+yLabel(math.Round(l.ys[i]*1000)/1000))
			}
			return strings.Join(text, "\n")
		},
	}
}

// distribution draws latencies over the share of all, with as much room for
// each nine as for the one before.
func distribution(steps []load.Step) *chart {
	if len(steps) < 2 {
		return nil
	}
	nines := func(share float64) float64 { return -math.Log10(1 - share) }
	c := &chart{title: "Distribution of latency", log: true, yLabel: axisMillis}
	l := line{name: "latency", class: "c", area: true}
	last := 0.0
	for _, s := range steps {
		x := nines(s.Share)
		if s.Share == 1 {
			x = last + .5 // the maximum, a little to the right
		}
		last = x
		c.xs = append(c.xs, x)
		l.ys = append(l.ys, s.Value)
	}
	c.lines = []line{l}
	shares := []float64{0, .5, .9, .99, .999, .9999, .99999}
	for _, s := range shares {
		if nines(s) < last-.4 {
			c.xTicks = append(c.xTicks, nines(s))
		}
	}
	c.xTicks = append(c.xTicks, last)
	label := func(share float64) string {
		if share == 1 {
			return "max"
		}
		return short(100*share) + " %"
	}
	c.xLabel = func(x float64) string {
		if x == last {
			return "max"
		}
		return label(1 - math.Pow(10, -x))
	}
	c.points = func(i int) string { return label(steps[i].Share) + ": " + millis(steps[i].Value) }
	return c
}
