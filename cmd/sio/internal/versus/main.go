// Versus puts the same load on two Socket.IO servers in turn and prints what
// each takes of the processor for one message, and of memory for a client that
// is silent, with their ratio. From the repository, make bench runs it.
//
//	versus [-rounds 3] [-duration 800ms] [-only echo,idle] [-clients 3000] OURS... -- THEIRS...
//
// Each side is a program with its arguments that has the handlers which sio load
// wants, listens on a free port of 127.0.0.1 if PORT is 0, and prints "listening
// URL". Linux only: the figures come from /proc.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "versus:", err)
		stop()
		os.Exit(1)
	}
}

type options struct {
	rounds   int
	duration time.Duration
	cpu      int
	clients  int // idle ones
	only     []string
	sides    [2][]string
}

func parse(args []string) (*options, error) {
	o := new(options)
	fs := flag.NewFlagSet("versus", flag.ContinueOnError)
	fs.IntVar(&o.rounds, "rounds", 3, "`number` of times that each scenario meets each server")
	fs.DurationVar(&o.duration, "duration", 800*time.Millisecond, "`time` that is measured each time")
	fs.IntVar(&o.cpu, "cpu", 0, "`number` of the processor that the servers are pinned to; -1: none")
	fs.IntVar(&o.clients, "clients", 3000, "`number` of idle clients")
	fs.Usage = func() {
		fmt.Fprintln(fs.Output(), "Usage: versus [flags] OURS... -- THEIRS...")
		fs.PrintDefaults()
	}
	only := fs.String("only", "", "comma-separated `list` of scenarios")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	for _, name := range o.only {
		if !slices.ContainsFunc(scenarios, func(s scenario) bool { return s.name == name }) {
			return nil, fmt.Errorf("-only: there is no scenario %q", name)
		}
	}
	words := fs.Args()
	i := slices.Index(words, "--")
	if i < 1 || i == len(words)-1 {
		return nil, errors.New("it needs two programs with a -- between them; see -h")
	}
	o.sides = [2][]string{words[:i], words[i+1:]}
	if o.rounds < 1 || o.clients < 1 || o.duration < 500*time.Millisecond {
		return nil, errors.New("-rounds and -clients must be at least 1, -duration at least 500ms")
	}
	return o, nil
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if runtime.GOOS != "linux" {
		return errors.New("it reads /proc, which only Linux has")
	}
	pinned := o.pin()
	var rows []row
	for _, s := range scenarios {
		if len(o.only) > 0 && !slices.Contains(o.only, s.name) {
			continue
		}
		r := row{scenario: s}
		for round := range o.rounds {
			for turn := range 2 {
				side := (turn + round) % 2 // who comes first changes: what else the machine does drifts
				fmt.Fprintf(os.Stderr, "\r%-40s", fmt.Sprintf("%s, round %d of %d", s.name, round+1, o.rounds))
				f, err := o.meet(ctx, s, o.sides[side])
				if err != nil {
					return fmt.Errorf("%s against %s: %w", s.name, o.sides[side][0], err)
				}
				r.figures[side] = append(r.figures[side], f)
			}
		}
		rows = append(rows, r)
	}
	fmt.Fprintf(os.Stderr, "\r%40s\r", "")
	return table(os.Stdout, o, rows, pinned)
}
