package socketio_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// elsewhere is what the page about troubleshooting quotes from browsers,
// official clients and the system, and headings that quote nothing.
var elsewhere = []string{
	"xhr poll error", "websocket error", "Unexpected response code: 400", "Unexpected server response: 400", "413",
	"io is not defined", "too many open files", "io server disconnect",
	"blocked by CORS policy: No 'Access-Control-Allow-Origin' header", "accept4: too many open files",
	"The client connects again and again", "without connect and without connect_error",
	"Every event comes twice after a reconnection", "A []byte arrives as text",
	"A room is empty", "or a message reaches nobody", "Shutdown does not return",
}

var (
	quoted = regexp.MustCompile("`([a-z][^`{}()<\\[]* [^`{}()<\\[]*)`")
	// joint is where the code puts a message together: at what it fills in, and between errors.
	joint = regexp.MustCompile(`[…"]| at byte |\bEVENT\b|\b1\b|: `)
)

// What the page tells people to search for is what the code says.
func TestTroubleshootingQuotesTheCode(t *testing.T) {
	said := literals(t)
	text, err := os.ReadFile("docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	page := fence.ReplaceAllString(string(text), "")
	checked := 0
	check := func(phrase string) {
		for _, e := range elsewhere {
			if phrase == e {
				return
			}
		}
		checked++
		for part := range strings.SplitSeq(joint.ReplaceAllString(phrase, "\n"), "\n") {
			if part = strings.TrimSpace(part); !strings.Contains(said, part) {
				t.Errorf("nothing in the code says %q", part)
			}
		}
	}
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if heading, ok := strings.CutPrefix(line, "### "); ok {
			if strings.Contains(heading, "Config.") || !strings.Contains(heading, ", ") {
				check(heading)
				continue
			}
			for part := range strings.SplitSeq(heading, ", ") {
				check(part)
			}
		}
		for _, m := range quoted.FindAllStringSubmatch(line, -1) {
			if !strings.HasSuffix(m[1], ": true") && !strings.HasPrefix(m[1], "proxy_") {
				check(m[1])
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d phrases", checked)
	}
}

// literals returns all strings in the code of the module, one a line.
func literals(t *testing.T) string {
	var b strings.Builder
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && (d.Name() == "node_modules" || d.Name() == "interop" || strings.HasPrefix(d.Name(), ".") && path != ".") {
			if err == nil {
				err = fs.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					b.WriteString(s + "\n")
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
