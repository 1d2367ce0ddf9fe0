package eio

import "bytes"

// NextRecord splits the first record off a polling body. more reports whether
// another record follows, which may be empty; while it does, call again with
// rest:
//
//	for more := true; more; {
//		record, body, more = eio.NextRecord(body)
//		...
//	}
//
// An empty body is one empty record, which [ParseText] refuses, and so is what
// stands behind a separator at the end.
func NextRecord(payload []byte) (record, rest []byte, more bool) {
	i := bytes.IndexByte(payload, Separator)
	if i < 0 {
		return payload, nil, false
	}
	return payload[:i:i], payload[i+1:], true
}

// AppendRecord appends p as a record of a polling body, behind a separator
// unless it is the first.
func AppendRecord(dst []byte, first bool, p Packet) []byte {
	if !first {
		dst = append(dst, Separator)
	}
	return AppendText(dst, p)
}

// RecordSize returns how many bytes [AppendRecord] adds for p, to keep a body
// within the bound of its receiver.
func RecordSize(first bool, p Packet) int {
	n := 1 + len(p.Data)
	if p.Binary {
		n = 1 + (len(p.Data)+2)/3*4
	}
	if !first {
		n++
	}
	return n
}
