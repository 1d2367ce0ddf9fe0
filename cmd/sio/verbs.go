package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// verb is a command of the interactive client and of scripts.
type verb struct {
	name, args, about string
	run               func(s *session, rest string) error
}

// errQuit ends the reading of commands.
var errQuit = errors.New("quit")

func verbs() []verb {
	return []verb{
		{"emit", "EVENT [ARG…]", "send an event", func(s *session, rest string) error {
			event, args, err := readEvent(rest, ' ')
			if err != nil {
				return err
			}
			return s.emit(s.here(), event, args, false)
		}},
		{"ack", "EVENT [ARG…]", "send an event, and show the answer with its round trip", func(s *session, rest string) error {
			event, args, err := readEvent(rest, ' ')
			if err != nil {
				return err
			}
			return s.ask(s.here(), event, args, nil)
		}},
		{"volatile", "EVENT [ARG…]", "send an event if it can leave at once, else drop it", func(s *session, rest string) error {
			event, args, err := readEvent(rest, ' ')
			if err != nil {
				return err
			}
			return s.emit(s.here(), event, args, true)
		}},
		{"answer", "NUMBER [ARG…]", "answer an event of the server that asks for it", func(s *session, rest string) error {
			number, rest := firstWord(rest)
			n, err := strconv.Atoi(number)
			if err != nil {
				return errors.New("name the number that the event was shown with")
			}
			args, err := readArgs(rest, ' ')
			if err != nil {
				return err
			}
			return s.answer(n, args)
		}},
		{"listen", "[EVENT…]", "show these events only, all without any; * and ? stand for characters", func(s *session, rest string) error {
			patterns := strings.Fields(rest)
			err := checkPatterns(patterns)
			if err == nil {
				s.filter(patterns, nil)
			}
			return err
		}},
		{"mute", "EVENT…", "show all events but these", func(s *session, rest string) error {
			patterns := strings.Fields(rest)
			err := checkPatterns(patterns)
			if len(patterns) == 0 {
				err = errNoEvent
			}
			if err == nil {
				s.filter(nil, patterns)
			}
			return err
		}},
		{"join", "NAMESPACE [AUTH]", "join a namespace on the same connection, and make it the current one", func(s *session, rest string) error {
			name, rest := firstWord(rest)
			if name == "" {
				return errors.New("name a namespace")
			}
			auth := s.target.auth
			if rest != "" {
				var err error
				if auth, err = readAuth(strings.Fields(rest)); strings.HasPrefix(rest, "{") {
					auth, err = readAuth([]string{rest})
				}
				if err != nil {
					return errors.New(strings.Replace(err.Error(), "-auth", "auth", 1))
				}
			}
			return s.join(name, auth)
		}},
		{"leave", "[NAMESPACE]", "leave a namespace, the current one without a name", func(s *session, rest string) error {
			if rest == "" {
				rest = s.here().Namespace()
			}
			return s.leave(rest)
		}},
		{"disconnect", "", "close the connection", func(s *session, _ string) error { return s.disconnect() }},
		{"connect", "", "open it again", func(s *session, _ string) error { return s.connectAgain() }},
		{"reconnect", "", "both: a new connection", func(s *session, _ string) error {
			if err := s.disconnect(); err != nil && err != errOffline {
				return err
			}
			return s.connectAgain()
		}},
		{"status", "", "namespaces, ids, transport, heartbeat, last round trip", func(s *session, _ string) error {
			s.status()
			return nil
		}},
		{"wait", "TIME", "wait, such as 500ms, before the next line is read", func(s *session, rest string) error {
			d, err := time.ParseDuration(rest)
			if err != nil || d < 0 {
				return errors.New("name a time, such as 500ms or 2s")
			}
			t := time.NewTimer(d)
			defer t.Stop()
			select {
			case <-t.C:
			case <-s.ctx.Done():
			}
			return nil
		}},
		{"help", "[COMMAND]", "this list", func(s *session, rest string) error {
			text, err := help(rest)
			if err == nil {
				s.report(happening{Kind: noted, Message: text})
			}
			return err
		}},
		{"quit", "", "end the program, as Ctrl-D does", func(*session, string) error { return errQuit }},
	}
}

// help lists the commands, or one of them.
func help(name string) (string, error) {
	var text bytes.Buffer
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	found := false
	for _, v := range verbs() {
		if name == "" || name == v.name {
			found = true
			fmt.Fprintf(w, "  %s %s\t%s\n", v.name, v.args, v.about)
		}
	}
	if !found {
		return "", unknown(name)
	}
	w.Flush() // into a Buffer, which takes all
	if name == "" {
		text.WriteString("\nAn argument is JSON, @file for the bytes of a file, or a word, which is a string:\n" +
			"  emit say hello {\"to\": \"all\"} 5 @photo.png\n" +
			"Names with spaces are quoted, as in JSON.")
	}
	return strings.TrimRight(text.String(), "\n"), nil
}

func unknown(name string) error {
	return fmt.Errorf("there is no command %.40s; help lists them, and emit %.40s sends an event of that name", clean(label(name)), clean(label(name)))
}

// checkPatterns says which of the patterns of events is none.
func checkPatterns(patterns []string) error {
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("the pattern %s cannot be read: a [ has no ]", clean(p))
		}
	}
	return nil
}

// do runs one line of input: a command, or an instruction in JSON.
func (s *session) do(line string) error {
	line = strings.TrimSpace(line)
	if line == "" || strings.HasPrefix(line, "#") {
		return nil
	}
	if line[0] == '{' {
		return s.instruct([]byte(line))
	}
	name, rest := firstWord(line)
	if name == "exit" {
		name = "quit"
	}
	for _, v := range verbs() {
		if v.name == name {
			err := v.run(s, rest)
			if err != nil && err != errQuit {
				err = fmt.Errorf("%s: %w", name, err)
			}
			return err
		}
	}
	return unknown(name)
}

// instruction is a line of input as a program writes it. Exactly one of emit,
// answer, join and leave is there.
type instruction struct {
	Emit      *string         `json:"emit"`
	Args      json.RawMessage `json:"args"`
	Ack       bool            `json:"ack"`
	Volatile  bool            `json:"volatile"`
	Namespace string          `json:"namespace"`
	ID        json.RawMessage `json:"id"`
	Answer    int             `json:"answer"`
	Join      string          `json:"join"`
	Auth      json.RawMessage `json:"auth"`
	Leave     string          `json:"leave"`
}

func (s *session) instruct(line []byte) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	var in instruction
	err := d.Decode(&in)
	if err == nil && d.More() {
		err = errors.New("there is something behind the object")
	}
	if err != nil {
		return fmt.Errorf("the line is no instruction: %s", jsonError(err))
	}
	args := []any{}
	if in.Args != nil {
		v, err := parseValue(in.Args, typed)
		list, ok := v.([]any)
		if err == nil && !ok {
			err = errors.New("it is no array")
		}
		if err != nil {
			return fmt.Errorf("args: %w", err)
		}
		args = list
	}
	so := s.here()
	if in.Namespace != "" {
		if so = s.named(in.Namespace); so == nil {
			return fmt.Errorf("namespace %s is not joined", quote(in.Namespace))
		}
	}
	switch {
	case in.Emit != nil && in.Ack && in.Volatile:
		return errors.New("an event is volatile or has an ack, not both")
	case in.Emit != nil && in.Ack:
		return s.ask(so, *in.Emit, args, in.ID)
	case in.Emit != nil:
		return s.emit(so, *in.Emit, args, in.Volatile)
	case in.Answer != 0:
		return s.answer(in.Answer, args)
	case in.Join != "":
		auth := s.target.auth
		if in.Auth != nil {
			if auth, err = readAuth([]string{string(in.Auth)}); err != nil {
				return errors.New(strings.Replace(err.Error(), "-auth", "auth", 1))
			}
		}
		return s.join(in.Join, auth)
	case in.Leave != "":
		return s.leave(in.Leave)
	}
	return errors.New("the line names none of emit, answer, join, leave")
}
