// Command sio runs Socket.IO servers from the command line: a chat to look at
// (sio demo) and a relay to try clients against (sio serve).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
)

const usage = `sio runs Socket.IO servers.

Usage:

	sio demo  [-addr host:port]   a chat in the browser, nothing else to set up
	sio serve [flags]             a stand-alone server that relays events
	sio version                   the version of this program
	sio help                      this text

sio demo -h and sio serve -h tell the flags.
`

// Exit codes. 2 is what the flag package and most shells' tools use for a
// command line that cannot be understood.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one ends the process at once, for whoever
	// does not want to wait for the drain.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run does what the command line says and returns the exit code. It ends when
// ctx does, after a drain.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(stderr, usage)
		return exitUsage
	}
	var err error
	switch name, rest := args[0], args[1:]; name {
	case "demo":
		err = demo(ctx, rest, stdout, stderr)
	case "serve":
		err = serve(ctx, rest, stdout, stderr)
	case "version", "-version", "--version":
		fmt.Fprintln(stdout, version())
	case "help", "-h", "-help", "--help":
		if len(rest) > 0 { // sio help serve
			return run(ctx, []string{rest[0], "-h"}, stdout, stderr)
		}
		fmt.Fprint(stdout, usage)
	default:
		err = usageErrorf("unknown command %q; sio help lists the commands", name)
	}
	var wrong *usageError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.As(err, &wrong):
		fmt.Fprintln(stderr, "sio:", err)
		return exitUsage
	default:
		fmt.Fprintln(stderr, "sio:", err)
		return exitError
	}
}

// usageError is a mistake in the command line.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func usageErrorf(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// parse reads flags into fs. Help goes to stdout, where a pager can take it; a
// mistake becomes a usageError that names the command.
func parse(fs *flag.FlagSet, args []string, stdout io.Writer, about string) error {
	fs.SetOutput(io.Discard) // the flag package would print an error and the whole usage before we can
	fs.Usage = func() {}
	err := fs.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, about, "\nFlags:\n\n")
		fs.SetOutput(stdout)
		fs.PrintDefaults()
		return err
	}
	if err != nil {
		return usageErrorf("%v; sio %s -h tells the flags", err, fs.Name())
	}
	if fs.NArg() > 0 {
		return usageErrorf("%s takes no argument %q; sio %s -h tells the flags", fs.Name(), fs.Arg(0), fs.Name())
	}
	return nil
}

func version() string {
	v, revision := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if v = info.Main.Version; v == "" {
			v = "(devel)"
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				revision = " " + s.Value[:12]
			}
		}
	}
	return fmt.Sprintf("sio %s%s %s %s/%s", v, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
