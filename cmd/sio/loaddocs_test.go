package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/cmd/sio/internal/load"
)

const loadPage = "../../docs/load-testing.md"

func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Every command of the pages runs, with fewer clients and not for as long.
func TestDocumentedLoads(t *testing.T) {
	base, _, _ := background(t, "serve", "-addr", "127.0.0.1:0", "-load")
	text := readPage(t, loadPage) + readPage(t, "../../docs/sio.md")
	t.Chdir(t.TempDir()) // reports are written
	n := 0
	for _, m := range regexp.MustCompile(`(?m)^sio (load [a-z]+ localhost:3000.*)$`).FindAllStringSubmatch(text, -1) {
		n++
		command, _, _ := strings.Cut(m[1], " #")
		args := shellWords(strings.Replace(command, "localhost:3000", base, 1))
		args = append(args, "-clients", "4", "-ramp", "0", "-duration", "100ms", "-warm-up", "0", "-quiet")
		var stdout, stderr output
		if code := run(t.Context(), args, nil, &stdout, &stderr); code != exitOK {
			t.Errorf("%q: code %d\n%s%s", args, code, stdout.String(), stderr.String())
		}
	}
	if n < 9 {
		t.Errorf("found %d commands", n)
	}
}

// shellWords splits a command line as a shell does, as far as the pages need it.
func shellWords(line string) []string {
	var list []string
	for _, m := range regexp.MustCompile(`'([^']*)'|(\S+)`).FindAllStringSubmatch(line, -1) {
		list = append(list, m[1]+m[2])
	}
	return list
}

// The page has every scenario, every flag, and what servers need, as the
// program prints it.
func TestLoadPageIsComplete(t *testing.T) {
	text := readPage(t, loadPage)
	var want []string
	for _, s := range load.Describe() {
		want = append(want, "| `"+s.Name+"`")
		for _, block := range regexp.MustCompile(`// (JavaScript|Go)\n`).Split(load.Handlers(load.Config{Scenario: s.Name}), -1) {
			for line := range strings.Lines(block) {
				want = append(want, strings.TrimSpace(line))
			}
		}
	}
	var help output
	if code := run(t.Context(), []string{"help", "load"}, nil, &help, &help); code != exitOK {
		t.Fatal(help.String())
	}
	for _, m := range regexp.MustCompile(`(?m)^  (-[a-z-]+)`).FindAllStringSubmatch(help.String(), -1) {
		want = append(want, "`"+m[1]+"`")
	}
	if len(want) < 40 {
		t.Fatalf("%d things to look for", len(want))
	}
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not have %q", loadPage, w)
		}
	}
}
