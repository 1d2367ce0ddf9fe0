package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// errNoEvent says that a command lacks its event.
var errNoEvent = errors.New("name an event")

// firstWord splits a line at its first space.
func firstWord(line string) (word, rest string) {
	line = strings.TrimLeftFunc(line, unicode.IsSpace)
	i := strings.IndexFunc(line, unicode.IsSpace)
	if i < 0 {
		return line, ""
	}
	return line[:i], strings.TrimSpace(line[i:])
}

// readEvent reads an event's name and its arguments. The name is a word, or a
// JSON string if there is a space in it. An argument is JSON, @file for the bytes of a
// file, or a word that is taken as a string. Between them are spaces, or commas
// if that is what separator says.
func readEvent(text string, separator rune) (event string, args []any, err error) {
	r := reader{text, separator}
	first, ok, err := r.next()
	if err != nil {
		return "", nil, err
	}
	if !ok {
		return "", nil, errNoEvent
	}
	switch name := first.(type) {
	case string:
		event = name
	case json.Number:
		event = name.String()
	default:
		return "", nil, fmt.Errorf("an event's name is a string, %.40s is not", appendValue(nil, first))
	}
	args, err = r.rest()
	return event, args, err
}

// readArgs reads arguments alone.
func readArgs(text string, separator rune) ([]any, error) {
	r := reader{text, separator}
	return r.rest()
}

// reader takes values off a text.
type reader struct {
	text      string
	separator rune
}

func (r *reader) rest() ([]any, error) {
	args := []any{}
	for {
		v, ok, err := r.next()
		if err != nil || !ok {
			return args, err
		}
		args = append(args, v)
	}
}

// divides tells whether c stands between values.
func (r *reader) divides(c rune) bool {
	if r.separator == ',' {
		return c == ','
	}
	return unicode.IsSpace(c)
}

// next returns the next value, and false when there is none.
func (r *reader) next() (v any, ok bool, err error) {
	r.text = strings.TrimLeftFunc(r.text, unicode.IsSpace)
	if r.text == "" {
		return nil, false, nil
	}
	switch {
	case strings.ContainsRune(`{["`, rune(r.text[0])):
		raw, err := r.json(r.text)
		if err != nil {
			return nil, false, err
		}
		v, err = parseValue(raw, typed)
		return v, err == nil, err
	case strings.HasPrefix(r.text, `@"`): // a file with a space in its name
		var name string
		raw, err := r.json(r.text[1:])
		if err == nil {
			err = json.Unmarshal(raw, &name)
		}
		if err != nil {
			return nil, false, err
		}
		return r.file(name)
	}
	word := r.text
	if i := strings.IndexFunc(word, r.divides); i >= 0 {
		_, n := utf8.DecodeRuneInString(word[i:])
		word, r.text = word[:i], word[i+n:]
	} else {
		r.text = ""
	}
	word = strings.TrimSpace(word)
	if word == "" {
		return nil, false, errors.New(`there is nothing before a comma; "" is the empty text`)
	}
	if name, ok := strings.CutPrefix(word, "@"); ok {
		return r.file(name)
	}
	if v, err := parseValue([]byte(word), asIs); err == nil {
		return v, true, nil // a number, true, false, null
	}
	return word, true, nil
}

// json takes one JSON value off the front of text.
func (r *reader) json(text string) (json.RawMessage, error) {
	d := json.NewDecoder(strings.NewReader(text))
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return nil, fmt.Errorf("the JSON that begins with %.20q is not complete or wrong: %s", text, jsonError(err))
	}
	rest := text[d.InputOffset():]
	if c, n := utf8.DecodeRuneInString(strings.TrimLeft(rest, " ")); r.separator == ',' && n > 0 {
		if c != ',' {
			return nil, fmt.Errorf("there is no comma behind %.40s", raw)
		}
		rest = strings.TrimLeft(rest, " ")[n:]
	} else if c, n := utf8.DecodeRuneInString(rest); r.separator != ',' && n > 0 && !unicode.IsSpace(c) {
		return nil, fmt.Errorf("there is no space behind %.40s", raw)
	}
	r.text = rest
	return raw, nil
}

func (r *reader) file(name string) (any, bool, error) {
	data, err := readFile(name)
	if err != nil {
		return nil, false, fmt.Errorf("%w; write \"@%s\", with the quotes, for a text that begins with @", err, name)
	}
	return data, true, nil
}

// shows tells whether a character can be seen on a terminal, and does nothing
// else there.
func shows(r rune) bool {
	const joiner = '\u200d' // holds many emoji together
	return r != utf8.RuneError && (unicode.IsPrint(r) || r == joiner)
}

// clean makes a text of a server harmless for a terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if shows(r) || r == '\n' {
			return r
		}
		return '\ufffd'
	}, s)
}

// label is an event's name: as it is if it is a word, quoted otherwise.
func label(event string) string {
	for _, r := range event {
		if unicode.IsSpace(r) || !shows(r) || r == '"' {
			return quote(event)
		}
	}
	if event == "" {
		return `""`
	}
	return event
}
