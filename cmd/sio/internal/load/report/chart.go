package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// A chart is lines over a common x axis, drawn as SVG without any script. Its
// colours are classes of the page's style.
type chart struct {
	title  string
	log    bool // y
	xs     []float64
	xLabel func(float64) string
	xTicks []float64
	yLabel func(float64) string
	lines  []line
	bands  []band
	points func(i int) string // what is shown over a point
}

type line struct {
	name  string
	class string
	ys    []float64
	area  bool
}

// band shades a part of the x axis.
type band struct {
	from, to float64
	name     string
}

const (
	chartWidth  = 720.0
	chartHeight = 230.0
	left        = 70.0
	right       = 12.0
	top         = 14.0
	bottom      = 26.0
)

func (c *chart) svg() template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">`, chartWidth, chartHeight, html.EscapeString(c.title))
	x0, x1 := c.xs[0], c.xs[len(c.xs)-1]
	if x1 <= x0 {
		x1 = x0 + 1
	}
	low, high, ticks := c.scale()
	px := func(x float64) float64 { return left + (x-x0)/(x1-x0)*(chartWidth-left-right) }
	py := func(y float64) float64 {
		share := (y - low) / (high - low)
		if c.log {
			share = math.Log(max(y, low)/low) / math.Log(high/low)
		}
		return chartHeight - bottom - share*(chartHeight-top-bottom)
	}
	for _, d := range c.bands {
		from, to := max(d.from, x0), min(d.to, x1)
		if to > from {
			fmt.Fprintf(&b, `<rect class="band" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s</title></rect>`,
				px(from), top, px(to)-px(from), chartHeight-top-bottom, html.EscapeString(d.name))
		}
	}
	for _, t := range ticks {
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/><text class="y" x="%.1f" y="%.1f">%s</text>`,
			left, chartWidth-right, py(t), py(t), left-8, py(t)+4, html.EscapeString(c.yLabel(t)))
	}
	xTicks := c.xTicks
	if xTicks == nil {
		xTicks = nice(x0, x1, 8)
	}
	for _, t := range xTicks {
		if t >= x0 && t <= x1 {
			fmt.Fprintf(&b, `<text class="x" x="%.1f" y="%.1f">%s</text>`, px(t), chartHeight-8, html.EscapeString(c.xLabel(t)))
		}
	}
	for _, l := range c.lines {
		var path strings.Builder
		pen := "M"
		for i, y := range l.ys {
			if c.log && y <= 0 { // nothing was there
				pen = "M"
				continue
			}
			fmt.Fprintf(&path, "%s%.1f %.1f", pen, px(c.xs[i]), py(y))
			pen = "L"
		}
		if l.area && path.Len() > 0 {
			fmt.Fprintf(&b, `<path class="area %s" d="%sL%.1f %.1fL%.1f %.1fZ"/>`, l.class, path.String(), px(x1), py(low), px(x0), py(low))
		}
		fmt.Fprintf(&b, `<path class="line %s" d="%s"/>`, l.class, path.String())
	}
	c.hover(&b, px)
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// hover lays strips over the chart that tell the figures of their place.
func (c *chart) hover(b *strings.Builder, px func(float64) float64) {
	if c.points == nil {
		return
	}
	for i, x := range c.xs {
		from, to := px(x), px(x)
		if i > 0 {
			from = (px(c.xs[i-1]) + px(x)) / 2
		}
		if i+1 < len(c.xs) {
			to = (px(x) + px(c.xs[i+1])) / 2
		}
		fmt.Fprintf(b, `<g class="at"><rect x="%.1f" y="%.1f" width="%.1f" height="%.1f"/><line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/><title>%s</title></g>`,
			from, top, max(to-from, .5), chartHeight-top-bottom, px(x), px(x), top, chartHeight-bottom, html.EscapeString(c.points(i)))
	}
}

// scale returns the ends of the y axis and where it has its numbers.
func (c *chart) scale() (low, high float64, ticks []float64) {
	low, high = math.Inf(1), 0
	for _, l := range c.lines {
		for _, y := range l.ys {
			if y > 0 {
				low = min(low, y)
			}
			high = max(high, y)
		}
	}
	if high <= 0 {
		low, high = 0, 1
		if c.log {
			low = .1
		}
	}
	if !c.log {
		ticks = nice(0, high, 5)
		if last := ticks[len(ticks)-1]; last < high {
			ticks = append(ticks, 2*last-ticks[len(ticks)-2])
		}
		return 0, ticks[len(ticks)-1], ticks
	}
	from, to := math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
	if to <= from {
		to = from + 1
	}
	steps := []float64{1}
	if to-from <= 2 {
		steps = []float64{1, 2, 5}
	}
	for e := from; e <= to; e++ {
		for _, s := range steps {
			if v := s * math.Pow(10, e); e < to || s == 1 {
				ticks = append(ticks, v)
			}
		}
	}
	return math.Pow(10, from), math.Pow(10, to), ticks
}

// nice returns about n round numbers between two.
func nice(from, to float64, n int) []float64 {
	step := math.Pow(10, math.Floor(math.Log10((to-from)/float64(n))))
	for _, f := range []float64{1, 2, 5, 10} {
		if (to-from)/(step*f) <= float64(n) {
			step *= f
			break
		}
	}
	var list []float64
	for v := math.Ceil(from/step) * step; v <= to+step*1e-9; v += step {
		list = append(list, v)
	}
	if len(list) < 2 {
		list = []float64{from, to}
	}
	return list
}

func short(v float64) string {
	switch {
	case v >= 1e9:
		return strconv.FormatFloat(v/1e9, 'f', -1, 64) + " G"
	case v >= 1e6:
		return strconv.FormatFloat(math.Round(v/1e4)/100, 'f', -1, 64) + " M"
	case v >= 1e4:
		return strconv.FormatFloat(math.Round(v/1e2)/10, 'f', -1, 64) + " k"
	}
	return strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64)
}
