package report

// Ink colours text for a terminal. The zero value leaves it as it is.
type Ink struct{ On bool }

func (i Ink) paint(code, s string) string {
	if !i.On || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (i Ink) bold(s string) string   { return i.paint("1", s) }
func (i Ink) dim(s string) string    { return i.paint("2", s) }
func (i Ink) red(s string) string    { return i.paint("31", s) }
func (i Ink) green(s string) string  { return i.paint("32", s) }
func (i Ink) yellow(s string) string { return i.paint("33", s) }
func (i Ink) cyan(s string) string   { return i.paint("36", s) }
