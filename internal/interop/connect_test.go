package interop

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// officialServer starts the conformance application on the official server.
// The test's end ends it.
func officialServer(t *testing.T) (origin string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "node", "reference/conformance.js")
	cmd.Dir = "node"
	cmd.Env = append(os.Environ(), "HOST=127.0.0.1", "PORT=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // killed
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	origin, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil || !ok {
		t.Fatalf("the official server said %q: %v", line, err)
	}
	return origin
}

// sio connect is a client of the official server too.
func TestConnectToOfficialServer(t *testing.T) {
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	origin := officialServer(t)
	for _, c := range []struct {
		input  string
		args   []string
		code   int
		stdout string
		stderr string // a part of it
	}{
		{"", []string{"-emit", `echo,hello,{"n":1.5},{"$base64":"AQID"}`, "-ack"}, 0, "\"hello\"\n{\"n\":1.5}\n{\"$base64\":\"AQID\"}\n", "connected to / as"},
		{"", []string{"-transport", "websocket", "-emit", "echo,1", "-listen", "1"}, 0, "echo 1\n", "over websocket"},
		{"", []string{"-path", "/msgpack/", "-parser", "msgpack", "-emit", `echo,{"a":[{"$base64":"AQID"},null]}`, "-ack"}, 0, "{\"a\":[{\"$base64\":\"AQID\"},null]}\n", ""},
		{"", []string{"-n", "restricted"}, 3, "", "refuses /restricted: forbidden\n  data: {\"required\":\"token\"}"},
		{"join restricted token=secret\nack echo there\nleave\nack echo here\n", nil, 0, "\"there\"\n\"here\"\n", "connected to /restricted as"},
		{"", []string{"-n", "nowhere"}, 3, "", "Invalid namespace"},
		{"", []string{"-path", "/nothing/"}, 1, "", "answered 404 Not Found"},
		{"", []string{"-path", "/pollonly/", "-transport", "websocket"}, 1, "", "-transport"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		cmd := exec.CommandContext(ctx, filepath.Join(bin, "sio"), append([]string{"connect", origin}, c.args...)...)
		cmd.Stdin = strings.NewReader(c.input)
		var stdout, stderr strings.Builder
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		_ = cmd.Run() // the exit code is looked at
		cancel()
		if code := cmd.ProcessState.ExitCode(); code != c.code || stdout.String() != c.stdout || !strings.Contains(stderr.String(), c.stderr) {
			t.Errorf("%q, input %q: code %d, stdout %q, stderr %q; want code %d, %q, %q", c.args, c.input, code, &stdout, &stderr, c.code, c.stdout, c.stderr)
		}
	}
}
