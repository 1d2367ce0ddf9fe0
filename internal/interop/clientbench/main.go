// Clientbench measures what a client costs its own process: processor time for
// one echo, and memory for a client that is silent. Beside package client it
// runs the least that can be called a client (see floor), against the same
// server, in turn, and prints the ratios.
//
//	clientbench [-rounds 5] [-duration 1s] SERVER...     processor time of an echo
//	clientbench -idle 10000 [-only client] SERVER...     memory of silent clients, over TCP
//	clientbench -memory 50000                            the same with the server in the process, without TCP
//
// SERVER is a program with its arguments that echoes events, listens on a free
// port of 127.0.0.1 if PORT is 0, and prints "listening URL", as benchserver
// does. Linux only: the figures come from getrusage and /proc.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "clientbench:", err)
		stop()
		os.Exit(1)
	}
}

type options struct {
	rounds           int
	duration, warmup time.Duration
	clients, window  int
	size             int
	idle, memory     int
	settle           time.Duration
	as, url, profile string
	only, server     []string
}

func parse(args []string) (*options, error) {
	o := new(options)
	fs := flag.NewFlagSet("clientbench", flag.ContinueOnError)
	fs.IntVar(&o.rounds, "rounds", 5, "`number` of times that each kind of client meets the server")
	fs.DurationVar(&o.duration, "duration", time.Second, "`time` that is measured each time")
	fs.DurationVar(&o.warmup, "warmup", 300*time.Millisecond, "`time` before it")
	fs.IntVar(&o.clients, "clients", 100, "`number` of clients that echo")
	fs.IntVar(&o.window, "window", 16, "`number` of events that each has on their way")
	fs.IntVar(&o.size, "size", 64, "`bytes` of the payload")
	fs.IntVar(&o.idle, "idle", 0, "measure the memory of this `number` of silent clients")
	fs.IntVar(&o.memory, "memory", 0, "the same with connections that are no sockets, and the server in the process")
	fs.DurationVar(&o.settle, "settle", 3*time.Second, "how long they are silent before it is measured")
	only := fs.String("only", "", "comma-separated `list` of kinds; ratios are to the first")
	fs.StringVar(&o.as, "as", "", "run this `kind` of client in this process")
	fs.StringVar(&o.url, "url", "", "of the server, with -as")
	fs.StringVar(&o.profile, "profile", "", "write a profile to this `file` and the name of the kind: of the processor, with -idle of the heap")
	fs.Usage = func() {
		fmt.Fprintln(fs.Output(), "Usage: clientbench [flags] SERVER...")
		fs.PrintDefaults()
	}
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	o.server, o.only = fs.Args(), order
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	for _, name := range o.only {
		if kinds[name] == nil {
			return nil, fmt.Errorf("-only: there is no kind %q; there are %v", name, order)
		}
	}
	if len(o.server) == 0 && o.as == "" && o.memory == 0 {
		return nil, errors.New("it needs the program of a server; see -h")
	}
	if o.rounds < 1 || o.clients < 1 || o.window < 1 || o.size < 0 {
		return nil, errors.New("-rounds, -clients and -window must be at least 1")
	}
	return o, nil
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	switch {
	case err != nil:
		return err
	case o.memory > 0:
		return o.inMemory(ctx, os.Stdout)
	case o.as == "":
		return o.compare(ctx, os.Stdout)
	}
	k, ok := kinds[o.as]
	if !ok {
		return fmt.Errorf("-as: there is no kind %q", o.as)
	}
	var r any
	if o.idle > 0 {
		r, err = o.measureIdle(ctx, k)
	} else {
		r, err = o.measureEcho(ctx, k)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}
