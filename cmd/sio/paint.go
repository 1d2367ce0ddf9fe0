package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// palette colours text for a terminal, or leaves it alone.
type palette bool

// paletteFor follows https://no-color.org.
func paletteFor(environ func(string) string) palette {
	return palette(environ("NO_COLOR") == "" && environ("TERM") != "dumb")
}

// colour is an SGR parameter.
type colour string

const (
	bold    colour = "1"
	dim     colour = "2"
	red     colour = "31"
	green   colour = "32"
	yellow  colour = "33"
	blue    colour = "34"
	magenta colour = "35"
	cyan    colour = "36"
)

func (p palette) paint(c colour, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}

// visible counts the characters of a painted text.
func visible(s string) int {
	n, inside := 0, false
	for _, r := range s {
		switch {
		case inside:
			inside = r != 'm'
		case r == '\x1b':
			inside = true
		default:
			n++
		}
	}
	return n
}

// What is shown of one value on a terminal; -json has everything.
const (
	maxShownLines  = 200
	maxShownString = 2000 // characters
	maxShownBytes  = 16   // of binary data
)

// oneLine writes a value without line breaks.
func (p palette) oneLine(v any) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = p.oneLine(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case object:
		if len(v) == 0 {
			return "{}"
		}
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = p.paint(cyan, quote(m.key)) + ": " + p.oneLine(m.value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return p.scalar(v)
}

func (p palette) scalar(v any) string {
	switch v := v.(type) {
	case nil:
		return p.paint(magenta, "null")
	case bool:
		return p.paint(magenta, fmt.Sprint(v))
	case json.Number:
		return p.paint(yellow, v.String())
	case string:
		if cut := clip(v, maxShownString); len(cut) < len(v) {
			return p.paint(green, quote(cut)) + p.paint(dim, fmt.Sprintf("… (%d bytes)", len(v)))
		}
		return p.paint(green, quote(v))
	case []byte:
		return p.paint(blue, binaryHead(v))
	}
	return ""
}

// binaryHead is the size of binary data and how it begins.
func binaryHead(b []byte) string {
	head := b[:min(len(b), maxShownBytes)]
	s := fmt.Sprintf("<%s", size(len(b)))
	if len(head) > 0 {
		s += ": "
	}
	for i := range head {
		if i > 0 && i%4 == 0 {
			s += " "
		}
		s += hex.EncodeToString(head[i : i+1])
	}
	if len(head) < len(b) {
		s += " …"
	}
	return s + ">"
}

func size(n int) string {
	switch {
	case n == 1:
		return "1 byte"
	case n < 10_000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// pretty appends a value over several lines, where it does not fit into width.
func (p palette) pretty(dst []string, lead, indent string, v any, tail string, width int) []string {
	if len(dst) > maxShownLines {
		return dst // the rest is cut off anyway
	}
	if fits(v, width-len(indent)-len(lead)-len(tail)) {
		return append(dst, indent+lead+p.oneLine(v)+tail)
	}
	inner := indent + "  "
	comma := func(i, n int) string {
		if i < n-1 {
			return ","
		}
		return ""
	}
	switch v := v.(type) {
	case []any:
		dst = append(dst, indent+lead+"[")
		for i, e := range v {
			dst = p.pretty(dst, "", inner, e, comma(i, len(v)), width)
		}
		return append(dst, indent+"]"+tail)
	case object:
		dst = append(dst, indent+lead+"{")
		for i, m := range v {
			dst = p.pretty(dst, p.paint(cyan, quote(m.key))+": ", inner, m.value, comma(i, len(v)), width)
		}
		return append(dst, indent+"}"+tail)
	}
	return append(dst, indent+lead+p.scalar(v)+tail)
}

// fits tells whether a value has so many characters at most, without writing
// all of a large one.
func fits(v any, width int) bool { return remaining(v, width) >= 0 }

func remaining(v any, width int) int {
	if width < 0 {
		return -1
	}
	switch v := v.(type) {
	case []any:
		width -= 2
		for _, e := range v {
			if width = remaining(e, width) - 2; width < 0 {
				return -1
			}
		}
		return width
	case object:
		width -= 2
		for _, m := range v {
			if width = remaining(m.value, width-len(m.key)-6); width < 0 {
				return -1
			}
		}
		return width
	case string:
		if len(v) > 4*width {
			return -1
		}
	}
	return width - len([]rune(palette(false).scalar(v)))
}
