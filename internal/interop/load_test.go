package interop

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sio runs the command and returns what it wrote.
func sio(t *testing.T, bin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "sio"), args...)
	var out, errors strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errors
	_ = cmd.Run() // the exit code is looked at
	return cmd.ProcessState.ExitCode(), out.String(), errors.String()
}

// sio load puts load on the official server, which has no handlers but those
// that sio load itself prints.
func TestLoadOnOfficialServer(t *testing.T) {
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	handlers := map[string]bool{}
	scenarios := strings.Fields("echo ack binary polling broadcast rooms idle connect upgrade")
	for _, s := range scenarios {
		_, text, _ := sio(t, bin, "load", s, "-handlers")
		_, js, _ := strings.Cut(text, "// JavaScript\n")
		js, _, _ = strings.Cut(js, "\n// Go")
		handlers[js] = true
	}
	script := `const io = new (require("socket.io").Server)(0); io.on("connection", (socket) => {`
	for js := range handlers {
		script += js
	}
	script += `}); io.httpServer.on("listening", () => console.log(io.httpServer.address().port));`

	ctx, cancel := context.WithCancel(context.Background())
	server := exec.CommandContext(ctx, "node", "-e", script)
	server.Dir, server.Stderr = "node", os.Stderr
	out, err := server.StdoutPipe()
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		cancel()
		_ = server.Wait() // killed
	}()
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	origin := "http://127.0.0.1:" + strings.TrimSpace(port)
	for _, s := range scenarios {
		code, stdout, stderr := sio(t, bin, "load", s, origin, "-clients", "10", "-duration", "500ms", "-json", "-quiet")
		var res struct {
			OK       bool
			Measured struct{ Units int }
			Checks   struct{ Sent, Right, Reordered int }
		}
		if err := json.Unmarshal([]byte(stdout), &res); err != nil || code != 0 || !res.OK || res.Checks.Reordered > 0 || s != "idle" && res.Measured.Units < 10 {
			t.Errorf("%s: code %d, %v\n%s%s", s, code, err, stdout, stderr)
		}
	}
	if code, _, stderr := sio(t, bin, "load", "echo", origin, "-event", "other", "-timeout", "500ms", "-quiet"); code != 1 || !strings.Contains(stderr, `socket.on("other"`) {
		t.Errorf("without a handler: code %d, %s", code, stderr)
	}
	if code, _, stderr := sio(t, bin, "load", "echo", origin+"/nowhere", "-quiet"); code != 3 || !strings.Contains(stderr, "Invalid namespace") {
		t.Errorf("without a namespace: code %d, %s", code, stderr)
	}
}
