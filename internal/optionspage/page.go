package optionspage

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// Page is the page, from the root of the repository.
const Page = "docs/options.md"

// table is where a table belongs: between a mark that names a folder and a
// struct in it, and a mark of its end.
var table = regexp.MustCompile(`(?s)(<!-- table: (\S+) (\w+) -->\n).*?(<!-- end -->)`)

// Update returns the text of the page with its tables made anew, from the code below root.
func Update(root, text string) (string, error) {
	var failed error
	n := 0
	text = table.ReplaceAllStringFunc(text, func(old string) string {
		n++
		m := table.FindStringSubmatch(old)
		fields, err := Fields(filepath.Join(root, m[2]), m[3])
		if err != nil {
			failed = err
			return old
		}
		return m[1] + render(fields) + m[4]
	})
	if n == 0 && failed == nil {
		failed = fmt.Errorf("%s has no mark for a table", Page)
	}
	return text, failed
}

// more are the pages that say more about a field.
var more = map[string]string{
	"AllowEIO3":         "legacy-clients.md",
	"AllowRequest":      "middleware.md",
	"CORS":              "cors.md",
	"HTTPCompression":   "compression.md",
	"Headers":           "deployment.md#middleware-and-headers",
	"JSON":              "parsers.md#another-json-library",
	"KeepContext":       "sessions.md",
	"MaxQueuedBytes":    "delivery.md#queues",
	"Origins":           "cors.md",
	"Parser":            "parsers.md",
	"PerMessageDeflate": "compression.md",
	"Recovery":          "recovery.md",
	"ReturnWindow":      "events.md#reconnect",
}

func render(fields []Field) string {
	withDefaults := false
	for _, f := range fields {
		withDefaults = withDefaults || f.Default != ""
	}
	var b strings.Builder
	if withDefaults {
		b.WriteString("| field | type | default | meaning |\n|---|---|---|---|\n")
	} else {
		b.WriteString("| field | type | meaning |\n|---|---|---|\n")
	}
	for _, f := range fields {
		name := "`" + f.Name + "`"
		if page := more[f.Name]; page != "" {
			name = "[" + name + "](" + page + ")"
		}
		fmt.Fprintf(&b, "| %s | `%s` |", name, f.Type)
		if withDefaults {
			fmt.Fprintf(&b, " %s |", mark(f.Default))
		}
		fmt.Fprintf(&b, " %s |\n", mark(sentence(f)))
	}
	return b.String()
}

// sentence is a field's comment without the field's name at its beginning.
func sentence(f Field) string {
	s := strings.TrimPrefix(f.Doc, f.Name)
	s = strings.TrimPrefix(s, ", if set,")
	s = strings.TrimLeft(s, ": ")
	if s == "" {
		return ""
	}
	for _, noun := range []string{"the ", "how ", "for how "} {
		if rest, ok := strings.CutPrefix(s, "is "); ok && strings.HasPrefix(rest, noun) {
			s = rest
		}
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

var (
	docLink = regexp.MustCompile(`(^|[ (])\[(\*?[A-Za-z][\w.]*)\]`)
	code    = regexp.MustCompile("`[^`]*`|\\{.*\\}|\"[^\"]*\"|\\w+\\.[A-Z]\\w*(?:\\(\\w*\\))?|[A-Z]\\w*[a-z][A-Z]\\w*(?:\\(\\w*\\))?|\\w*\\[\\w*\\]\\w+")
)

// mark writes what looks like code, and what stands in quotes, as code.
func mark(s string) string {
	s = docLink.ReplaceAllString(s, "$1`$2`")
	s = code.ReplaceAllStringFunc(s, func(word string) string {
		if word[0] == '`' || plain[word] {
			return word
		}
		return "`" + word + "`"
	})
	return strings.ReplaceAll(s, "|", `\|`)
}

// plain is what only looks like code.
var plain = map[string]bool{"Socket.IO": true, "Engine.IO": true, "WebSocket": true, "KiB": true, "MiB": true}
