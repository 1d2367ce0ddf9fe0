//go:build !unix

package wsock

import (
	"errors"
	"syscall"
)

// poll is empty where a descriptor cannot be read without blocking; every
// connection takes the header-first path.
type poll struct{}

func (*poll) openPoll(syscall.Conn) {}

func (*poll) pollable() bool { return false }

func (*poll) pollRead() ([]byte, error) { return nil, errors.ErrUnsupported }

// CanTryWrite reports whether [Conn.TryWrite] can write at all.
func (*poll) CanTryWrite() bool { return false }

// TryWrite writes nothing on this system: use [Conn.Write].
func (*poll) TryWrite([]byte) (n int, err error) { return 0, nil }
