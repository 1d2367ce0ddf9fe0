// Conformance is one small application that uses every part of the server
// once, for black-box tests: it sends nothing unasked and does what the events
// of its clients ask for.
//
// HOST and PORT name the address (127.0.0.1:3100). PING_INTERVAL, PING_TIMEOUT,
// UPGRADE_TIMEOUT and CONNECT_TIMEOUT are times of the fast mount, in milliseconds,
// for clients that a busy machine keeps from being fast. SIGTERM ends it.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-socketio/socketio/internal/interop/environ"
)

// shutdownTime bounds the orderly end; what is still open then is cut off.
const shutdownTime = 3 * time.Second

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()

	ms := newMounts()
	server := &http.Server{Handler: ms}
	l, err := environ.Listen("3100")
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }() // ends with server.Close, below

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	ms.shutdown(end)
	// Requests that never become complete are no reason to wait.
	if err := server.Close(); err != nil && !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
