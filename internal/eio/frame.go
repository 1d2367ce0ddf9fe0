package eio

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A stream of WebTransport is cut into frames, one packet each. A frame's header
// is one byte with the length up to 125; or 126 and the length in two bytes; or
// 127 and the length in eight. The top bit of the first byte is set for binary
// data, which is a message without its type. Lengths are big endian.
const (
	frameBinary = 0x80
	frame16     = 126
	frame64     = 127
	// maxFrameHeader is the longest header, in bytes.
	maxFrameHeader = 9
	// maxFrame is the largest length that the protocol knows, for clients in
	// JavaScript count no further.
	maxFrame = 1<<53 - 1
)

// Errors of [Deframer.Next]. The second is wrapped by errors that say more.
var (
	ErrEmptyFrame    = errors.New("eio: frame without a packet")
	ErrFrameTooLarge = errors.New("eio: frame is too large")
)

// AppendFrameHeader appends the header of a frame of n bytes. n is at least 1:
// there are no empty packets, and an empty binary message has to travel as the
// text "b", which every peer reads.
func AppendFrameHeader(dst []byte, n int, isBinary bool) []byte {
	mark := byte(0)
	if isBinary {
		mark = frameBinary
	}
	switch {
	case n < frame16:
		return append(dst, mark|byte(n))
	case n <= 0xffff:
		return binary.BigEndian.AppendUint16(append(dst, mark|frame16), uint16(n))
	default:
		return binary.BigEndian.AppendUint64(append(dst, mark|frame64), uint64(n))
	}
}

// AppendFrame appends p as a frame.
func AppendFrame(dst []byte, p Packet) []byte {
	switch {
	case p.Binary && len(p.Data) == 0:
		return append(dst, 1, binaryMark)
	case p.Binary:
		return append(AppendFrameHeader(dst, len(p.Data), true), p.Data...)
	}
	dst = AppendFrameHeader(dst, 1+len(p.Data), false)
	return append(append(dst, byte(p.Type)), p.Data...)
}

// parseFrameHeader returns the size of the header at the front of src, or 0 if
// there is only a part of it. Lengths may be spelled longer than need be, as
// the reference lets them.
func parseFrameHeader(src []byte) (size int, n uint64, isBinary bool, err error) {
	if len(src) == 0 {
		return 0, 0, false, nil
	}
	isBinary = src[0]&frameBinary != 0
	switch short := src[0] &^ frameBinary; {
	case short < frame16:
		size, n = 1, uint64(short)
	case short == frame16 && len(src) >= 3:
		size, n = 3, uint64(binary.BigEndian.Uint16(src[1:]))
	case short == frame64 && len(src) >= maxFrameHeader:
		size, n = maxFrameHeader, binary.BigEndian.Uint64(src[1:])
	default:
		return 0, 0, isBinary, nil
	}
	switch {
	case n == 0 && !isBinary:
		err = ErrEmptyFrame
	case n > maxFrame:
		err = fmt.Errorf("%w: %d bytes, the protocol knows no more than %d", ErrFrameTooLarge, n, uint64(maxFrame))
	}
	return size, n, isBinary, err
}

// Deframer takes frames out of a stream of bytes that arrives in any pieces. The
// zero value with Max set is ready; it is of use to one goroutine. It reads
// nothing itself, and holds no more than it was given: a length that is
// announced costs nothing.
type Deframer struct {
	// Max is the largest frame accepted, in bytes without the header.
	Max int

	head   [maxFrameHeader]byte
	have   int // bytes of a cut header
	begun  bool
	want   int // length of the frame that has begun
	binary bool
	body   []byte // what of it has arrived
}

// minFrameBody is the first allocation for a frame that comes in pieces.
const minFrameBody = 4 << 10

// Next takes the next frame from the front of src, which is not empty. Its data
// is a part of src or valid until the next call. When there is no whole frame,
// data is nil, and what src holds of one is kept: go on with more bytes. An
// error is final.
//
// A binary frame may be empty: the reference refuses it, but the official client
// sends one for an empty binary value. So a frame's data may be empty, but is
// not nil.
func (d *Deframer) Next(src []byte) (data []byte, isBinary bool, rest []byte, err error) {
	if !d.begun {
		d.body = nil // of the frame before
		if src, err = d.begin(src); err != nil || !d.begun {
			return nil, false, nil, err
		}
		if n := d.want; len(src) >= n {
			d.begun = false
			return src[:n:n], d.binary, src[n:], nil
		}
	}
	n := min(d.want-len(d.body), len(src))
	d.grow(n)
	d.body = append(d.body, src[:n]...)
	if len(d.body) < d.want {
		return nil, false, nil, nil
	}
	d.begun = false
	return d.body, d.binary, src[n:], nil
}

// Partial tells whether a frame has begun and its end is still to come.
func (d *Deframer) Partial() bool { return d.begun || d.have > 0 }

// begin reads a header, of which a part may have come before.
func (d *Deframer) begin(src []byte) (rest []byte, err error) {
	head := src
	before := d.have
	if before > 0 {
		d.have += copy(d.head[before:], src)
		head = d.head[:d.have]
	}
	size, n, isBinary, err := parseFrameHeader(head)
	switch {
	case err != nil:
		return nil, err
	case size == 0:
		if before == 0 {
			d.have = copy(d.head[:], src)
		}
		return nil, nil
	case n > uint64(max(d.Max, 0)):
		return nil, fmt.Errorf("%w: %d bytes, the limit is %d", ErrFrameTooLarge, n, d.Max)
	}
	d.have = 0
	d.begun, d.want, d.binary = true, int(n), isBinary
	return src[size-before:], nil
}

// grow makes room for n more bytes: by doubling, up to the frame's length.
func (d *Deframer) grow(n int) {
	need := len(d.body) + n
	if need <= cap(d.body) {
		return
	}
	body := make([]byte, len(d.body), min(d.want, max(need, 2*cap(d.body), minFrameBody)))
	copy(body, d.body)
	d.body = body
}
