// Package npm installs the npm packages that the tests run, for tests of
// several packages that go test starts at once.
package npm

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Install installs the packages of dir/package-lock.json if they are missing
// or were installed for an older lock file. It may be called concurrently,
// from several processes too: npm ci begins with removing what is there, so
// the others wait.
func Install(dir string) error {
	wanted := filepath.Join(dir, "package-lock.json")
	lock, err := os.Open(wanted)
	if err != nil {
		return fmt.Errorf("npm: %w", err)
	}
	defer func() { _ = lock.Close() }() // which unlocks
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("npm: lock %s: %w", wanted, err)
	}
	if current(dir, lock) {
		return nil
	}
	cmd := exec.Command("npm", "ci", "--no-audit", "--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci in %s: %w\n%s", dir, err, out)
	}
	return nil
}

// current reports whether what npm wrote last, at the end of an installation,
// is younger than the lock file.
func current(dir string, lock *os.File) bool {
	done, err := os.Stat(filepath.Join(dir, "node_modules", ".package-lock.json"))
	if err != nil {
		return false
	}
	wanted, err := lock.Stat()
	return err == nil && !done.ModTime().Before(wanted.ModTime())
}
