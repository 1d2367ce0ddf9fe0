package socketio_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/go-socketio/socketio"

// goList runs go list and returns its lines.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.Fields(string(out))
}

// TestFloors holds the packages to the floors of CONTRIBUTING.md, where all
// imports run downwards: a package may need, directly or not, only the packages
// named here beside the standard library.
func TestFloors(t *testing.T) {
	floors := []struct {
		pkg     string
		allowed []string // of this module
		foreign []string // prefixes of other modules' packages
		must    []string // proof that the list is read right
	}{
		{pkg: "packet"},
		{pkg: "internal/eio"},
		{pkg: "internal/fifo"},
		{pkg: "internal/crew", allowed: []string{"internal/fifo"}},
		{pkg: "browser", allowed: []string{"internal/deflate"}},
		{pkg: "internal/deflate"},
		{
			pkg:     "internal/wsock",
			allowed: []string{"internal/crew", "internal/deflate", "internal/fifo"},
			foreign: []string{"github.com/gobwas/"},
		},
		{
			pkg:     "engine",
			allowed: []string{"internal/crew", "internal/eio", "internal/fifo", "internal/wsock", "internal/deflate"},
			foreign: []string{"github.com/gobwas/"},
			must:    []string{"internal/eio", "internal/wsock", "internal/deflate"},
		},
		{
			pkg:     "client/engine",
			allowed: []string{"internal/crew", "internal/eio", "internal/fifo", "internal/wsock", "internal/deflate"},
			foreign: []string{"github.com/gobwas/"},
			must:    []string{"internal/eio", "internal/wsock", "internal/deflate"},
		},
		{
			pkg:     "client",
			allowed: []string{"client/engine", "packet", "internal/crew", "internal/eio", "internal/fifo", "internal/wsock", "internal/deflate"},
			foreign: []string{"github.com/gobwas/"},
			must:    []string{"client/engine", "packet"},
		},
		{
			pkg:     "",
			allowed: []string{"engine", "packet", "browser", "internal/crew", "internal/eio", "internal/fifo", "internal/wsock", "internal/deflate"},
			foreign: []string{"github.com/gobwas/"},
			must:    []string{"engine", "packet", "browser"},
		},
		{
			pkg:     "siotest",
			allowed: []string{"", "engine", "packet", "browser", "client", "client/engine", "internal/crew", "internal/eio", "internal/fifo", "internal/wsock", "internal/deflate"},
			foreign: []string{"github.com/gobwas/"},
			must:    []string{""},
		},
	}
	for _, f := range floors {
		t.Run("/"+f.pkg, func(t *testing.T) {
			t.Parallel()
			self := path(f.pkg)
			deps := goList(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", self)
			for _, dep := range deps {
				ours := dep == module || strings.HasPrefix(dep, module+"/")
				switch {
				case dep == self:
				case ours && slices.ContainsFunc(f.allowed, func(a string) bool { return path(a) == dep }):
				case !ours && slices.ContainsFunc(f.foreign, func(p string) bool { return strings.HasPrefix(dep, p) }):
				default:
					t.Errorf("%s needs %s, which its floor does not allow", self, dep)
				}
			}
			for _, m := range f.must {
				if !slices.Contains(deps, path(m)) {
					t.Errorf("%s does not need %s: has the layout changed?", self, path(m))
				}
			}
		})
	}
}

// ENG-15: TestWebSocketLibrary: one package knows it, so that another can take its place.
func TestWebSocketLibrary(t *testing.T) {
	importers := goList(t, "-test", "-f", `{{$p := .ImportPath}}{{range .Imports}}{{if eq . "github.com/gobwas/ws"}}{{$p}}{{"\n"}}{{end}}{{end}}`, "./...")
	if !slices.Contains(importers, path("internal/wsock")) {
		t.Errorf("imported by %q: has the layout changed?", importers)
	}
	for _, p := range importers {
		if p = strings.Trim(p, "[]"); p != path("internal/wsock") && p != path("internal/wsock.test") && p != path("internal/wsock_test") {
			t.Errorf("%s imports the WebSocket library", p)
		}
	}
}

func path(pkg string) string {
	if pkg == "" {
		return module
	}
	return module + "/" + pkg
}

// TestRequirements: what people get with this module is a decision, not an accident.
func TestRequirements(t *testing.T) {
	out, err := exec.Command("go", "mod", "edit", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Module  struct{ Path string }
		Require []struct{ Path string }
		Replace []struct{ Old struct{ Path string } }
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	if mod.Module.Path != module {
		t.Errorf("the module is %q", mod.Module.Path)
	}
	allowed := []string{"github.com/gobwas/ws", "github.com/gobwas/httphead"}
	for _, r := range mod.Require {
		if !slices.Contains(allowed, r.Path) {
			t.Errorf("go.mod requires %s", r.Path)
		}
	}
	if len(mod.Require) == 0 || len(mod.Replace) > 0 {
		t.Errorf("%d requirements, %d replacements", len(mod.Require), len(mod.Replace))
	}
}

// TestQUICStaysOut: whoever does not ask for WebTransport does not build QUIC.
func TestQUICStaysOut(t *testing.T) {
	asked := []string{"engine/webtransport/go.mod", "internal/interop/go.mod", "examples/go.mod"} // Gin asks for it
	found := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if d.Name() != "go.mod" && path != "go.sum" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil && bytes.Contains(text, []byte("quic-go")) {
			if found++; !slices.Contains(asked, filepath.ToSlash(path)) {
				t.Errorf("%s names quic-go", path)
			}
		}
		return err
	})
	if err != nil || found < len(asked) {
		t.Errorf("%d files name quic-go, want %d: has the layout changed? %v", found, len(asked), err)
	}
}

// TestNoHiddenState: no code before main, no finalizers, no sleeping. L3
func TestNoHiddenState(t *testing.T) {
	bad := regexp.MustCompile(`(?m)^func init\(\)|\btime\.Sleep\(|runtime\.(SetFinalizer|AddCleanup)\(`)
	for _, pkg := range []string{".", "packet", "engine", "client", "client/engine", "browser", "engine/webtransport", "packet/msgpack", "fasthttpbridge", "cmd/sio", "siotest", "internal/crew", "internal/eio", "internal/fifo", "internal/wsock", "internal/deflate"} {
		entries, err := os.ReadDir(pkg)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if !strings.HasSuffix(e.Name(), ".go") || e.Name() == "floors_test.go" {
				continue
			}
			src, err := os.ReadFile(pkg + "/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			if m := bad.Find(src); m != nil {
				t.Errorf("%s/%s contains %q", pkg, e.Name(), m)
			}
		}
	}
}
