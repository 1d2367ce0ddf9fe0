package socketio_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const features = "docs/features.md"

var (
	// identifier is what the rows of the page begin with.
	identifier = regexp.MustCompile(`\b(?:(?:ENG|HTTP|LIFE|WIRE|NSP|EMIT|EVT|CSR|OPS|CLI|BRW)-\d\d|B-\d{1,3}|[PCDLKX]\d{1,2})\b`)
	// row is a row of one of the page's tables, with all that follows the identifier.
	row = regexp.MustCompile(`(?m)^\| (` + identifier.String() + `) \|(.*)$`)
	// proof is a link to a test: its name, and its file from the page's folder.
	proof = regexp.MustCompile(`\[([^\]]+)\]\(\.\./([^)]+_test\.go|[^)]+\.test\.m?js)\)`)
	// title is the beginning of a test in the suites, where titles name identifiers.
	title = regexp.MustCompile(`^\s*(?:test|eachMode)\(`)
)

// testFile is a file of tests, and the identifiers that its comments and titles name.
type testFile struct {
	text string
	ids  []string
}

func readTestFile(path string) (testFile, error) {
	text, err := os.ReadFile(path)
	f := testFile{text: string(text)}
	for line := range strings.Lines(f.text) {
		_, comment, _ := strings.Cut(line, "//")
		if filepath.Ext(path) != ".go" && title.MatchString(line) {
			comment = line
		}
		f.ids = append(f.ids, identifier.FindAllString(comment, -1)...)
	}
	return f, err
}

// The page about features tells the truth about tests: each one that it names
// is there, and each row has one unless it says what is missing.
func TestFeaturesAreProven(t *testing.T) {
	page, err := os.ReadFile(features)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]testFile{}
	named := 0
	for _, r := range row.FindAllStringSubmatch(string(page), -1) {
		id, rest := r[1], r[2]
		proofs := proof.FindAllStringSubmatch(rest, -1)
		if len(proofs) == 0 && !strings.HasSuffix(rest, "| – |") {
			t.Errorf("%s names no test", id)
		}
		if len(proofs) == 0 && strings.Contains(rest, "| yes") {
			t.Errorf("%s says yes and names no test", id)
		}
		if links := strings.Count(rest, "(../"); links != len(proofs) {
			t.Errorf("%s has %d links to files, but %d of them are tests", id, links, len(proofs))
		}
		said := len(proofs) == 0
		for _, p := range proofs {
			named++
			name, file := p[1], p[2]
			f, ok := files[file]
			if !ok {
				if f, err = readTestFile(file); err != nil {
					t.Errorf("%s: %v", id, err)
				}
				files[file] = f
			}
			said = said || slices.Contains(f.ids, id)
			if filepath.Ext(file) != ".go" {
				if suite, _, _ := strings.Cut(filepath.Base(file), "."); !strings.HasSuffix(name, suite) {
					t.Errorf("%s: %s is called %s", id, file, name)
				}
			} else if !strings.Contains(f.text, "\nfunc "+name+"(") {
				t.Errorf("%s: there is no %s in %s", id, name, file)
			}
		}
		if !said {
			t.Errorf("%s is in no comment of the files that it names", id)
		}
	}
	if named < 400 { // proof that the page is read right
		t.Errorf("only %d tests are named", named)
	}
}

// What the comments of tests refer to is on the page.
func TestIdentifiersAreExplained(t *testing.T) {
	page, err := os.ReadFile(features)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for _, r := range row.FindAllStringSubmatch(string(page), -1) {
		if rows[r[1]]++; rows[r[1]] == 2 {
			t.Errorf("%s is on the page twice", r[1])
		}
	}
	used := 0
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "dist") {
			return filepath.SkipDir
		}
		isGo := strings.HasSuffix(path, "_test.go")
		if d.IsDir() || !isGo && !strings.HasSuffix(path, ".test.js") && !strings.HasSuffix(path, ".test.mjs") {
			return nil
		}
		f, err := readTestFile(path)
		for _, id := range f.ids {
			if used++; rows[id] == 0 {
				t.Errorf("%s refers to %s, which is no row of %s", path, id, features)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if used < 300 { // proof that the comments are read right
		t.Errorf("only %d identifiers are in use", used)
	}
}
