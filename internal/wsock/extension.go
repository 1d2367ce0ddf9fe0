package wsock

import (
	"fmt"
	"net/http"
	"strings"
)

// The extension of RFC 7692 and its parameters. Only the form without context
// takeover is spoken, in which nothing is kept from one message to the next:
// the window that takeover keeps is 32 KiB a connection and direction, ten
// times what a silent connection takes otherwise, and no frame could be shared
// by the receivers of a broadcast.
const (
	extensionName     = "permessage-deflate"
	serverNoTakeover  = "server_no_context_takeover"
	clientNoTakeover  = "client_no_context_takeover"
	serverWindowBits  = "server_max_window_bits"
	clientWindowBits  = "client_max_window_bits"
	extensionResponse = extensionName + "; " + serverNoTakeover + "; " + clientNoTakeover
)

// extension is one entry of Sec-WebSocket-Extensions.
type extension struct {
	name   string
	params [][2]string // name and value, "" if there is none
}

// parseExtensions reads the header (RFC 6455 section 9.1). It reports false
// when any part of it is malformed: what cannot be read cannot be agreed on.
func parseExtensions(h http.Header) ([]extension, bool) {
	var list []extension
	for _, line := range h["Sec-Websocket-Extensions"] {
		const blanks = " \t," // empty entries mean nothing
		for rest := strings.TrimLeft(line, blanks); rest != ""; rest = strings.TrimLeft(rest, blanks) {
			var e extension
			var ok bool
			if e.name, rest, ok = scanToken(rest); !ok {
				return nil, false
			}
			for strings.HasPrefix(rest, ";") {
				var p [2]string
				if p[0], rest, ok = scanToken(rest[1:]); !ok {
					return nil, false
				}
				if strings.HasPrefix(rest, "=") {
					if p[1], rest, ok = scanValue(rest[1:]); !ok {
						return nil, false
					}
				}
				e.params = append(e.params, p)
			}
			if rest != "" && rest[0] != ',' {
				return nil, false
			}
			list = append(list, e)
		}
	}
	return list, true
}

// scanToken takes a token and the blanks around it from the front of s.
func scanToken(s string) (token, rest string, ok bool) {
	s = strings.TrimLeft(s, " \t")
	n := 0
	for n < len(s) && isTokenByte(s[n]) {
		n++
	}
	return s[:n], strings.TrimLeft(s[n:], " \t"), n > 0
}

// scanValue takes a token, or one in quotes.
func scanValue(s string) (value, rest string, ok bool) {
	s = strings.TrimLeft(s, " \t")
	if !strings.HasPrefix(s, `"`) {
		return scanToken(s)
	}
	value, rest, ok = strings.Cut(s[1:], `"`)
	for i := range len(value) {
		if !isTokenByte(value[i]) { // RFC 6455: what is quoted must be a token too
			return "", "", false
		}
	}
	return value, strings.TrimLeft(rest, " \t"), ok && value != ""
}

func isTokenByte(c byte) bool {
	return c > ' ' && c < 0x7f && !strings.ContainsRune(`()<>@,;:\"/[]?={}`, rune(c))
}

// acceptDeflate returns the answer to what a client offers, "" if nothing of it
// can be taken. An offer that is not understood is passed over, and the next may do.
func acceptDeflate(h http.Header) string {
	offers, ok := parseExtensions(h)
	if !ok {
		return ""
	}
	for _, e := range offers {
		if strings.EqualFold(e.name, extensionName) {
			if answer, ok := acceptOffer(e); ok {
				return answer
			}
		}
	}
	return ""
}

func acceptOffer(e extension) (answer string, ok bool) {
	answer = extensionResponse
	seen := map[string]bool{}
	for _, p := range e.params {
		name, value := p[0], p[1]
		if seen[name] {
			return "", false
		}
		seen[name] = true
		switch name {
		case serverNoTakeover, clientNoTakeover:
			if value != "" {
				return "", false
			}
		case clientWindowBits: // a hint: any window is inflated
			if value != "" && !windowBits(value) {
				return "", false
			}
		case serverWindowBits:
			// compress/flate has one window size, and a promise must be kept.
			if value != "15" {
				return "", false
			}
			answer += "; " + serverWindowBits + "=15"
		default:
			return "", false
		}
	}
	return answer, true
}

// windowBits tells whether v is a number from 8 to 15 without leading zeros.
func windowBits(v string) bool {
	return len(v) == 1 && (v == "8" || v == "9") || len(v) == 2 && v >= "10" && v <= "15"
}

// agreed reads a server's answer to an offer of [extensionResponse], or to none.
func agreed(h http.Header, offered bool) (deflates bool, err error) {
	list, ok := parseExtensions(h)
	switch {
	case ok && len(list) == 0:
		return false, nil
	case !ok:
		return false, fmt.Errorf("the server's Sec-WebSocket-Extensions %q cannot be read", h["Sec-Websocket-Extensions"])
	case !offered || len(list) > 1 || !strings.EqualFold(list[0].name, extensionName):
		return false, fmt.Errorf("the server chose an extension that was not offered: %q", h["Sec-Websocket-Extensions"])
	}
	seen := map[string]bool{}
	for _, p := range list[0].params {
		name, value := p[0], p[1]
		fine := value == "" && (name == serverNoTakeover || name == clientNoTakeover) || name == serverWindowBits && windowBits(value)
		if !fine || seen[name] {
			return false, fmt.Errorf("the server's parameter %q of %s makes no sense", name, extensionName)
		}
		seen[name] = true
	}
	if !seen[serverNoTakeover] {
		return false, fmt.Errorf("the server does not agree to %s", serverNoTakeover)
	}
	return true, nil
}
