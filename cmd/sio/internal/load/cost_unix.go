//go:build unix

package load

import (
	"syscall"
	"time"
)

// processCPU is the processor time of this process so far, that of the kernel
// on its behalf included.
func processCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
