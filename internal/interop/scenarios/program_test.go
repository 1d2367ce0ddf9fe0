package scenarios

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/internal/interop/npm"
)

// node is where the official server is.
const node = "../node"

// peer is a server that the client is tested with: how its conformance
// application is started.
type peer struct {
	name    string
	command func() (*exec.Cmd, error)
}

var peers = []peer{
	{"ours", func() (*exec.Cmd, error) {
		bin, err := conformance()
		return exec.Command(bin), err
	}},
	{"official", func() (*exec.Cmd, error) {
		cmd := exec.Command("node", filepath.Join("reference", "conformance.js"))
		cmd.Dir = node
		return cmd, npm.Install(node)
	}},
}

var (
	buildOnce sync.Once
	buildDir  string
	buildErr  error
)

// conformance builds the application on this module's server, once.
func conformance() (string, error) {
	buildOnce.Do(func() {
		if buildDir, buildErr = os.MkdirTemp("", "scenarios"); buildErr != nil {
			return
		}
		cmd := exec.Command("go", "build", "-o", buildDir+string(filepath.Separator), "../conformance")
		if out, err := cmd.CombinedOutput(); err != nil {
			buildErr = fmt.Errorf("%w\n%s", err, out)
		}
	})
	return filepath.Join(buildDir, "conformance"), buildErr
}

func TestMain(m *testing.M) {
	code := m.Run()
	if buildDir != "" {
		_ = os.RemoveAll(buildDir) // a leftover in the temporary folder harms nobody
	}
	os.Exit(code)
}

// program is a running server.
type program struct {
	addr string // host:port
	cmd  *exec.Cmd
	end  sync.Once
}

func (p *program) url() string { return "http://" + p.addr }

// start starts the application at a port, "0" for a free one.
func (p peer) start(t *testing.T, port string) *program {
	t.Helper()
	cmd, err := p.command()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(os.Environ(), "HOST=127.0.0.1", "PORT="+port)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	run := &program{cmd: cmd}
	t.Cleanup(run.kill)
	addr := make(chan string, 1)
	go func() { // ends with the program
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if a, ok := strings.CutPrefix(lines.Text(), "listening http://"); ok {
				addr <- a
			}
		}
		close(addr)
	}()
	select {
	case a, ok := <-addr:
		if !ok {
			t.Fatalf("%s ended before it listened", p.name)
		}
		run.addr = a
	case <-time.After(30 * time.Second):
		t.Fatalf("%s does not listen", p.name)
	}
	return run
}

// kill ends the program as kill -9 does.
func (p *program) kill() {
	p.end.Do(func() {
		_ = p.cmd.Process.Kill() // it may have ended
		_ = p.cmd.Wait()
	})
}
