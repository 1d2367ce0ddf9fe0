package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/term"
)

// interact is the interactive client.
func interact(ctx context.Context, o *connectOptions, in, out *os.File) error {
	screen := &screen{palette: paletteFor(os.Getenv), out: out, plain: out}
	s := newSession(ctx, o.target, screen)
	screen.session = s
	defer s.close()
	s.filter(o.events, nil)
	fmt.Fprintln(out, screen.paint(dim, "Connecting to "+o.target.where()+" …"))
	if err := s.connect(); err != nil {
		return err
	}
	restore, err := screen.edit(in, out)
	if err != nil {
		return err
	}
	defer restore()
	fmt.Fprintln(screen.terminal, screen.paint(dim, "help lists the commands, Tab completes them, Ctrl-D ends."))
	return screen.loop(ctx, s)
}

// screen is the view of the interactive client: it writes above the line that
// is being typed.
type screen struct {
	palette
	session *session
	out     *os.File

	mu       sync.Mutex // orders what is written
	plain    io.Writer  // until there is a terminal
	terminal *term.Terminal
}

// edit begins to edit lines, until restore is called.
func (sc *screen) edit(in, out *os.File) (restore func(), err error) {
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("the terminal cannot be used: %w", err)
	}
	keys := &keyboard{in: in}
	t := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{keys, out}, "")
	t.AutoCompleteCallback = func(line string, pos int, key rune) (string, int, bool) {
		switch key {
		case interrupt:
			if line == "" {
				keys.ended.Store(true)
			}
			return "", 0, true
		case '\t':
			line, pos, choices := complete(sc.session, line, pos)
			if len(choices) > 1 {
				fmt.Fprintln(t, sc.paint(dim, strings.Join(choices, "  ")))
			}
			return line, pos, true
		}
		return "", 0, false
	}
	t.SetBracketedPasteMode(true)
	sc.mu.Lock()
	sc.terminal, sc.plain = t, t
	sc.mu.Unlock()
	sc.resize()
	sc.prompt()
	stop := onResize(sc.resize)
	return func() {
		stop()
		t.SetBracketedPasteMode(false)
		sc.mu.Lock()
		sc.plain = crlf{out} // the prompt is not drawn again
		sc.mu.Unlock()
		_ = term.Restore(int(in.Fd()), before) // nothing else can be tried
	}, nil
}

func (sc *screen) resize() {
	if w, h, err := term.GetSize(int(sc.out.Fd())); err == nil {
		_ = sc.terminal.SetSize(w, h) // a size that it does not like leaves the old one
	}
}

// width is how much fits on a line.
func (sc *screen) width() int {
	if w, _, err := term.GetSize(int(sc.out.Fd())); err == nil && w > 20 {
		return w
	}
	return 80
}

// prompt names the namespace, and says whether it is connected.
func (sc *screen) prompt() {
	so := sc.session.here()
	p := sc.paint(bold, clean(so.Namespace())+">") + " "
	if !so.Connected() {
		p = sc.paint(dim, clean(so.Namespace())+" (not connected)>") + " "
	}
	sc.terminal.SetPrompt(p)
}

// interrupt is what Ctrl-C is handed on as: a key without a meaning of its own.
const interrupt = 0x1f

// keyboard reads keys. Ctrl-C empties the line, and ends the program if it is
// empty already; the line editor alone would always end.
type keyboard struct {
	in    io.Reader
	ended atomic.Bool
}

func (k *keyboard) Read(p []byte) (int, error) {
	if k.ended.Load() {
		return 0, io.EOF
	}
	n, err := k.in.Read(p)
	for i, c := range p[:n] {
		if c == 3 {
			p[i] = interrupt
		}
	}
	return n, err
}

// loop does what is typed.
func (sc *screen) loop(ctx context.Context, s *session) error {
	in := make(chan line, 1) // nobody may take the last one
	next := make(chan struct{}, 1)
	go func() { // ends with the input or, since nothing ends a read of a terminal, with the process
		defer close(in)
		for range next {
			text, err := sc.terminal.ReadLine()
			if errors.Is(err, term.ErrPasteIndicator) {
				err = nil
			}
			in <- line{text, err}
			if err != nil {
				return
			}
		}
	}()
	defer close(next)
	for {
		next <- struct{}{} // it reads on when the line is done with, so that the prompt is right
		select {
		case l := <-in:
			if l.err == io.EOF {
				fmt.Fprint(sc.out, "\r\n") // off the prompt's line
				return nil
			}
			if l.err != nil {
				return fmt.Errorf("the terminal: %w", l.err)
			}
			err := s.do(l.text)
			if err == errQuit {
				return nil
			}
			if err != nil {
				s.report(happening{Kind: failed, Message: err.Error()})
			}
			sc.prompt()
		case <-ctx.Done():
			fmt.Fprint(sc.out, "\r\n")
			return &codedError{code: exitInterrupted}
		}
	}
}

// show implements view.
func (sc *screen) show(h happening) {
	if h.Kind == pinged || h.ends || h.again {
		return
	}
	text := sc.text(h)
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if sc.terminal != nil {
		sc.prompt()
	}
	_, _ = io.WriteString(sc.plain, text) // nobody is left to tell
}

// text is what a happening looks like: a line, or several for large values.
func (sc *screen) text(h happening) string {
	stamp := sc.paint(dim, h.Time.Format("15:04:05")) + " "
	where := ""
	if h.Namespace != "" && sc.session.several() {
		where = clean(h.Namespace) + " "
	}
	number := func(n int) string { return fmt.Sprintf("#%d ", n) }
	var mark, head string
	switch h.Kind {
	case received:
		mark, head = sc.paint(cyan, "←"), sc.paint(bold, label(h.Event))
		if h.Answer > 0 {
			head += sc.paint(yellow, fmt.Sprintf(" (answer %d …)", h.Answer))
		}
	case asked:
		mark, head = sc.paint(green, "→"), sc.paint(dim, number(h.Request))+sc.paint(bold, label(h.Event))
	case answered:
		mark, head = sc.paint(green, "←"), sc.paint(dim, number(h.Request))+sc.paint(bold, label(h.Event))+sc.paint(dim, " "+milliseconds(h.Millis))
	case connected, reconnected, upgraded:
		return stamp + sc.paint(green, "●") + " " + sentence(h) + "\n"
	case disconnected, attempted:
		return stamp + sc.paint(yellow, "○") + " " + sentence(h) + "\n"
	case connectError, unanswered, failed:
		return stamp + sc.paint(red, "!") + " " + sentence(h) + "\n"
	case noted, status:
		return sentence(h) + "\n"
	}
	head = stamp + mark + " " + sc.paint(dim, where) + head
	if fits([]any(h.Args), sc.width()-visible(head)) {
		line := head
		for _, arg := range h.Args {
			line += " " + sc.oneLine(arg)
		}
		return line + "\n"
	}
	all := []string{head}
	for _, arg := range h.Args {
		all = sc.pretty(all, "", "    ", arg, "", sc.width())
	}
	if len(all) > maxShownLines {
		all = append(all[:maxShownLines], sc.paint(dim, "    … and more; -json shows everything"))
	}
	return strings.Join(all, "\n") + "\n"
}

// crlf writes to a terminal in raw mode.
type crlf struct{ w io.Writer }

func (c crlf) Write(p []byte) (int, error) {
	_, err := io.WriteString(c.w, strings.ReplaceAll(string(p), "\n", "\r\n"))
	return len(p), err
}
