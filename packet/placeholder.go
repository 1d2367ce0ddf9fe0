package packet

import "bytes"

// placeholder is an object that stands for an attachment.
type placeholder struct {
	start, end int // where it lies in the JSON
	num        int // -1 if it names no attachment by a plain number
}

// maxRepeats is how many placeholders more than attachments a packet may have.
// Official clients have one for each. Without a bound a small text could make
// whoever sends the event on write one attachment thousands of times.
const maxRepeats = 16

// checkPlaceholders refuses a packet with a placeholder that names no
// attachment, and one with many more placeholders than attachments. base is the
// offset of its payload, for the error.
func checkPlaceholders(h *Header, base int) error {
	// Nearly always it is one argument and nothing but a placeholder.
	if args := h.Args; args.n == 1 {
		if num, end := usual(args.raw, 0); end == len(args.raw) && num < h.Attachments {
			return nil
		}
	}
	return checkAll(h.Payload, h.Attachments, base)
}

// checkAll is checkPlaceholders for any shape. A function of its own, for its stack is large.
func checkAll(payload []byte, attachments, base int) error {
	var few [8]placeholder
	found := findPlaceholders(few[:0], payload)
	if limit := attachments + maxRepeats; len(found) > limit {
		return refuse(ReasonAttachments, "the attachments are named too often", base+found[limit].start)
	}
	for _, p := range found {
		if p.num < 0 || p.num >= attachments {
			return refuse(ReasonAttachments, "a placeholder names no attachment", base+p.start)
		}
	}
	return nil
}

// findPlaceholders appends the placeholders of checked JSON to dst in their
// order: objects whose "_placeholder" is true. As in JavaScript the last of two
// equal keys counts and further keys do no harm. A placeholder is replaced as a
// whole, so those inside another are left out.
//
// It goes over src once, whatever the nesting: looking ahead from each brace
// would take time that grows with the square of what a peer sent.
func findPlaceholders(dst []placeholder, src []byte) []placeholder {
	type object struct {
		start, num int
		is         bool
	}
	var few [16]object
	open := few[:0]
	for i := 0; i < len(src); {
		switch src[i] {
		case '{':
			if num, end := usual(src, i); end > 0 {
				dst = append(dst, placeholder{start: i, end: end, num: num})
				i = end
				continue
			}
			open = append(open, object{start: i, num: -1})
			i++
		case '}':
			i++
			o := open[len(open)-1]
			open = open[:len(open)-1]
			if o.is {
				for len(dst) > 0 && dst[len(dst)-1].start > o.start {
					dst = dst[:len(dst)-1]
				}
				dst = append(dst, placeholder{start: o.start, end: i, num: o.num})
			}
		case '"':
			start := i + 1
			i = skipString(src, start)
			text := src[start : i-1]
			if len(text) != len("num") && len(text) != len("_placeholder") && bytes.IndexByte(text, '\\') < 0 {
				continue
			}
			if i = skipSpace(src, i); i >= len(src) || src[i] != ':' {
				continue // a value, not a key
			}
			i = skipSpace(src, i+1)
			o := &open[len(open)-1]
			switch string(unquote(text)) {
			case "_placeholder":
				o.is = src[i] == 't'
			case "num":
				o.num = plainNumber(src, i)
			}
		default:
			i++
		}
	}
	return dst
}

// usual reads a placeholder at src[i] in the form that all known clients write,
// which spares it the search for its keys. end is 0 for any other object.
func usual(src []byte, i int) (num, end int) {
	const head = `{"_placeholder":true,"num":`
	if len(src)-i <= len(head) || string(src[i:i+len(head)]) != head {
		return 0, 0
	}
	i += len(head)
	num = plainNumber(src, i)
	if num < 0 {
		return 0, 0
	}
	if i = skipDigits(src, i); i >= len(src) || src[i] != '}' {
		return 0, 0
	}
	return num, i + 1
}

// plainNumber reads the value at src[i] if it is digits alone; anything else is
// -1, so 0.5, 1e0 and "0" name no attachment.
func plainNumber(src []byte, i int) int {
	start, n := i, 0
	for i < len(src) && src[i]-'0' <= 9 {
		if n = n*10 + int(src[i]-'0'); i-start > 8 {
			return -1
		}
		i++
	}
	if i == start {
		return -1
	}
	if i < len(src) {
		switch src[i] {
		case ',', '}', ' ', '\t', '\n', '\r':
		default:
			return -1
		}
	}
	return n
}
