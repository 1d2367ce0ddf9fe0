package deflate

import (
	"compress/flate"
	"errors"
	"io"
	"sync"
)

var (
	// ErrTooLarge says that a message is longer than allowed when inflated.
	ErrTooLarge = errors.New("deflate: the inflated message is too large")
	// ErrCorrupt says that a message is not what RFC 7692 allows.
	ErrCorrupt = errors.New("deflate: the message is not valid deflate data")
)

// readers holds inflaters, 40 KB each: as many as messages are being inflated
// at this moment, which is a matter of CPU and never waits for anything.
var readers = sync.Pool{New: func() any {
	r := new(reader)
	r.z = flate.NewReader(&r.src)
	return r
}}

type reader struct {
	z   io.ReadCloser
	src source
}

// source is a message followed by what its sender took away, and by an empty
// final block, so that the inflater sees an end.
type source struct {
	msg  []byte
	tail string
}

const inflateTail = flushEnd + "\x01\x00\x00\xff\xff"

// ReadByte keeps the inflater from reading ahead, so that what it left is known.
func (s *source) ReadByte() (byte, error) {
	if len(s.msg) > 0 {
		b := s.msg[0]
		s.msg = s.msg[1:]
		return b, nil
	}
	if s.tail == "" {
		return 0, io.EOF
	}
	b := s.tail[0]
	s.tail = s.tail[1:]
	return b, nil
}

func (s *source) Read(p []byte) (int, error) {
	if len(s.msg) > 0 {
		n := copy(p, s.msg)
		s.msg = s.msg[n:]
		return n, nil
	}
	if s.tail == "" {
		return 0, io.EOF
	}
	n := copy(p, s.tail)
	s.tail = s.tail[n:]
	return n, nil
}

// Inflate appends a message of RFC 7692 in its original form to dst, limit
// bytes of it at most: more ends with [ErrTooLarge] as soon as the bound is
// passed. The memory grows with what was inflated, at most twofold. Any other
// fault is [ErrCorrupt].
func Inflate(dst, msg []byte, limit int) ([]byte, error) {
	r := readers.Get().(*reader)
	defer func() {
		r.src = source{} // or the pool would hold on to the message
		readers.Put(r)
	}()
	r.src = source{msg: msg, tail: inflateTail}
	_ = r.z.(flate.Resetter).Reset(&r.src, nil) // fails never
	start := len(dst)
	for {
		into := dst[len(dst):cap(dst)]
		var probe [1]byte // asks whether there is more when there must not be
		if room := limit - (len(dst) - start); room == 0 {
			into = probe[:]
		} else if len(into) == 0 {
			bigger := make([]byte, len(dst), len(dst)+min(room, max(len(dst), 512)))
			copy(bigger, dst)
			dst = bigger
			continue
		} else if len(into) > room {
			into = into[:room]
		}
		n, err := r.z.Read(into)
		if n > 0 && limit == len(dst)-start {
			return dst, ErrTooLarge
		}
		dst = dst[:len(dst)+n]
		if err == nil {
			continue
		}
		if err != io.EOF || !r.src.ended() {
			return dst, ErrCorrupt
		}
		return dst, nil
	}
}

// ended tells whether the inflater read the message to its end. A sender may
// have made the last block final, and puts an empty byte behind it then (RFC
// 7692 section 7.2.3.4). To go on with blocks behind a final one would let
// one small message reset the inflater half a million times.
func (s *source) ended() bool {
	return len(s.msg) == 0 || len(s.msg) == 1 && s.msg[0] == 0
}
