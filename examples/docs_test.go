package examples

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The page about frameworks shows what stands in the examples, which are
// compiled and run.
func TestPageShowsTheExamples(t *testing.T) {
	text, err := os.ReadFile("../docs/frameworks.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```text\n(.*?)```.*?\\]\\(\\.\\./examples/([a-z/]+\\.go)\\)").FindAllStringSubmatch(string(text), -1)
	seen := map[string]bool{}
	for _, match := range shown {
		snippet, file := match[1], match[2]
		source, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.Contains(string(source), snippet) {
			t.Errorf("examples/%s does not contain\n%s", file, snippet)
		}
		seen[file] = true
	}
	mains, err := filepath.Glob("*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, main := range append(mains, "board/board.go") {
		if !seen[main] {
			t.Errorf("the page shows nothing of %s", main)
		}
	}
	if n := strings.Count(string(text), "```text"); n != len(shown) {
		t.Errorf("%d of %d snippets name their file", len(shown), n)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, main := range mains {
		if name := filepath.Dir(main); !strings.Contains(string(readme), "\n## "+name+"\n") {
			t.Errorf("README.md has no section %s", name)
		}
	}
}
