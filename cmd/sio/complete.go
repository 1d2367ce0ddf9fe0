package main

import (
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxChoices bounds how many completions are listed.
const maxChoices = 50

// complete completes the word before the cursor: a command, an event that was
// seen, a namespace, a file. It returns the line as it is then, and all the
// words that would fit.
func complete(s *session, line string, pos int) (string, int, []string) {
	before, after := line[:pos], line[pos:]
	start := strings.LastIndexAny(before, " \t") + 1
	word := before[start:]
	fitting := candidates(s, strings.Fields(before[:start]), word)
	var choices []string
	for _, c := range fitting {
		if strings.HasPrefix(c, word) {
			choices = append(choices, c)
		}
	}
	slices.Sort(choices)
	choices = slices.Compact(choices)
	switch len(choices) {
	case 0:
		return line, pos, nil
	case 1:
		word = choices[0]
		if !strings.HasSuffix(word, "/") && !strings.HasPrefix(after, " ") {
			word += " "
		}
	default:
		word = commonPrefix(choices)
	}
	before = before[:start] + word
	if len(choices) > maxChoices {
		choices = append(choices[:maxChoices], "…")
	}
	return before + after, len(before), choices
}

// candidates lists what may stand behind the words of a line.
func candidates(s *session, words []string, word string) []string {
	if len(words) == 0 {
		return verbNames()
	}
	if name, isFile := strings.CutPrefix(word, "@"); isFile {
		return files(name)
	}
	switch words[0] {
	case "emit", "ack", "volatile":
		if len(words) == 1 {
			return s.events()
		}
	case "listen", "mute":
		return s.events()
	case "join", "leave":
		if len(words) == 1 {
			var names []string
			for _, so := range s.sockets() {
				names = append(names, so.Namespace())
			}
			return names
		}
	case "help":
		return verbNames()
	}
	return nil
}

func verbNames() []string {
	var names []string
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	return names
}

// files lists the files whose names begin like this, as arguments.
func files(name string) []string {
	if strings.ContainsAny(name, `*?[\"`) {
		return nil // they would be taken as a pattern
	}
	found, _ := filepath.Glob(name + "*") // the one error is that of a pattern
	var list []string
	for _, f := range found {
		if !strings.ContainsAny(f, " \t\"") {
			list = append(list, "@"+f)
		}
	}
	return list
}

func commonPrefix(words []string) string {
	first, last := words[0], words[len(words)-1] // they are sorted
	n := 0
	for i, r := range first {
		end := i + utf8.RuneLen(r)
		if end > len(first) || !strings.HasPrefix(last, first[:end]) {
			break
		}
		n = end
	}
	return first[:n]
}

// events lists the names of events that were sent or received.
func (s *session) events() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, e := range s.seen {
		if names = append(names, label(e)); strings.ContainsAny(names[len(names)-1], " \t") {
			names = names[:len(names)-1] // the editor completes words
		}
	}
	return names
}

// several tells whether more than one namespace is joined.
func (s *session) several() bool {
	n := 0
	for _, so := range s.sockets() {
		if so.Active() {
			n++
		}
	}
	return n > 1
}
