package wsock

import "encoding/binary"

const (
	// roomSize bounds what one small message that is kept may keep beside it,
	// in bytes.
	roomSize = 1 << 10
	// roomShare is how many messages of the first one's size share a piece of
	// memory. With 8 an allocation is an eighth of one for each message, and
	// what a handler keeps is bounded by what it counts: a peer that has one
	// tiny message in a read kept, and the rest dropped, gets eight times its size.
	roomShare = 8
)

// room is memory for the messages of one read, one piece for several. What is
// taken of it belongs to whoever got it: no byte is given out twice.
type room struct{ left []byte }

// take returns n bytes. after is how many bytes of the read come behind the
// message: more room would be for nothing.
func (r *room) take(n, after int) []byte {
	switch {
	case n == 0:
		return []byte{} // not nil, for it is a message
	case n > roomSize/2:
		return make([]byte, n)
	case n > len(r.left):
		r.left = make([]byte, min(roomShare*n, n+after, roomSize))
	}
	own := r.left[:n:n]
	r.left = r.left[n:]
	return own
}

// keep returns a copy of data, or without a room data itself.
func (r *room) keep(data []byte, after int) []byte {
	if r == nil {
		return data
	}
	own := r.take(len(data), after)
	copy(own, data)
	return own
}

// unmask writes src without its mask into dst, which is as long, and tells whether
// it is ASCII. Unmasking where it lies, checking and copying would be three walks,
// and 5 % more for an echo of 64 bytes.
func unmask(dst, src []byte, key [4]byte) (ascii bool) {
	k := uint64(binary.LittleEndian.Uint32(key[:]))
	k |= k << 32
	dst = dst[:len(src)]
	var seen uint64
	i := 0
	for ; len(src)-i >= 8; i += 8 {
		w := binary.LittleEndian.Uint64(src[i:]) ^ k
		seen |= w
		binary.LittleEndian.PutUint64(dst[i:], w)
	}
	for ; i < len(src); i++ {
		c := src[i] ^ byte(k) // i is a multiple of 8 at first
		k = k>>8 | k<<56
		seen |= uint64(c)
		dst[i] = c
	}
	return seen&0x8080808080808080 == 0
}
