package load

// A payload begins with its tag: who sent it, and its number among what it sent.
// That is "00002a-0000001f-", so that a reply can be told from all others.

const digits = "0123456789abcdef"

func putTag(dst []byte, owner int, seq uint32) {
	_ = dst[tagSize-1]
	for i := 5; i >= 0; i-- {
		dst[i] = digits[owner&15]
		owner >>= 4
	}
	dst[6] = '-'
	for i := 14; i >= 7; i-- {
		dst[i] = digits[seq&15]
		seq >>= 4
	}
	dst[15] = '-'
}

func readTag(b []byte) (owner int, seq uint32, ok bool) {
	if len(b) < tagSize || b[6] != '-' || b[15] != '-' {
		return 0, 0, false
	}
	for _, c := range b[:6] {
		v := hexValue(c)
		if v > 15 {
			return 0, 0, false
		}
		owner = owner<<4 | int(v)
	}
	for _, c := range b[7:15] {
		v := hexValue(c)
		if v > 15 {
			return 0, 0, false
		}
		seq = seq<<4 | uint32(v)
	}
	return owner, seq, true
}

func hexValue(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}
