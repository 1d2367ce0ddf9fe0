package engine

import "time"

// carrier is what carries a session that does not poll: a WebSocket
// (*wsock.Conn) or a [Stream] (*stream). One goroutine reads it, and beside it
// one at a time writes; the rest may be called from anywhere.
type carrier interface {
	Write([]byte) (int, error)
	// TryWrite writes what goes without waiting, if CanTryWrite.
	TryWrite([]byte) (int, error)
	CanTryWrite() bool
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
	// CloseNow ends reading and writing at once. Once is enough, more do no harm.
	CloseNow() error
	// CloseLinger is CloseNow, but gives what was written the time to arrive. It
	// must not run beside the reader.
	CloseLinger(time.Duration) error
	// Deflates tells whether messages may be compressed.
	Deflates() bool
}
