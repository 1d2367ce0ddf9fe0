package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// listen opens addr, and says what to do when that cannot be.
func listen(command, addr string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, usageErrorf("-addr %q is no host:port, such as 127.0.0.1:3000 or :3000", addr)
	}
	ln, err := net.Listen("tcp", addr)
	switch {
	case err == nil:
		return ln, nil
	case taken(err):
		return nil, fmt.Errorf("%s is taken by another program; choose another address with -addr, for example: sio %s -addr %s",
			addr, command, net.JoinHostPort(host, another(port)))
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s is not open to this user; ports below 1024 often need rights, choose another with -addr: %w", addr, err)
	default:
		return nil, fmt.Errorf("cannot listen on -addr %s: %w", addr, err)
	}
}

func taken(err error) bool {
	var code syscall.Errno
	if !errors.As(err, &code) {
		return false
	}
	const wsaEADDRINUSE = 10048 // Windows keeps its own number for it
	return code == syscall.EADDRINUSE || runtime.GOOS == "windows" && code == wsaEADDRINUSE
}

func another(port string) string {
	n, err := strconv.Atoi(port)
	if err != nil || n >= 65535 {
		return "0"
	}
	return strconv.Itoa(n + 1)
}

// address is where a browser on this machine finds ln.
func address(ln net.Listener) string {
	host, port, _ := net.SplitHostPort(ln.Addr().String())
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// drainer is a server with sessions that end in order.
type drainer interface {
	Shutdown(context.Context) error
}

// drainers end at the same time, within one grace.
type drainers []drainer

func (d drainers) Shutdown(ctx context.Context) error {
	errs := make([]error, len(d))
	var all sync.WaitGroup
	for i, one := range d {
		all.Go(func() { errs[i] = one.Shutdown(ctx) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// serveUntil serves h on ln until ctx ends, then drains: sessions of io are
// told that the server shuts down, requests under way finish, and what is left
// after grace is cut. draining is called before any of it. It returns when every goroutine of both servers is gone
// or grace is over; a drain that had to cut is an error.
func serveUntil(ctx context.Context, ln net.Listener, h http.Handler, io drainer, log *slog.Logger, grace time.Duration, draining func()) error {
	web := &http.Server{
		Handler: h,
		// A client that dawdles over its headers holds a goroutine and a socket.
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(ln) }() // ends by Shutdown or Close below, which are always called
	select {
	case err := <-failed:
		return fmt.Errorf("serving %s: %w", ln.Addr(), err)
	case <-ctx.Done():
	}
	draining()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	// The sessions first: they hold the requests that the other one waits for.
	err := errors.Join(io.Shutdown(drain), web.Shutdown(drain))
	if err == nil {
		return nil
	}
	web.Close()
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("not everything had ended %s after the signal, the rest was cut", grace)
	}
	return err
}

// secure wraps the pages of this program: no script, style or address but its own.
func secure(h http.Handler) http.Handler {
	policy := strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "connect-src 'self'",
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			header.Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
			return
		}
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-cache")
		h.ServeHTTP(w, r)
	})
}
