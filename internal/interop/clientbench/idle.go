package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"text/tabwriter"
	"time"
)

// silent is what a process of silent clients says of itself, for each of them.
type silent struct {
	Heap, Stack, Resident, Goroutines float64
	Answered                          int64 // how many had an echo at the end
}

// state is what is subtracted from a later one.
type state struct {
	heap, stack, resident, goroutines int64
}

func look() (state, error) {
	for range 4 {
		runtime.GC() // pools keep what they have for two cycles
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	text, err := os.ReadFile("/proc/self/statm")
	f := strings.Fields(string(text))
	if err != nil || len(f) < 2 {
		return state{}, errors.Join(err, errors.New("cannot read /proc/self/statm"))
	}
	var pages int64
	_, err = fmt.Sscan(f[1], &pages)
	return state{int64(m.HeapAlloc), int64(m.StackInuse), pages * int64(os.Getpagesize()), int64(runtime.NumGoroutine())}, err
}

// measureIdle opens clients, has each talk once, and sees what they cost when
// they have been silent for a while. Then each has to be there still: it sends
// an event, whose echo is awaited.
func (o *options) measureIdle(ctx context.Context, k kind) (silent, error) {
	c := newCrowd(o.url, 1, o.size)
	c.once = true
	return o.silence(ctx, c, k, o.idle)
}

func (o *options) silence(ctx context.Context, c *crowd, k kind, n int) (silent, error) {
	first, err := dial(ctx, c, k, 20) // fills pools and net/http's own caches
	if err != nil {
		return silent{}, err
	}
	defer closeAll(first)
	before, err := look()
	if err != nil {
		return silent{}, err
	}
	members, err := dial(ctx, c, k, n)
	if err != nil {
		return silent{}, err
	}
	defer closeAll(members)
	// What they say is not to come right behind their connecting, which readers
	// take for a beginning and not for a silence: as a heartbeat does not.
	if err := pass(ctx, 2*time.Second); err != nil {
		return silent{}, err
	}
	if _, err := c.everyone(ctx, members); err != nil {
		return silent{}, err
	}
	if err := pass(ctx, o.settle); err != nil {
		return silent{}, err
	}
	after, err := look()
	if err != nil {
		return silent{}, err
	}
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return silent{}, err
		}
		defer f.Close()
		if err := pprof.WriteHeapProfile(f); err != nil {
			return silent{}, err
		}
	}
	each := func(a, b int64) float64 { return float64(a-b) / float64(n) }
	s := silent{
		Heap: each(after.heap, before.heap), Stack: each(after.stack, before.stack),
		Resident: each(after.resident, before.resident), Goroutines: each(after.goroutines, before.goroutines),
	}
	s.Answered, err = c.everyone(ctx, members)
	return s, err
}

// together is how many clients talk at a time.
const together = 100

// everyone has each client send an event, and waits for as many echoes.
func (c *crowd) everyone(ctx context.Context, members []member) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	before := c.echoes.Load()
	for i := range members {
		if err := members[i].begin(); err != nil {
			return 0, fmt.Errorf("client %d: %w", i, err)
		}
		for c.echoes.Load()-before < int64(i+1) && (i%together == together-1 || i == len(members)-1) {
			if err := pass(ctx, time.Millisecond); err != nil {
				return 0, fmt.Errorf("%d of %d clients were answered: %w", c.echoes.Load()-before, len(members), err)
			}
		}
	}
	return c.echoes.Load() - before, nil
}

func (o *options) compareIdle(ctx context.Context, w io.Writer) error {
	fmt.Fprintf(w, "\nMemory of a silent client in its process, %d clients; each had an event answered before and after.\n\n", o.idle)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	silentHead(t)
	for _, name := range o.only {
		if name == "decoded" {
			continue // silent like client
		}
		var s silent
		if err := o.runKind(ctx, name, &s); err != nil {
			return err
		}
		s.row(t, name)
	}
	return t.Flush()
}

func silentHead(w io.Writer) {
	fmt.Fprintln(w, "client\theap\tstack\tresident\tgoroutines\tanswered\t")
}

func (s silent) row(w io.Writer, name string) {
	fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%.0f\t%.2f\t%d\t%s\n", name, s.Heap, s.Stack, s.Resident, s.Goroutines, s.Answered, about[name])
}
