package optionspage_test

import (
	"os"
	"testing"

	"github.com/go-socketio/socketio/internal/optionspage"
)

const root = "../.."

// The page says what the code says. If it does not: go generate .
func TestPageIsUpToDate(t *testing.T) {
	old, err := os.ReadFile(root + "/" + optionspage.Page)
	if err != nil {
		t.Fatal(err)
	}
	now, err := optionspage.Update(root, string(old))
	if err != nil {
		t.Fatal(err)
	}
	if now != string(old) {
		t.Errorf("%s is not what the code says: run go generate . in the root", optionspage.Page)
	}
}

// Every option says what it does and what holds when it is not set.
func TestEveryOptionHasADefault(t *testing.T) {
	for _, s := range []struct{ dir, name string }{
		{"", "Config"}, {"", "Recovery"}, {"engine", "Config"}, {"engine", "CORS"}, {"engine", "Compression"},
	} {
		fields, err := optionspage.Fields(root+"/"+s.dir, s.name)
		if err != nil {
			t.Fatal(err)
		}
		if len(fields) == 0 {
			t.Errorf("%s %s has no fields", s.dir, s.name)
		}
		for _, f := range fields {
			if f.Doc == "" || f.Default == "" {
				t.Errorf("%s %s.%s: comment %q, default %q", s.dir, s.name, f.Name, f.Doc, f.Default)
			}
		}
	}
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]int64{
		"25 s; negative: none": 25e9, "2 min": 120e9, "1 MiB": 1 << 20, "1,000,000": 1e6,
		"1024; 1 compresses": 1024, "0: as many": 0, "10": 10,
	} {
		if n, ok := optionspage.Number(text); n != want || !ok {
			t.Errorf("%q is %d, %v", text, n, ok)
		}
	}
	for _, text := range []string{"", "off", "all, if at most 1 KiB"} {
		if n, ok := optionspage.Number(text); ok {
			t.Errorf("%q is %d", text, n)
		}
	}
}

func TestMarks(t *testing.T) {
	for _, page := range []string{"no table", "<!-- table: engine Nothing -->\n<!-- end -->", "<!-- table: nowhere Config -->\n<!-- end -->"} {
		if text, err := optionspage.Update(root, page); err == nil {
			t.Errorf("%q became %q", page, text)
		}
	}
}

// What both layers can be told has the same default in both.
func TestSameDefaultInBothLayers(t *testing.T) {
	above, err := optionspage.Fields(root, "Config")
	if err != nil {
		t.Fatal(err)
	}
	below, err := optionspage.Fields(root+"/engine", "Config")
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for _, a := range above {
		for _, b := range below {
			na, oka := optionspage.Number(a.Default)
			nb, okb := optionspage.Number(b.Default)
			if a.Name == b.Name && (oka || okb) {
				if same++; na != nb {
					t.Errorf("%s: %q here, %q in package engine", a.Name, a.Default, b.Default)
				}
			}
		}
	}
	if same < 8 {
		t.Errorf("only %d in common", same)
	}
}
