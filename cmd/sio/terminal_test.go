//go:build unix

package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/go-socketio/socketio"
)

// keyboardAndScreen is a terminal with sio connect in it.
type keyboardAndScreen struct {
	t      *testing.T
	pty    *os.File
	screen *output
	code   chan int
}

func openTerminal(t *testing.T, args ...string) *keyboardAndScreen {
	t.Helper()
	outside, inside, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(outside, &pty.Winsize{Rows: 40, Cols: 100}); err != nil {
		t.Fatal(err)
	}
	k := &keyboardAndScreen{t: t, pty: outside, screen: new(output), code: make(chan int, 1)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(k.screen, outside) // ends when the inside is closed
	}()
	go func() {
		k.code <- run(t.Context(), append([]string{"connect"}, args...), inside, inside, inside)
		inside.Close()
	}()
	t.Cleanup(func() {
		_, _ = outside.WriteString("\x15\x04") // an empty line, and the end
		<-read
		outside.Close()
	})
	return k
}

// types sends keys, and waits until the screen has shown a text behind all
// that it showed before.
func (k *keyboardAndScreen) types(keys, want string) string {
	k.t.Helper()
	before := len(k.screen.String())
	if _, err := k.pty.WriteString(keys); err != nil {
		k.t.Fatal(err)
	}
	return k.shows(before, want)
}

func (k *keyboardAndScreen) shows(from int, want string) string {
	k.t.Helper()
	await(k.t, tail{k.screen, from}, want)
	return k.screen.String()[from:]
}

// tail is what was written behind a certain place.
type tail struct {
	*output
	from int
}

func (t tail) String() string { return t.output.String()[t.from:] }

var sequence = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")

// bare is what is left of a screen without colours and moves.
func bare(s string) string {
	return strings.ReplaceAll(sequence.ReplaceAllString(s, ""), "\r", "")
}

func TestTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("NO_COLOR", "")
	o := openOffice(t, socketio.Config{})
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "photo.png"), make([]byte, 20_000), 0o600); err != nil {
		t.Fatal(err)
	}
	k := openTerminal(t, o.url)
	k.shows(0, "/>")

	// An answer with its round trip, in colours.
	k.types("ack message {\"b\":1.50,\"a\":null}\r", " ms")
	k.shows(0, "null\x1b[0m}")
	if screen := bare(k.screen.String()); !regexp.MustCompile(`← #1 message \d+(\.\d)? ms \{"b": 1.50, "a": null\}`).MatchString(screen) {
		t.Errorf("%q", screen)
	}
	if !strings.Contains(k.screen.String(), "\x1b[33m1.50\x1b[0m") {
		t.Errorf("no colours: %q", k.screen)
	}
	// What comes while a line is typed goes above it, and the line is whole behind it.
	k.types("emit order half", "half")
	if code, _, stderr := sio(t, "", "connect", o.url, "-emit", `broadcast,news,"in the middle"`, "-ack"); code != 0 {
		t.Fatal(stderr)
	}
	k.shows(0, "in the middle")
	k.types("-done\r", "half-done\"")
	if screen := bare(k.screen.String()); !strings.Contains(screen, "← news \"in the middle\"\n/> emit order half") || !strings.Contains(screen, `← ordered "half-done"`) {
		t.Errorf("%q", screen)
	}
	// The arrow keys edit, and bring back.
	k.types("emit order ac\x1b[Db\r", `ordered`)
	k.shows(0, `"abc"`)
	k.types("\x1b[A\x1b[A\x7f\x7f\x7f\x7f\x7fX\r", `"halfX"`)
	// Tab completes commands, events that were seen, and files.
	k.types("vol\tord", "volatile ord")
	if got := bare(k.types("\t", "order")); !strings.Contains(got, "order  ordered") {
		t.Errorf("the choices: %q", got)
	}
	// Ctrl-C empties the line.
	k.types("\x03emit message @"+dir+"/ph\t\r", "20.0 kB")
	if screen := bare(k.screen.String()); !strings.Contains(screen, "<20.0 kB: 00000000 00000000 00000000 00000000 …>") {
		t.Errorf("%q", screen)
	}
	// Another namespace is refused, and another joined.
	k.types("join private\r", "a token, please")
	k.types("\rjoin private {\"token\":\"secret\"}\r", "/private>")
	k.types("ack where\r", `"/private"`)
	k.types("status\r", "/private: connected as")
	k.types("leave\r", "disconnected from /private")
	k.types("disconnect\r", "(not connected)>")
	k.types("connect\r", "connected to /")
	k.types("listen new*\remit order hidden\rack message shown\r", `"shown"`)
	if strings.Contains(bare(k.screen.String()), `ordered "hidden"`) {
		t.Error("the filter lets everything through")
	}
	k.types("listen\r", "/>")
	k.types("emit question\r", "(answer 1 …)")
	k.types("answer 1 Ada\r", `hello`)
	k.shows(0, `"Ada"`)
	k.types("nonsense\r", "no command nonsense")
	k.types("help\r", "round trip")
	// What a server sends cannot move the cursor.
	k.types(`emit order "\u001b[2Jx\u202ey"`+"\r", `\u001b[2Jx\u202ey`)
	if _, err := k.pty.WriteString("\x04"); err != nil {
		t.Fatal(err)
	}
	if code := <-k.code; code != exitOK {
		t.Errorf("code %d", code)
	}
	if strings.Contains(k.screen.String(), "\x1b[2J") {
		t.Error("the screen was cleared")
	}
}

func TestTerminalWithoutColours(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	o := openOffice(t, socketio.Config{})
	k := openTerminal(t, o.url)
	k.shows(0, "/>")
	k.types("ack message {\"a\":[1]}\r", `{"a": [1]}`)
	if strings.Contains(k.screen.String(), "m{") || strings.Contains(k.screen.String(), "\x1b[1m") {
		t.Errorf("%q", k.screen)
	}
	// Ctrl-C in an empty line ends.
	if _, err := k.pty.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	if code := <-k.code; code != exitOK {
		t.Errorf("code %d", code)
	}
}

// A terminal is given back as it was, also when there is no connection.
func TestTerminalAndNoServer(t *testing.T) {
	o := openOffice(t, socketio.Config{})
	k := openTerminal(t, o.url+"/nowhere")
	k.shows(0, "Invalid namespace")
	if code := <-k.code; code != exitRefused {
		t.Errorf("code %d, %q", code, k.screen)
	}
}
