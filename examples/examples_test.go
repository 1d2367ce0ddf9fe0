// Package examples tests its subfolders: each is a server in one web
// framework, to be read and to be run.
package examples

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// suiteTime bounds the test of one example, which takes some three seconds.
const suiteTime = 2 * time.Minute

// node is where the official client is installed.
const node = "../internal/interop/node"

// complaints are what frameworks log when somebody writes to a response whose
// connection was taken over, or that was written already.
var complaints = regexp.MustCompile(`(?i)hijacked|superfluous|headers were already written|panic|data race`)

// OPS-10, X1, X2, X3: the official client over each transport, through loggers,
// compression, recovery and CORS middleware.
func TestExamples(t *testing.T) {
	if err := install(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-race", "-o", dir+string(filepath.Separator), "./...").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	mains, err := filepath.Glob("*/main.go")
	if err != nil || len(mains) < 5 {
		t.Fatalf("found only %v (%v)", mains, err)
	}
	for _, main := range mains {
		name := filepath.Base(filepath.Dir(main))
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), suiteTime)
			defer cancel()
			cmd := exec.CommandContext(ctx, "node", "--test", "--test-reporter=tap", "frameworks/mounted.test.js")
			cmd.Dir = node
			cmd.Env = append(os.Environ(), "SIO_BIN="+dir, "EXAMPLE="+name)
			cmd.WaitDelay = 5 * time.Second
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Run(); err != nil {
				t.Errorf("%v\n%s", err, out.Bytes())
			} else if bad := complaints.FindAll(out.Bytes(), 5); bad != nil {
				t.Errorf("the framework complains of %q:\n%s", bad, out.Bytes())
			}
			passed := regexp.MustCompile(`(?m)^# pass [1-9].*`).Find(out.Bytes())
			if passed == nil {
				t.Error("nothing was tested")
			}
			t.Logf("%s", passed)
		})
	}
}

// install installs the packages of package-lock.json if they are missing.
func install() error {
	_, err := os.Stat(filepath.Join(node, "node_modules", ".package-lock.json"))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	cmd := exec.Command("npm", "ci", "--no-audit", "--no-fund")
	cmd.Dir = node
	if out, err := cmd.CombinedOutput(); err != nil {
		return errors.Join(err, errors.New(string(out)))
	}
	return nil
}
