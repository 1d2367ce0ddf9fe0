package optionspage

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var number = regexp.MustCompile(`^([\d,]+)(?: (s|min|KiB|MiB))?\b`)

var units = map[string]int64{
	"": 1, "KiB": 1 << 10, "MiB": 1 << 20,
	"s": int64(time.Second), "min": int64(time.Minute),
}

// Number returns the number that a default begins with, as in "25 s; negative:
// none" or "1,000,000", and false if it begins with none.
func Number(def string) (int64, bool) {
	m := number.FindStringSubmatch(def)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(m[1], ",", ""), 10, 64)
	return n * units[m[2]], err == nil
}

// Wrong compares v, a struct with its defaults filled in, with the numbers that
// the comments state. It returns how many it has compared, and a line for each that is not true.
// Fields that are zero in v are left out: another layer fills them in.
func Wrong(fields []Field, v reflect.Value) (compared int, faults []string) {
	for _, f := range fields {
		want, stated := Number(f.Default)
		if got := v.FieldByName(f.Name); stated && got.CanInt() && got.Int() != 0 {
			compared++
			if got.Int() != want {
				faults = append(faults, fmt.Sprintf("%s is %d by default, its comment says %q", f.Name, got.Int(), f.Default))
			}
		}
	}
	return compared, faults
}
