package packet

// placeholder is an object that stands for an attachment.
type placeholder struct {
	start, end int // where it lies in the JSON
	num        int // -1 if it names no attachment by a plain number
}

// checkPlaceholders refuses a packet with a placeholder that names no attachment. base
// is the payload's offset in the packet, for the error.
func checkPlaceholders(payload []byte, attachments, base int) error {
	return eachPlaceholder(payload, func(p placeholder) error {
		if p.num < 0 || p.num >= attachments {
			return refuse(ReasonAttachments, "a placeholder names no attachment", base+p.start)
		}
		return nil
	})
}

// eachPlaceholder calls f for the placeholders of checked JSON in their order: objects
// whose "_placeholder" is true. As in JavaScript the last of two equal keys counts and
// further keys do no harm. Placeholders inside a placeholder's own values are not
// looked for: it is replaced as a whole.
func eachPlaceholder(src []byte, f func(placeholder) error) error {
	for i := 0; i < len(src); {
		switch src[i] {
		case '"':
			i = skipString(src, i+1)
		case '{':
			if p, ok := readPlaceholder(src, i); ok {
				if err := f(p); err != nil {
					return err
				}
				i = p.end
				continue
			}
			i++
		default:
			i++
		}
	}
	return nil
}

// readPlaceholder reads the object at src[i] of checked JSON.
func readPlaceholder(src []byte, i int) (placeholder, bool) {
	p := placeholder{start: i, num: -1}
	is := false
	for i = skipSpace(src, i+1); src[i] != '}'; {
		if src[i] == ',' {
			i = skipSpace(src, i+1)
		}
		start := i
		i = skipString(src, i+1)
		key := unquote(src[start+1 : i-1])
		i = skipSpace(src, skipSpace(src, i)+1) // the colon
		start = i
		i = skipValue(src, i)
		value := src[start:i]
		i = skipSpace(src, i)
		switch string(key) {
		case "_placeholder":
			is = string(value) == "true"
		case "num":
			p.num = plainNumber(value)
		}
	}
	p.end = i + 1
	return p, is
}

// plainNumber reads digits alone; anything else is -1, so 0.5, 1e0 and "0" name
// no attachment.
func plainNumber(b []byte) int {
	if len(b) == 0 || len(b) > 9 {
		return -1
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
