// Package listen opens the listeners of this module's programs: HOST and PORT
// name the address, and port 0 asks the kernel for a free one.
package listen

import (
	"cmp"
	"fmt"
	"net"
	"os"
)

// TCP listens on HOST (default 127.0.0.1) and PORT (default as given), and
// prints the address, so that whoever started the program can find it.
func TCP(port string) (net.Listener, error) {
	host := cmp.Or(os.Getenv("HOST"), "127.0.0.1")
	l, err := net.Listen("tcp", net.JoinHostPort(host, cmp.Or(os.Getenv("PORT"), port)))
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	fmt.Printf("listening http://%s\n", l.Addr())
	return l, nil
}
