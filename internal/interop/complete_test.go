package interop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every file of JavaScript tests is run by a test in Go: one that nobody runs
// proves nothing.
func TestNoSuiteIsLeftOut(t *testing.T) {
	var runners strings.Builder
	here, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(here, "proxy/proxy_test.go", "../../examples/examples_test.go") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		runners.Write(text)
	}
	files, err := filepath.Glob("node/*/*.test.js")
	if err != nil || len(files) < 20 { // proof that they are found
		t.Fatalf("found %d files (%v)", len(files), err)
	}
	for _, file := range files {
		folder, name := filepath.Base(filepath.Dir(file)), filepath.Base(file)
		call := `runSuite(t, "` + folder + `")`
		if folder == "proxy" {
			call = `suite(t, k, "` + strings.TrimSuffix(name, ".test.js") + `"`
		}
		if !strings.Contains(runners.String(), call) && !strings.Contains(runners.String(), `"`+folder+"/"+name+`"`) {
			t.Errorf("%s is run by no test", file)
		}
	}
}

// The suites run with the node 18 of Debian 12 too, which is without a few things
// that other builds of it have.
func TestSuitesRunOnDebian(t *testing.T) {
	files, err := filepath.Glob("node/*/*.js")
	if err != nil || len(files) < 40 { // proof that they are found
		t.Fatalf("found %d files (%v)", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), ".getSetCookie(") {
			t.Errorf(`%s: Debian's node has no getSetCookie; use get("set-cookie")`, file)
		}
	}
}
