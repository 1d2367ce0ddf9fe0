package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/cmd/sio/internal/load"
	"github.com/go-socketio/socketio/cmd/sio/internal/load/report"
)

// errRun is what a run with errors ends with: the table has said which.
var errRun = errors.New("the run had errors")

// loadTest is the command sio load.
func loadTest(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	opt, err := loadFlags(args, stdout)
	if err != nil {
		return err
	}
	if opt.handlers {
		return showHandlers(opt.config, stdout)
	}
	page, err := createPage(opt.html)
	if err != nil {
		return err
	}
	if page != nil {
		defer page.Close() // again, after a failure
	}
	watch, done := func(load.Progress) {}, func() {}
	if !opt.quiet {
		title := "sio load " + opt.config.Scenario + " " + opt.config.URL
		live := report.NewLive(stderr, ink(stderr), columns(stderr), title, opt.unit, opt.config.Ramp+opt.config.Warmup+opt.config.Duration)
		watch, done = live.Update, live.End
	}
	res, err := load.Run(ctx, opt.config, watch)
	done()
	if wrong, ok := errors.AsType[*load.Mistake](err); ok {
		return usageErrorf("%s; sio load -h tells the flags", wrong.Message)
	}
	if res != nil {
		if err := opt.show(res, page, stdout, stderr); err != nil {
			return err
		}
	}
	if un, ok := errors.AsType[*load.Unreachable](err); ok {
		return opt.explain(un.Err)
	}
	if err == nil && res != nil && !res.OK {
		err = errRun
	}
	return err
}

// explain says why not even the first client is connected, as sio connect does.
func (o *loadOptions) explain(err error) error {
	c := &o.config
	t := &target{url: c.URL, timeout: c.Timeout, config: client.Config{Path: c.Path}}
	if c.Auth != "" {
		t.auth = json.RawMessage(c.Auth)
	}
	if no, ok := errors.AsType[*load.Refused](err); ok {
		err = &client.ConnectError{Namespace: no.Namespace, Message: no.Message, Data: no.Data}
	}
	return explain(err, t).error()
}

// show writes the figures as they are wanted.
func (o *loadOptions) show(res *load.Result, page *os.File, stdout, stderr io.Writer) error {
	if page != nil {
		if err := errors.Join(report.Page(page, res, version()), page.Close()); err != nil {
			return fmt.Errorf("-html %s: %w", o.html, err)
		}
	}
	switch {
	case o.json:
		e := json.NewEncoder(stdout)
		e.SetIndent("", "  ")
		return e.Encode(res)
	case res.Clients.Connected > 0 && (res.Failure == "" || res.Measured.Units > 0):
		if err := report.Table(stdout, res, ink(stdout)); err != nil {
			return err
		}
	}
	if page != nil && !o.quiet {
		fmt.Fprintln(stderr, "report:", o.html)
	}
	return nil
}

// createPage makes the file before the run, which would otherwise be for nothing.
func createPage(name string) (*os.File, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("-html: %w", err)
	}
	return f, nil
}

func showHandlers(cfg load.Config, stdout io.Writer) error {
	text := load.Handlers(cfg)
	if text == "" {
		text = "The scenario " + cfg.Scenario + " needs no handler.\n"
	}
	_, err := io.WriteString(stdout, text)
	return err
}

// ink colours what goes to a terminal, unless its owner does not want that.
func ink(w io.Writer) report.Ink {
	return report.Ink{On: columns(w) != nil && os.Getenv("NO_COLOR") == ""}
}

// columns returns how wide the terminal is at the moment; nil if w is none, or
// one whose cursor does not move.
func columns(w io.Writer) func() int {
	f := terminalOf(w)
	if f == nil || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return func() int {
		n, _, err := term.GetSize(int(f.Fd()))
		if err != nil {
			return 80
		}
		return n
	}
}

func loadAbout() string {
	var b strings.Builder
	b.WriteString(`Usage: sio load SCENARIO URL [flags]

Puts load on a Socket.IO server, this project's or any other, checks every reply,
and tells how fast and how late they came. Only use it on servers that are yours
to test. Scenarios:

`)
	for _, s := range load.Describe() {
		fmt.Fprintf(&b, "  %-10s %s\n", s.Name, s.About)
	}
	b.WriteString(`
All but idle, connect, upgrade and emit need handlers on the server: sio load echo
-handlers prints those of echo. sio serve -load has them all, to try this out.

In the URL, -auth, -emit and the values of -header, {{n}} is the number of the
client, from 0, and {{random}} is new each time.

Without -rate each sender sends when a reply has come, -window messages at a time:
that finds how much the server can do. With -rate messages leave by the clock,
whatever the server does, and latencies count from when they were due: that tells
what users would feel.

Examples:
  sio load echo localhost:3000 -clients 200 -window 4
  sio load idle https://app.example -clients 5000 -ramp 1m -duration 10m -auth '{"user":"u-{{n}}"}'
  sio load emit localhost:3000/chat -emit 'say,{"text":"hello"}' -ack -rate 500 -html report.html
`)
	return b.String()
}

// loadOptions is the command line of sio load.
type loadOptions struct {
	config                load.Config
	unit, html            string
	json, quiet, handlers bool
}
