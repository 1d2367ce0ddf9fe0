package wsock

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

// keep returns a copy of data, or without a room data itself. after is how many
// bytes of the read come behind it: more room would be for nothing.
func (r *room) keep(data []byte, after int) []byte {
	n := len(data)
	switch {
	case r == nil:
		return data
	case n == 0:
		return []byte{} // or the read buffer would stay
	case n <= len(r.left):
	case n > roomSize/2:
		return append(make([]byte, 0, n), data...)
	default:
		r.left = make([]byte, min(roomShare*n, n+after, roomSize))
	}
	own := r.left[:n:n]
	r.left = r.left[n:]
	copy(own, data)
	return own
}
