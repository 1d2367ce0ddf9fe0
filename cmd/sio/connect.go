package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

const connectAbout = `Usage: sio connect URL [flags]

Connects to a Socket.IO server, of version 3 or 4 and in any language. The path
of the URL is the namespace: sio connect https://example.com/chat

In a terminal it is interactive: help lists the commands, Tab completes them,
the arrow keys edit the line and bring back earlier ones. Otherwise commands are
read from standard input, one a line, until it ends and every answer has come.
What the server sends goes to standard output, the rest to standard error.

	sio connect URL -emit say,hello,5 -ack    one event; prints the answer
	sio connect URL -listen 3 -for 10s        three events, or fail
	echo 'ack whoami' | sio connect URL       commands from a script
	sio connect URL -json <in >out            a program at the other end

Lines are done one after the other without waiting for answers, except that
what joins, leaves, connects or disconnects waits until that is done and all
earlier answers have come.

With -json all that happens is an object a line, and lines of input may be
objects too: {"emit": "say", "args": ["hello", 5], "ack": true, "id": "mine"}.

Exit codes: 0 all went well, 1 no connection, 2 a command that cannot be
understood, 3 refused by the server, 4 nothing came in time, 5 an answer was an
error, 130 interrupted.
`

// connectOptions is the command line of sio connect.
type connectOptions struct {
	target  *target
	json    bool
	events  []string // patterns
	emits   []emission
	ack     bool
	listen  int // -1: not given
	listens time.Duration
}

// emission is an event to send.
type emission struct {
	event string
	args  []any
}

func (o *connectOptions) oneShot() bool { return len(o.emits) > 0 || o.listen >= 0 || o.listens > 0 }

// connectFlags reads the command line.
func connectFlags(args []string, stdout io.Writer) (*connectOptions, error) {
	o := &connectOptions{}
	flags := flag.NewFlagSet("connect", flag.ContinueOnError)
	var where targetFlags
	where.register(flags)
	flags.BoolVar(&o.json, "json", false, "write one JSON object a line for everything that happens")
	var emits, events list
	flags.Var(&emits, "emit", "`event,args` to send, the arguments as JSON or words with commas between (may be given several times); then end")
	flags.BoolVar(&o.ack, "ack", false, "ask for an answer to each -emit, print it and wait for it")
	flags.IntVar(&o.listen, "listen", -1, "`number` of events to wait for before the end; 0: listen until interrupted")
	flags.DurationVar(&o.listens, "for", 0, "`time` to listen before the end; with -listen, the time it may take")
	flags.Var(&events, "events", "comma-separated `list` of events to show and count, such as 'news,chat:*'; the others are ignored")
	words, err := parseMixed(flags, args, stdout, connectAbout)
	switch {
	case err != nil:
		return nil, err
	case len(words) != 1:
		return nil, usageErrorf("connect takes one URL, not %d; sio connect -h tells the flags", len(words))
	case o.listen < -1:
		return nil, usageErrorf("-listen %d: give a number of events, or 0 to listen until interrupted", o.listen)
	case o.listens < 0:
		return nil, usageErrorf("-for %v: it must be more than 0", o.listens)
	case o.ack && len(emits) == 0:
		return nil, usageErrorf("-ack is for -emit, which says what to send")
	}
	for _, text := range emits {
		event, args, err := readEvent(text, ',')
		if err != nil {
			return nil, usageErrorf("-emit %s: %v; write event,arg,arg such as 'say,\"hello\",{\"to\":5}'", text, err)
		}
		o.emits = append(o.emits, emission{event, args})
	}
	for _, text := range events {
		for pattern := range strings.SplitSeq(text, ",") {
			o.events = append(o.events, strings.TrimSpace(pattern))
		}
	}
	if err := checkPatterns(o.events); err != nil {
		return nil, usageErrorf("-events: %v", err)
	}
	o.target, err = where.target(words[0])
	return o, err
}

// connect is the command sio connect.
func connect(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	o, err := connectFlags(args, stdout)
	if err != nil {
		return err
	}
	in, out := terminalOf(stdin), terminalOf(stdout)
	if in != nil && out != nil && !o.json && !o.oneShot() {
		return interact(ctx, o, in, out)
	}
	var v view = &plainView{out: stdout, notes: stderr}
	if o.json {
		v = &jsonView{out: stdout}
	}
	if o.oneShot() {
		return once(ctx, o, v)
	}
	return follow(ctx, o, stdin, v)
}

// terminalOf returns the terminal that a stream is, nil if it is none.
func terminalOf(stream any) *os.File {
	f, ok := stream.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return f
}

// once sends and receives what the flags say, and ends.
func once(ctx context.Context, o *connectOptions, v view) error {
	all := make(chan struct{}) // closed when enough events came
	if o.listen > 0 {
		v = &counter{view: v, left: o.listen, all: all}
	}
	s := newSession(ctx, o.target, v)
	defer s.close()
	s.filter(o.events, nil)
	if err := s.connect(); err != nil {
		return err
	}
	for _, e := range o.emits {
		do := func() error { return s.emit(s.here(), e.event, e.args, false) }
		if o.ack {
			do = func() error { return s.ask(s.here(), e.event, e.args, nil) }
		}
		if err := do(); err != nil {
			return fmt.Errorf("%s: %w", label(e.event), err)
		}
	}
	if o.listen < 0 && o.listens == 0 {
		return s.end()
	}
	var late <-chan time.Time
	if o.listens > 0 {
		t := time.NewTimer(o.listens)
		defer t.Stop()
		late = t.C
	}
	select {
	case <-all:
	case <-late:
		if o.listen > 0 {
			return &codedError{exitTimeout, fmt.Sprintf("fewer than %d events came within %v", o.listen, o.listens)}
		}
	case err := <-s.lost:
		return err
	case <-ctx.Done():
		if o.listen != 0 {
			return &codedError{code: exitInterrupted}
		}
	}
	return s.outcome()
}

// settle waits until every answer has come, or cannot come any more.
func (s *session) settle() error {
	done := make(chan struct{})
	go func() { // ends when the Manager does, at the latest
		s.pending.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-s.ctx.Done():
		return &codedError{code: exitInterrupted}
	}
}

// outcome is the exit code of what was reported already.
func (s *session) outcome() error {
	if code := s.exitCode(); code != exitOK {
		return &codedError{code: code}
	}
	return nil
}

// end is the outcome when all that was asked for has an answer.
func (s *session) end() error {
	if err := s.settle(); err != nil {
		return err
	}
	return s.outcome()
}

// maxLine bounds a line of input, in bytes: a file may be in it, as base64.
const maxLine = maxFile*4/3 + 64<<10

// follow does what the lines of standard input say.
func follow(ctx context.Context, o *connectOptions, stdin io.Reader, v view) error {
	s := newSession(ctx, o.target, v)
	defer s.close()
	s.filter(o.events, nil)
	s.patient = true
	if err := s.connect(); err != nil {
		return err
	}
	in := lines(s.ctx, stdin)
	for {
		select {
		case l, more := <-in:
			if !more {
				return s.end()
			}
			if l.err != nil {
				return fmt.Errorf("standard input: %w", l.err)
			}
			err := s.do(l.text)
			if err == errQuit {
				return s.end()
			}
			if err != nil {
				s.fail(exitUsage, happening{Kind: failed, Message: err.Error()})
			}
		case err := <-s.lost:
			return err
		case <-ctx.Done():
			return &codedError{code: exitInterrupted}
		}
	}
}

// line is a line of input, or what ended it.
type line struct {
	text string
	err  error
}

// lines reads on a goroutine of its own. It ends with the input or, since
// nothing ends a read of standard input, with the process.
func lines(ctx context.Context, r io.Reader) <-chan line {
	c := make(chan line)
	go func() {
		defer close(c)
		scanner := bufio.NewScanner(r)
		scanner.Buffer(make([]byte, 0, 64<<10), maxLine)
		for scanner.Scan() {
			select {
			case c <- line{text: scanner.Text()}:
			case <-ctx.Done():
				return
			}
		}
		if err := scanner.Err(); err != nil {
			if err == bufio.ErrTooLong {
				err = fmt.Errorf("a line is longer than %d bytes", maxLine)
			}
			select {
			case c <- line{err: err}:
			case <-ctx.Done():
			}
		}
	}()
	return c
}
