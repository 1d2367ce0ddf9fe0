package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/go-socketio/socketio/cmd/sio/internal/load"
)

// number writes a count with commas.
func number(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// rate writes a number per second: whole ones, unless it is small.
func rate(v float64) string {
	if v > 0 && v < 10 {
		return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
	}
	return number(int64(math.Round(v)))
}

// digits3 writes three digits that count, and no exponent.
func digits3(v float64) string {
	switch {
	case v >= 100:
		return number(int64(math.Round(v)))
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v >= 1:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 3, 64), ".000")
}

// millis writes a latency with its unit.
func millis(v float64) string {
	switch {
	case v >= 10_000:
		return digits3(v/1000) + " s"
	case v < 1 && v > 0:
		return digits3(v*1000) + " µs"
	}
	return digits3(v) + " ms"
}

// seconds writes the length of a phase.
func seconds(v float64) string {
	switch {
	case v >= 3600:
		return fmt.Sprintf("%d:%02d:%02d h", int(v)/3600, int(v)/60%60, int(v)%60)
	case v >= 120:
		return fmt.Sprintf("%d:%02d min", int(v)/60, int(v)%60)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 0, 64) + " s"
	case v < 1 && v > 0:
		return digits3(v*1000) + " ms"
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " s"
}

func size(bytes float64) string {
	switch {
	case bytes >= 1e9:
		return digits3(bytes/1e9) + " GB"
	case bytes >= 1e6:
		return digits3(bytes/1e6) + " MB"
	case bytes >= 1e3:
		return digits3(bytes/1e3) + " KB"
	}
	return digits3(bytes) + " bytes"
}

func plural(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + one + "s"
}

// setting says in a line what was asked for.
func setting(r *load.Result) string {
	s := r.Settings
	parts := []string{plural(int64(s.Clients), "client") + " over " + strings.Join(s.Transports, " and ")}
	if s.Rooms > 0 {
		parts = append(parts, plural(int64(s.Rooms), "room"))
	}
	if len(s.Namespaces) > 1 || s.Namespaces[0] != "/" {
		parts = append(parts, "in "+strings.Join(s.Namespaces, ", "))
	}
	switch {
	case s.Rate > 0:
		parts = append(parts, rate(s.Rate)+" per second")
	case s.Window > 0:
		parts = append(parts, fmt.Sprintf("window %d", s.Window))
	}
	if s.Size > 0 {
		parts = append(parts, fmt.Sprintf("%s bytes", number(int64(s.Size))))
	}
	return strings.Join(parts, ", ")
}

// verdict is the run in a word.
func verdict(r *load.Result) string {
	switch {
	case r.Failure != "":
		return "failed"
	case r.Interrupted && r.OK:
		return "interrupted"
	case !r.OK:
		return "with errors"
	}
	return "no errors"
}

// troubles lists what went wrong, with its number.
func troubles(r *load.Result) []string {
	var list []string
	k := r.Checks
	for _, t := range []struct {
		n    int64
		what string
	}{
		{k.Lost, "lost: no reply within " + seconds(r.Settings.Timeout)},
		{k.Wrong, "wrong: not what was sent"},
		{k.Duplicated, "duplicated: came twice"},
	} {
		if t.n > 0 {
			list = append(list, number(t.n)+" "+t.what)
		}
	}
	for _, e := range r.Errors {
		list = append(list, number(e.Count)+" × "+e.Error)
	}
	return list
}
