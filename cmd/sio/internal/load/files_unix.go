//go:build unix

package load

import (
	"fmt"
	"syscall"
)

// raiseFiles lets this process have as many open files as it may, and fails if
// n are more than that.
func raiseFiles(n uint64) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return nil // nobody knows; the connections will tell
	}
	if uint64(limit.Cur) >= n {
		return nil
	}
	hard := uint64(limit.Max)
	want := limit
	want.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &want); err != nil {
		hard = uint64(limit.Cur)
	}
	if hard >= n {
		return nil
	}
	return fmt.Errorf("this run needs %d open files, and %d is the limit of this process, even after raising the soft limit to the hard one.\n"+
		"Fewer -clients would do. Or raise the limit: as root, ulimit -n %d before sio; for good, a line such as\n"+
		"\"* hard nofile %d\" in /etc/security/limits.conf, or LimitNOFILE=%d in a systemd unit, or docker run --ulimit nofile=%d", n, hard, n, n, n, n)
}
