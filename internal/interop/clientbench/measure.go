package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// echoed is what one process of clients says of itself.
type echoed struct {
	Echoes int64
	CPU    time.Duration // user and system
	Allocs uint64
	Bytes  uint64
	Reads  int64 // system calls
	Writes int64
}

// moment is what is subtracted from a later one.
type moment struct {
	echoed
	err error
}

func now(c *crowd) (m moment) {
	var use syscall.Rusage
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	m.Allocs, m.Bytes = mem.Mallocs, mem.TotalAlloc
	m.err = syscall.Getrusage(syscall.RUSAGE_SELF, &use)
	m.CPU = time.Duration(use.Utime.Nano() + use.Stime.Nano())
	text, err := os.ReadFile("/proc/self/io")
	m.err = errors.Join(m.err, err)
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		n, _ := strconv.ParseInt(value, 10, 64)
		switch name {
		case "syscr":
			m.Reads = n
		case "syscw":
			m.Writes = n
		}
	}
	m.Echoes = c.echoes.Load()
	return m
}

func (m moment) since(b moment) (echoed, error) {
	d := echoed{m.Echoes - b.Echoes, m.CPU - b.CPU, m.Allocs - b.Allocs, m.Bytes - b.Bytes, m.Reads - b.Reads, m.Writes - b.Writes}
	if d.Echoes == 0 {
		return d, errors.New("nothing came back")
	}
	return d, errors.Join(m.err, b.err)
}

// measureEcho runs clients that have their events on their way all the time.
func (o *options) measureEcho(ctx context.Context, k kind) (echoed, error) {
	c := newCrowd(o.url, o.window, o.size)
	members, err := dial(ctx, c, k, o.clients)
	if err != nil {
		return echoed{}, err
	}
	defer closeAll(members)
	for _, m := range members {
		if err := m.begin(); err != nil {
			return echoed{}, err
		}
	}
	if err := pass(ctx, o.warmup); err != nil {
		return echoed{}, err
	}
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return echoed{}, err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return echoed{}, err
		}
		defer pprof.StopCPUProfile()
	}
	before := now(c)
	if err := pass(ctx, o.duration); err != nil {
		return echoed{}, err
	}
	return now(c).since(before)
}

func pass(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// dialers is how many clients are opened at a time: more would be refused by
// the queue of the server's listener.
const dialers = 64

func dial(ctx context.Context, c *crowd, k kind, n int) ([]member, error) {
	members := make([]member, n)
	errs := make([]error, dialers)
	var all sync.WaitGroup
	for d := range dialers {
		all.Go(func() {
			for i := d; i < n && errs[d] == nil; i += dialers {
				members[i], errs[d] = k(ctx, c)
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		closeAll(members)
		return nil, fmt.Errorf("opening clients: %w", err)
	}
	return members, nil
}

func closeAll(members []member) {
	var all sync.WaitGroup
	for d := range dialers {
		all.Go(func() {
			for i := d; i < len(members); i += dialers {
				if members[i] != nil {
					members[i].close()
				}
			}
		})
	}
	all.Wait()
}
