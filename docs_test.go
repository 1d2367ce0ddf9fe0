package socketio_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Every Go snippet of the documentation is a whole program or package and compiles.
func TestDocumentationCompiles(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	_, requires, _ := strings.Cut(string(mod), "\n")
	write(t, filepath.Join(dir, "go.mod"), "module snippets\n"+requires+
		"\nrequire github.com/go-socketio/socketio v0.0.0\nreplace github.com/go-socketio/socketio => "+root+"\n")
	write(t, filepath.Join(dir, "go.sum"), string(sum))

	n := 0
	for _, page := range append(pages, "README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, snippet := range snippets(string(text)) {
			n++
			name := strings.ReplaceAll(strings.TrimSuffix(page, ".md"), "/", "_")
			if !strings.HasPrefix(snippet, "package ") {
				t.Errorf("%s, snippet %d does not begin with a package clause", page, i+1)
				continue
			}
			file := "x.go"
			if strings.Contains(snippet, "func Test") {
				file = "x_test.go"
			}
			write(t, filepath.Join(dir, name, string(rune('a'+i)), file), snippet)
		}
	}
	if n == 0 {
		t.Fatal("no snippets found")
	}
	cmd := exec.Command("go", "vet", "-mod=mod", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// snippets returns the fenced Go blocks of a page.
func snippets(page string) []string {
	var list []string
	for {
		_, rest, ok := strings.Cut(page, "```go\n")
		if !ok {
			return list
		}
		block, after, ok := strings.Cut(rest, "```")
		if !ok {
			return list
		}
		list = append(list, block)
		page = after
	}
}
