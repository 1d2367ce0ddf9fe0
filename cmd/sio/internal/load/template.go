package load

import (
	"encoding/json"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
)

// fill puts the number of a client for {{n}} and 16 random hexadecimal digits
// for {{random}}.
func fill(s string, n int) string {
	if !strings.Contains(s, "{{") {
		return s
	}
	s = strings.ReplaceAll(s, "{{n}}", strconv.Itoa(n))
	for strings.Contains(s, "{{random}}") { // each one its own
		r := strconv.FormatUint(rand.Uint64()|1<<63, 16)
		s = strings.Replace(s, "{{random}}", r, 1)
	}
	return s
}

// fillAll is fill for each value of headers or of a query.
func fillAll(all map[string][]string, n int) map[string][]string {
	if len(all) == 0 {
		return nil
	}
	filled := make(map[string][]string, len(all))
	for name, values := range all {
		for _, v := range values {
			filled[name] = append(filled[name], fill(v, n))
		}
	}
	return filled
}

// checkTemplate finds a {{word}} that means nothing.
func checkTemplate(what, s string) error {
	_, rest, more := strings.Cut(s, "{{")
	for more {
		word, after, closed := strings.Cut(rest, "}}")
		if closed && word != "n" && word != "random" {
			return mistake("%s: {{%s}} means nothing here; there are {{n}}, the number of the client, and {{random}}", what, word)
		}
		_, rest, more = strings.Cut(after, "{{")
	}
	return nil
}

// checkJSON checks a template of JSON with the values of the first client.
func checkJSON(what, s string) error {
	if err := checkTemplate(what, s); err != nil {
		return err
	}
	if v := fill(s, 0); !json.Valid([]byte(v)) {
		return mistake("%s: %s is no JSON", what, v)
	}
	return nil
}

// eventOf reads what -emit says: a JSON array with the event's name first, or
// the name and, behind a comma, its arguments in JSON.
func eventOf(s string) (string, error) {
	array := s
	if !strings.HasPrefix(strings.TrimSpace(s), "[") {
		name, args, more := strings.Cut(s, ",")
		quoted, _ := json.Marshal(strings.TrimSpace(name)) // a string always works
		array = "[" + string(quoted) + "]"
		if more {
			array = "[" + string(quoted) + "," + args + "]"
		}
	}
	if err := checkTemplate("-emit", array); err != nil {
		return "", err
	}
	var parts []json.RawMessage
	var name string
	if err := json.Unmarshal([]byte(fill(array, 0)), &parts); err != nil {
		return "", mistake("-emit %s: the arguments behind the event's name are no JSON: %v; it looks like 'move,{\"x\":1}' or '[\"move\",{\"x\":1}]'", s, err)
	}
	if len(parts) == 0 || json.Unmarshal(parts[0], &name) != nil || name == "" {
		return "", mistake("-emit %s: it begins with the event's name, such as 'move,{\"x\":1}'", s)
	}
	return array, nil
}

// CheckEmit tells what is wrong with Config.Emit.
func CheckEmit(s string) error {
	_, err := eventOf(s)
	return err
}

// checkURL checks the address with the values of the first client.
func checkURL(s string) error {
	if err := checkTemplate("the URL", s); err != nil {
		return err
	}
	u, err := url.Parse(fill(s, 0))
	if err != nil || u.Host == "" {
		return mistake("%q is no URL of a server; it looks like http://localhost:3000", s)
	}
	switch u.Scheme {
	case "http", "https", "ws", "wss":
		return nil
	}
	return mistake("%q: the scheme is none of http, https, ws, wss", s)
}
