// Package interop runs the official JavaScript clients, the protocol suites
// and a browser against this module's servers. All of it lives in node/ and
// in the programs of the subfolders; here they are built and started.
package interop

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-socketio/socketio/internal/interop/npm"
)

// suiteTime bounds one suite; the slowest, with two browsers, takes a minute on an idle machine.
const suiteTime = 5 * time.Minute

func TestOfficialClient(t *testing.T) { runSuite(t, "client") }
func TestLegacyClients(t *testing.T)  { runSuite(t, "legacy") }
func TestEngineClient(t *testing.T)   { runSuite(t, "engine") }
func TestProtocolSuites(t *testing.T) { runSuite(t, "protocol") }
func TestParser(t *testing.T)         { runSuite(t, "parser") }
func TestRecovery(t *testing.T)       { runSuite(t, "recovery") }
func TestContract(t *testing.T)       { runSuite(t, "contract") }
func TestVersions(t *testing.T)       { runSuite(t, "versions") }
func TestWire(t *testing.T)           { runSuite(t, "wire") }
func TestBrowser(t *testing.T)        { runSuite(t, "chromium") } // BRW-01
func TestWebTransport(t *testing.T)   { runSuite(t, "webtransport") }

// BRW-02, BRW-08: the project's own client in Chromium and Firefox, with this server.
func TestScenarios(t *testing.T) { runSuite(t, "scenarios") }

// BRW-02: the same with the official server.
func TestScenariosOfficialServer(t *testing.T) { runSuiteOn(t, "scenarios", "") }

// runSuite runs the tests of one folder of node/ against the programs of this module.
func runSuite(t *testing.T, folder string) {
	bin, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	runSuiteOn(t, folder, bin)
}

// runSuiteOn runs them against the programs in bin; without any, against those
// of the official server.
func runSuiteOn(t *testing.T, folder, bin string) {
	if err := npm.Install("node"); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join("node", folder, "*.test.js"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests in node/%s (%v)", folder, err)
	}
	args := []string{"--test", "--test-concurrency=1", "--test-reporter=tap"}
	for _, file := range files {
		args = append(args, filepath.Join(folder, filepath.Base(file)))
	}
	ctx, cancel := context.WithTimeout(t.Context(), suiteTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", args...)
	cmd.Dir = "node"
	cmd.Env = append(os.Environ(), "SIO_BIN="+bin)
	cmd.WaitDelay = 5 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	report := tap(out.String())
	if err != nil || report.passed == 0 {
		t.Errorf("node %s: %v\n%s", strings.Join(args, " "), err, report.failures)
	}
	t.Logf("%s: %d passed, %d failed%s", folder, report.passed, report.failed, report.notes)
}

var (
	buildOnce sync.Once
	buildDir  string
	buildErr  error
)

// programs builds the programs under test and installs the npm packages, once.
func programs() (string, error) {
	buildOnce.Do(func() {
		buildErr = errors.Join(npm.Install("node"), build())
	})
	return buildDir, buildErr
}

func build() error {
	dir, err := os.MkdirTemp("", "interop")
	if err != nil {
		return err
	}
	buildDir = dir
	return command(".", "go", "build", "-o", dir+string(filepath.Separator), "./...", "github.com/go-socketio/socketio/cmd/sio")
}

func command(dir, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return errors.New(name + " " + strings.Join(args, " ") + ": " + err.Error() + "\n" + string(out))
	}
	return nil
}

func TestMain(m *testing.M) {
	code := m.Run()
	if buildDir != "" {
		_ = os.RemoveAll(buildDir) // a leftover in the temporary folder harms nobody
	}
	os.Exit(code)
}
