package engine_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ENG-16: the package is a layer of its own. It knows no word of what is built
// on it, in code or comments, and imports nothing of it.
func TestKnowsNoSocketIO(t *testing.T) {
	words := regexp.MustCompile(`(?i)\b(namespaces?|nsp|rooms?|acks?|acknowledg\w*|broadcaster)\b`)
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	checked := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		checked++
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(src), "\n") {
			if w := words.FindString(line); w != "" {
				t.Errorf("%s:%d knows the word %q: %s", name, i+1, w, strings.TrimSpace(line))
			}
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range f.Imports {
			path := strings.Trim(imp.Path.Value, `"`)
			if _, own, ok := strings.Cut(path, "go-socketio/socketio"); ok && own != "/internal/eio" && own != "/internal/crew" && own != "/internal/fifo" && own != "/internal/wsock" && own != "/internal/deflate" {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
	if checked < 10 {
		t.Errorf("only %d sources were looked at", checked)
	}
}
