package npm

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// project is a folder with a lock file, whose npm writes down that it ran.
func project(t *testing.T) (dir, log string) {
	t.Helper()
	dir, bin := t.TempDir(), t.TempDir()
	log = filepath.Join(bin, "log")
	put(t, filepath.Join(dir, "package-lock.json"), "{}")
	put(t, filepath.Join(bin, "npm"), `#!/bin/sh
echo "begin $*" >>`+log+`
rm -rf node_modules && mkdir node_modules
echo "words of npm"
[ ! -e broken ] || exit 1
touch node_modules/.package-lock.json
echo end >>`+log+"\n")
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	return dir, log
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

func runs(t *testing.T, log string) string {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const once = "begin ci --no-audit --no-fund\nend\n"

// Those who come at once get one installation, and none goes on before its end.
func TestInstallOnce(t *testing.T) {
	dir, log := project(t)
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			if err := Install(dir); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json")); err != nil {
				t.Error("gone on too early:", err)
			}
		})
	}
	callers.Wait()
	if got := runs(t, log); got != once {
		t.Errorf("npm ran like this:\n%s", got)
	}
}

// A lock file that has changed since is installed anew.
func TestInstallChanged(t *testing.T) {
	dir, log := project(t)
	for i, age := range []time.Duration{0, time.Hour, 2 * time.Hour, 0} {
		if i > 0 {
			then := time.Now().Add(-age)
			if err := os.Chtimes(filepath.Join(dir, "node_modules", ".package-lock.json"), then, then); err != nil {
				t.Fatal(err)
			}
		}
		if err := Install(dir); err != nil {
			t.Fatal(err)
		}
	}
	if got := runs(t, log); got != once+once+once {
		t.Errorf("npm ran like this:\n%s", got)
	}
}

// What npm complains of is in the error, and the next caller tries again.
func TestInstallFails(t *testing.T) {
	dir, log := project(t)
	put(t, filepath.Join(dir, "broken"), "")
	err := Install(dir)
	if err == nil || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "words of npm") {
		t.Errorf("the error is %v, want one with %s and the words of npm", err, dir)
	}
	if err := os.Remove(filepath.Join(dir, "broken")); err != nil {
		t.Fatal(err)
	}
	if err := Install(dir); err != nil {
		t.Error(err)
	}
	if got := runs(t, log); !strings.HasSuffix(got, once) {
		t.Errorf("npm ran like this:\n%s", got)
	}
	if err := Install(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "package-lock.json") {
		t.Errorf("without a lock file: %v", err)
	}
}
