package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// row is what one scenario brought, by side: ours, theirs.
type row struct {
	scenario
	figures [2][]figure
}

func median(list []figure) figure {
	s := slices.Sorted(slices.Values(list))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// show writes a figure in its unit.
func (s *scenario) show(f figure) string {
	switch {
	case s.memory:
		return fmt.Sprintf("%.1f KB", f/1000)
	case f < 10:
		return fmt.Sprintf("%.2f µs", f)
	default:
		return fmt.Sprintf("%.0f µs", f)
	}
}

// table prints medians and lowest. Whatever else the machine does makes a figure
// larger, never smaller: the lowest is the nearest to the truth, and the median
// tells how quiet it was. Ratios are of medians and of lowest.
func table(w io.Writer, o *options, rows []row, pinned bool) error {
	where := "not pinned to a processor: there is no taskset"
	if pinned {
		where = fmt.Sprintf("pinned to processor %d", o.cpu)
	}
	fmt.Fprintf(w, "\nServer CPU per message, and memory per idle client: median (lowest) of %d runs of %v.\n", o.rounds, o.duration)
	fmt.Fprintf(w, "ours   %v\ntheirs %v\nservers %s\n\n", o.sides[0], o.sides[1], where)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "scenario\tours\ttheirs\ttheirs/ours\t")
	for _, r := range rows {
		ours, theirs := median(r.figures[0]), median(r.figures[1])
		low0, low1 := slices.Min(r.figures[0]), slices.Min(r.figures[1])
		fmt.Fprintf(t, "%s\t%s (%s)\t%s (%s)\t%.1f× (%.1f×)\t%s\n", r.name, r.show(ours), r.show(low0),
			r.show(theirs), r.show(low1), theirs/ours, low1/low0, r.about)
	}
	return t.Flush()
}
