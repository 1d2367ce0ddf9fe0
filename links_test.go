package socketio_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	mdLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fence  = regexp.MustCompile("(?ms)^```.*?^```$")
	inCode = regexp.MustCompile("`[^`\n]*`")
)

// Every link between the pages leads somewhere, to a heading too, and every
// page of the documentation is on its list.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile("docs/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		if name := filepath.Base(p); name != "README.md" && !strings.Contains(string(list), "]("+name+")") {
			t.Errorf("docs/README.md does not list %s", name)
		}
	}
	pages = append(pages, "README.md", "CONTRIBUTING.md", "examples/README.md", "browser/README.md", "packet/msgpack/README.md", "internal/interop/README.md")
	n := 0
	for _, p := range pages {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mdLink.FindAllStringSubmatch(inCode.ReplaceAllString(fence.ReplaceAllString(string(text), ""), "code"), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			n++
			file, anchor, _ := strings.Cut(m[1], "#")
			target := p
			if file != "" {
				target = filepath.Join(filepath.Dir(p), file)
			}
			text, err := os.ReadFile(target)
			if info, e := os.Stat(target); e == nil && info.IsDir() {
				err = nil
			}
			if err != nil {
				t.Errorf("%s links to %s: %v", p, m[1], err)
			} else if anchor != "" && !hasHeading(string(text), anchor) {
				t.Errorf("%s links to %s, which has no such heading", p, m[1])
			}
		}
	}
	if n < 100 { // proof that links are found
		t.Errorf("only %d links", n)
	}
}

func hasHeading(page, anchor string) bool {
	for line := range strings.Lines(fence.ReplaceAllString(page, "")) {
		if strings.HasPrefix(line, "#") && slug(strings.TrimLeft(line, "# ")) == anchor {
			return true
		}
	}
	return false
}

// slug is the anchor that a heading gets: letters, digits, hyphens and
// underscores stay, spaces become hyphens.
func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimSpace(heading))
}
