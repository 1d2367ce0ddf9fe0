package eio

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"
)

// JSONP is how browsers without cross-origin requests poll: the answer is a
// script, the request a form.

// ErrForm is the error of [FormPayload].
var ErrForm = errors.New("eio: the form of a JSONP request is not URL-encoded")

// AppendJSONP appends a polling body as the script that hands it to the
// client. Of index, which comes from the client, only the digits are used.
func AppendJSONP(dst []byte, index string, payload []byte) []byte {
	dst = append(dst, "___eio["...)
	for i := range len(index) {
		if c := index[i]; c >= '0' && c <= '9' {
			dst = append(dst, c)
		}
	}
	dst = append(dst, `]("`...)
	dst = appendScript(dst, payload)
	return append(dst, `");`...)
}

const hexDigits = "0123456789abcdef"

// appendScript escapes text as JSON.stringify does, and the two line ends that
// JSON allows in a string and older JavaScript does not.
func appendScript(dst, text []byte) []byte {
	for i, c := range text {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c >= ' ':
			dst = append(dst, c)
			if c == 0xa8 || c == 0xa9 { // the last byte of U+2028 and U+2029
				if head := dst[:len(dst)-1]; i >= 2 && bytes.HasSuffix(head, []byte{0xe2, 0x80}) {
					dst = append(head[:len(head)-2], `\u202`...)
					dst = append(dst, hexDigits[c-0xa0])
				}
			}
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c == '\b':
			dst = append(dst, '\\', 'b')
		case c == '\f':
			dst = append(dst, '\\', 'f')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return dst
}

// FormPayload returns the polling body in the form that a JSONP client posts,
// field d. Browsers change line ends in forms, so the client writes them as \n, and
// a \n of the text itself as \\n. ok is false when the form has no such field,
// or several.
func FormPayload(form []byte) (payload []byte, ok bool, err error) {
	for pair := range bytes.SplitSeq(form, []byte{'&'}) {
		value, is := bytes.CutPrefix(pair, []byte("d="))
		if !is {
			continue
		}
		if ok {
			return nil, false, nil
		}
		text, err := url.QueryUnescape(string(value))
		if err != nil || !utf8.ValidString(text) {
			return nil, false, ErrForm
		}
		payload, ok = unescapeLines(text), true
	}
	return payload, ok, nil
}

func unescapeLines(text string) []byte {
	out := make([]byte, 0, len(text))
	for i := strings.IndexByte(text, '\\'); i >= 0; i = strings.IndexByte(text, '\\') {
		out = append(out, text[:i]...)
		text = text[i:]
		switch {
		case strings.HasPrefix(text, `\\n`):
			out, text = append(out, `\n`...), text[3:]
		case strings.HasPrefix(text, `\n`):
			out, text = append(out, '\n'), text[2:]
		default:
			out, text = append(out, '\\'), text[1:]
		}
	}
	return append(out, text...)
}
