package interop

import (
	"bufio"
	"strings"
)

// result is what a run of node's test runner said, in the Test Anything Protocol.
type result struct {
	passed, failed int
	failures       string // the failed tests with their details, and what is no TAP
	notes          string // what the tests said beside their results
}

// tap reads the report of a run. Details are the indented lines below a result.
func tap(text string) result {
	var r result
	var failures, notes strings.Builder
	failing := false
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "not ok "):
			failing = true
		case strings.HasPrefix(trimmed, "ok "), strings.HasPrefix(trimmed, "# Subtest:"):
			failing = false
		case strings.HasPrefix(line, "# pass "):
			r.passed = count(line)
		case strings.HasPrefix(line, "# fail "):
			r.failed = count(line)
		case strings.HasPrefix(line, "#"), strings.HasPrefix(line, "TAP "), strings.HasPrefix(line, "1.."):
			failing = false
			if strings.Contains(line, ": ") { // the summary has none
				notes.WriteString("\n" + line)
			}
		}
		if failing {
			failures.WriteString(line)
			failures.WriteByte('\n')
		}
	}
	r.failures, r.notes = failures.String(), notes.String()
	if r.passed == 0 && r.failed == 0 {
		r.failures = text // it did not even begin
	}
	return r
}

// count reads the number at the end of a summary line.
func count(line string) int {
	n := 0
	for _, digit := range line[strings.LastIndexByte(line, ' ')+1:] {
		if digit < '0' || digit > '9' {
			return 0
		}
		n = n*10 + int(digit-'0')
	}
	return n
}
