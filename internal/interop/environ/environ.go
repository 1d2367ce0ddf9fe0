// Package environ reads what the programs of this module take from their
// environment: HOST and PORT name the address, and a few names shift times, so
// that tests need not be as quick as the defaults ask.
package environ

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"
)

// Listen listens on HOST (default 127.0.0.1) and PORT (default as given; 0
// asks the kernel for a free one), and prints the address, so that whoever
// started the program can find it.
func Listen(port string) (net.Listener, error) {
	host := cmp.Or(os.Getenv("HOST"), "127.0.0.1")
	l, err := net.Listen("tcp", net.JoinHostPort(host, cmp.Or(os.Getenv("PORT"), port)))
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	fmt.Printf("listening http://%s\n", l.Addr())
	return l, nil
}

// Milliseconds returns the duration that a variable names in milliseconds.
func Milliseconds(name string, standard time.Duration) time.Duration {
	text := os.Getenv(name)
	if text == "" {
		return standard
	}
	ms, err := strconv.Atoi(text)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s=%q is no number of milliseconds, using %v\n", name, text, standard)
		return standard
	}
	return time.Duration(ms) * time.Millisecond
}
