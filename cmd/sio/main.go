// Command sio is Socket.IO on the command line: a chat to look at (sio demo), a
// relay to try clients against (sio serve), a client for any server (sio
// connect), and load to see how a server takes it (sio load).
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

const usage = `sio is Socket.IO on the command line.

Usage:

	sio demo    [-addr host:port]  a chat in the browser, nothing else to set up
	sio serve   [flags]            a stand-alone server that relays events
	sio connect URL [flags]        a client for any server: by hand or in a script
	sio load SCENARIO URL [flags]  load on any server, and how it takes it
	sio version                    the version of this program
	sio help [command]             this text, or that of a command with its flags
`

// Exit codes. 2 is what the flag package and most shells' tools use for a
// command line that cannot be understood, 130 what shells report for Ctrl-C.
const (
	exitOK          = 0
	exitError       = 1
	exitUsage       = 2
	exitRefused     = 3 // the server does not let the client in
	exitTimeout     = 4 // something that was waited for did not come
	exitAnswer      = 5 // an answer of the server is an error
	exitInterrupted = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// After the first signal the next one ends the process at once, for whoever
	// does not want to wait for the drain.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run does what the command line says and returns the exit code. It ends when
// ctx does, after a drain.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
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
	case "connect":
		err = connect(ctx, rest, stdin, stdout, stderr)
	case "load":
		err = loadTest(ctx, rest, stdout, stderr)
	case "version", "-version", "--version":
		fmt.Fprintln(stdout, version())
	case "help", "-h", "-help", "--help":
		if len(rest) > 0 { // sio help serve
			return run(ctx, []string{rest[0], "-h"}, stdin, stdout, stderr)
		}
		fmt.Fprint(stdout, usage)
	default:
		err = usageErrorf("unknown command %q; sio help lists the commands", name)
	}
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(stderr, "sio:", text)
	}
	if _, wrong := errors.AsType[*usageError](err); wrong {
		return exitUsage
	}
	if e, coded := errors.AsType[*codedError](err); coded {
		return e.code
	}
	return exitError
}

// codedError ends the program with an exit code of its own. One without a
// message was told of already.
type codedError struct {
	code    int
	message string
}

func (e *codedError) Error() string { return e.message }

// usageError is a mistake in the command line.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func usageErrorf(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// parse reads the flags of a command that takes no arguments.
func parse(fs *flag.FlagSet, args []string, stdout io.Writer, about string) error {
	words, err := parseMixed(fs, args, stdout, about)
	if err == nil && len(words) > 0 {
		err = usageErrorf("%s takes no argument %q; sio %s -h tells the flags", fs.Name(), words[0], fs.Name())
	}
	return err
}

// parseMixed reads flags into fs, before, between and behind the arguments,
// which it returns. Help goes to stdout, where a pager can take it; a mistake
// becomes a usageError that names the command.
func parseMixed(fs *flag.FlagSet, args []string, stdout io.Writer, about string) (words []string, err error) {
	fs.SetOutput(io.Discard) // the flag package would print an error and the whole usage before we can
	fs.Usage = func() {}
	for {
		err = fs.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(stdout, about, "\nFlags:\n\n")
			fs.SetOutput(stdout)
			fs.PrintDefaults()
			return nil, err
		}
		if err != nil {
			return nil, usageErrorf("%v; sio %s -h tells the flags", err, fs.Name())
		}
		if fs.NArg() == 0 {
			return words, nil
		}
		words, args = append(words, fs.Arg(0)), fs.Args()[1:]
	}
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
