package webtransport_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The page shows what stands in the examples, which are compiled.
func TestPageShowsTheExamples(t *testing.T) {
	page, err := os.ReadFile("../../docs/webtransport.md")
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```text\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(shown) != 3 {
		t.Errorf("the page shows %d pieces, want 3", len(shown))
	}
	for _, m := range shown {
		if !strings.Contains(string(source), m[1]) {
			t.Errorf("example_test.go does not contain\n%s", m[1])
		}
	}
}
