//go:build unix

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const documentedAddress = "localhost:3000"

// Each of volatile differs from run to run.
var volatile = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`), "MOMENT"},
	{regexp.MustCompile(`\d\d:\d\d:\d\d`), "TIME"},
	{regexp.MustCompile(`[\w-]{20}`), "ID"},
	{regexp.MustCompile(`[\d.]+ ms|"ms":[\d.]+`), "MS"},
	{regexp.MustCompile(`(127\.0\.0\.1|localhost):\d+`), "HOST"},
	{regexp.MustCompile(`over (polling|websocket)`), "over TRANSPORT"},
}

func steady(s string) string {
	for _, v := range volatile {
		s = v.pattern.ReplaceAllString(s, v.name)
	}
	return s
}

// documented returns the blocks of docs/sio.md of one kind, with the address
// of a server in them.
func documented(t *testing.T, kind, addr string) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/sio.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, part := range strings.Split(string(text), "```"+kind+"\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		blocks = append(blocks, strings.ReplaceAll(block, documentedAddress, addr))
	}
	return blocks
}

// The commands of the page, run in a shell, print what the page says.
func TestDocumentedCommands(t *testing.T) {
	base, _, _ := background(t, "serve", "-addr", "127.0.0.1:0", "-log-level", "error")
	addr := strings.TrimPrefix(base, "http://")
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "sio"), ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	n := 0
	for _, block := range documented(t, "console", addr) {
		for _, example := range strings.Split("\n"+block, "\n$ ")[1:] {
			n++
			command, want, _ := strings.Cut(example, "\n")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			cmd := exec.CommandContext(ctx, "sh", "-c", command)
			cmd.Env = append(os.Environ(), "PATH="+dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
			out, _ := cmd.CombinedOutput() // several fail on purpose
			cancel()
			// The upgrade comes when it comes.
			tidy := func(s string) string {
				return strings.TrimSpace(strings.ReplaceAll(steady(s), "now over TRANSPORT\n", ""))
			}
			if tidy(string(out)) != tidy(want) {
				t.Errorf("$ %s\nprints\n%s\nthe page says\n%s", command, out, want)
			}
		}
	}
	if n < 8 {
		t.Errorf("found %d commands", n)
	}
}

// The session of the page is what a terminal shows.
func TestDocumentedSession(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example"), 0o600); err != nil {
		t.Fatal(err)
	}
	base, _, _ := background(t, "serve", "-addr", "127.0.0.1:0", "-log-level", "error")
	sessions := documented(t, "text", strings.TrimPrefix(base, "http://"))
	t.Chdir(dir)
	if len(sessions) != 1 {
		t.Fatalf("found %d sessions", len(sessions))
	}
	var k *keyboardAndScreen
	from := 0
	for line := range strings.Lines(sessions[0]) {
		line = strings.TrimSuffix(line, "\n")
		if command, ok := strings.CutPrefix(line, "$ sio connect "); ok {
			k = openTerminal(t, strings.Fields(command)...)
			continue
		}
		if command, ok := strings.CutPrefix(line, "/> "); ok {
			from = len(k.screen.String())
			if _, err := k.pty.WriteString(command + "\r"); err != nil {
				t.Fatal(err)
			}
			continue
		}
		await(t, steadyTail{tail{k.screen, from}}, steady(line))
	}
	if code := <-k.code; code != exitOK {
		t.Errorf("code %d", code)
	}
}

// steadyTail is a tail without what differs from run to run.
type steadyTail struct{ tail }

func (s steadyTail) String() string { return steady(bare(s.tail.String())) }

// The page lists every command of the client, every flag and every type.
func TestDocumentationIsComplete(t *testing.T) {
	text, err := os.ReadFile("../../docs/sio.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, v := range verbs() {
		want = append(want, strings.TrimSpace(v.name+" "+v.args))
	}
	for _, k := range []kind{connected, connectError, disconnected, attempted, reconnected, upgraded, pinged, received, asked, answered, unanswered, status, noted, failed} {
		want = append(want, "`"+string(k)+"`")
	}
	var help output
	if code := run(t.Context(), []string{"help", "connect"}, nil, &help, &help); code != exitOK {
		t.Fatal(help.String())
	}
	for _, m := range regexp.MustCompile(`(?m)^  (-[a-z-]+)`).FindAllStringSubmatch(help.String(), -1) {
		want = append(want, "`"+m[1])
	}
	for _, w := range want {
		if !strings.Contains(string(text), w) {
			t.Errorf("docs/sio.md does not have %q", w)
		}
	}
}
