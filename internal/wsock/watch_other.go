//go:build !linux

package wsock

// watch does nothing on this system: silent connections keep their goroutines.
type watch struct{}

func (c *Conn) park(Handler, func(error)) bool { return false }

func (c *Conn) resume(bool) {}

func (c *Conn) leave() {}
