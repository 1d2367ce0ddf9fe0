package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// start runs the server, on a processor of its own if there is taskset.
func (o *options) start() (url string, stop func() error, err error) {
	cmd := exec.Command(pinned(0, o.server)[0], pinned(0, o.server)[1:]...)
	cmd.Env = append(os.Environ(), "HOST=127.0.0.1", "PORT=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() error {
		early := cmd.Process.Kill()
		err := cmd.Wait()
		if early != nil {
			return fmt.Errorf("the server ended by itself: %w", errors.Join(early, err))
		}
		return nil
	}
	stuck := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if err != nil || !ok {
		return "", nil, errors.Join(fmt.Errorf(`the server said %q, not "listening URL"`, line), stop())
	}
	return url, stop, nil
}

// pinned puts a command on one processor, where that can be done.
func pinned(cpu int, command []string) []string {
	if exec.Command("taskset", "-c", fmt.Sprint(cpu), "true").Run() != nil {
		return command
	}
	return append([]string{"taskset", "-c", fmt.Sprint(cpu)}, command...) // which replaces itself
}

// runKind has a process of its own be the clients, beside a fresh server.
func (o *options) runKind(ctx context.Context, name string, result any) (err error) {
	url, stop, err := o.start()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	args := []string{self, "-as", name, "-url", url, "-duration", o.duration.String(), "-warmup", o.warmup.String(),
		"-clients", fmt.Sprint(o.clients), "-window", fmt.Sprint(o.window), "-size", fmt.Sprint(o.size),
		"-idle", fmt.Sprint(o.idle), "-settle", o.settle.String()}
	if o.profile != "" && name != "floor" {
		args = append(args, "-profile", o.profile+"."+name)
	}
	args = pinned(1, args)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("clients of kind %s: %w", name, err)
	}
	return json.NewDecoder(bytes.NewReader(out)).Decode(result)
}

func (o *options) compare(ctx context.Context, w io.Writer) error {
	if o.idle > 0 {
		return o.compareIdle(ctx, w)
	}
	results := map[string][]echoed{}
	for range o.rounds {
		for _, name := range o.only {
			var e echoed
			if err := o.runKind(ctx, name, &e); err != nil {
				return err
			}
			results[name] = append(results[name], e)
		}
	}
	fmt.Fprintf(w, "\nClient CPU per echo: median (lowest) of %d runs of %v; %d clients, %d events on their way, %d bytes.\n\n",
		o.rounds, o.duration, o.clients, o.window, o.size)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "client\tCPU\tto the first\tallocations\tbytes\techoes/read\techoes/write\t")
	floor, floorLow := figures(results[o.only[0]])
	for _, name := range o.only {
		list := results[name]
		med, low := figures(list)
		e := list[len(list)/2]
		each := func(n uint64) float64 { return float64(n) / float64(e.Echoes) }
		fmt.Fprintf(t, "%s\t%.3f (%.3f) µs\t%.2f× (%.2f×)\t%.2f\t%.0f\t%.1f\t%.1f\t%s\n", name, med, low, med/floor, low/floorLow,
			each(e.Allocs), each(e.Bytes), 1/each(uint64(e.Reads)), 1/each(uint64(e.Writes)), about[name])
	}
	return t.Flush()
}

// figures returns the median and the lowest of µs per echo.
func figures(list []echoed) (median, lowest float64) {
	var s []float64
	for _, e := range list {
		s = append(s, float64(e.CPU.Nanoseconds())/1000/float64(e.Echoes))
	}
	slices.Sort(s)
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2, s[0]
}
