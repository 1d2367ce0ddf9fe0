package interop

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// documentedAddress is where the programs of docs/websocket.md listen and connect.
const documentedAddress = "127.0.0.1:3000"

// The page, the server and the client of docs/websocket.md understand each
// other. They are run as they stand there, but for the address.
func TestDocumentedWebSocket(t *testing.T) {
	text, err := os.ReadFile("../../docs/websocket.md")
	if err != nil {
		t.Fatal(err)
	}
	addr := freeAddress(t)
	if n := strings.Count(string(text), documentedAddress); n != 3 {
		t.Fatalf("docs/websocket.md names %s %d times, not once in each program", documentedAddress, n)
	}
	page := strings.ReplaceAll(string(text), documentedAddress, addr)
	scripts, programs := fenced(page, "js"), fenced(page, "go")
	if len(scripts) != 1 || len(programs) != 2 {
		t.Fatalf("docs/websocket.md has %d scripts and %d programs", len(scripts), len(programs))
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "index.html"), "<!doctype html><title>documented</title><link rel=icon href=data:,>\n<script>\n"+scripts[0]+"</script>\n")
	buildDocumented(t, dir, map[string]string{"server": programs[0], "client": programs[1]})
	t.Setenv("DOCUMENTED_DIR", dir)
	t.Setenv("DOCUMENTED_ADDRESS", addr)
	runSuite(t, "documented")
}

// buildDocumented compiles each program into dir, as a module of its own that requires this one.
func buildDocumented(t *testing.T, dir string, programs map[string]string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	_, requires, _ := strings.Cut(string(mod), "\n")
	write(t, filepath.Join(dir, "go.mod"), fmt.Sprintf(
		"module documented\n%s\nrequire github.com/go-socketio/socketio v0.0.0\nreplace github.com/go-socketio/socketio => %s\n", requires, root))
	write(t, filepath.Join(dir, "go.sum"), string(sum))
	for name, source := range programs {
		write(t, filepath.Join(dir, "src", name, "main.go"), source)
	}
	build := exec.Command("go", "build", "-mod=mod", "-o", dir+string(filepath.Separator), "./src/...")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOWORK=off") // which other builds of this module need
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// freeAddress is one that the kernel has just had to give.
func freeAddress(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// fenced returns the blocks of a language on a page.
func fenced(page, language string) []string {
	var list []string
	for {
		_, rest, ok := strings.Cut(page, "```"+language+"\n")
		if !ok {
			return list
		}
		block, after, ok := strings.Cut(rest, "```")
		if !ok {
			return list
		}
		list, page = append(list, block), after
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
