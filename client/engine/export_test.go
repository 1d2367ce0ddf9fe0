package engine

// Oversleep lets the connection find its heartbeat overdue though no timer has
// fired, as on a machine that was asleep.
func (c *Conn) Oversleep() {
	c.mu.Lock()
	c.deadline = 1
	c.mu.Unlock()
}

// MaxSilence is the longest time that a server may be silent.
const MaxSilence = maxSilence

// Silence is how long the server may be silent.
func (c *Conn) Silence() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return int64(c.silence)
}
