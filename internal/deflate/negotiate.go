package deflate

import (
	"net/http"
	"strconv"
	"strings"
)

// Taken tells whether a middleware in front has taken the encoding of an answer
// upon itself: it has set one, or has said that the answer varies with what the
// client accepts. Some compress whatever comes, and twice is once too often.
func Taken(answer http.Header) bool {
	if answer.Get("Content-Encoding") != "" {
		return true
	}
	for _, line := range answer["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			if strings.EqualFold(strings.TrimSpace(name), "Accept-Encoding") {
				return true
			}
		}
	}
	return false
}

// Negotiate reads which of [Gzip] and [Zlib] the client likes best (RFC 9110
// section 12.5.3), and reports false if the answer is to stay as it is: without
// a wish, with a weight of 0, or when plain is explicitly liked better. Of
// equals gzip is taken, for some clients are wrong about what "deflate" means.
func Negotiate(h http.Header) (Format, bool) {
	const unset = -1
	gzip, zlib, plain, rest := unset, unset, unset, unset
	for _, line := range h["Accept-Encoding"] {
		for item := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(item, ";")
			q, ok := weight(params)
			if !ok {
				continue // not understood, so nothing is taken for granted
			}
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "gzip", "x-gzip":
				gzip = max(gzip, q)
			case "deflate":
				zlib = max(zlib, q)
			case "identity":
				plain = max(plain, q)
			case "*":
				rest = max(rest, q)
			}
		}
	}
	if gzip == unset {
		gzip = rest
	}
	if zlib == unset {
		zlib = rest
	}
	switch {
	case gzip > 0 && gzip >= zlib && gzip >= plain:
		return Gzip, true
	case zlib > 0 && zlib >= plain:
		return Zlib, true
	default:
		return Raw, false
	}
}

// weight reads the "q=0.5" of an entry in thousandths; without one it is 1.
func weight(params string) (int, bool) {
	for p := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(q >= 0 && q <= 1) { // written so that NaN fails too
			return 0, false
		}
		return int(q * 1000), true
	}
	return 1000, true
}
