// Package proxy runs the official client through nginx and HAProxy, with the
// configurations that docs/deployment.md shows.
package proxy

import (
	"fmt"
	"os"
	"strings"
)

// page is where the configurations stand.
const page = "../../../docs/deployment.md"

// block returns the first fenced block of a language on the page.
func block(language string) (string, error) {
	text, err := os.ReadFile(page)
	if err != nil {
		return "", err
	}
	_, rest, found := strings.Cut(string(text), "```"+language+"\n")
	config, _, ended := strings.Cut(rest, "\n```")
	if !found || !ended {
		return "", fmt.Errorf("%s has no block of %s", page, language)
	}
	return config + "\n", nil
}

// edit is a change to a configuration, for what a test must have otherwise:
// ports, and what a test is about.
type edit struct {
	old, new string
	times    int
}

// apply makes the edits. One that does not find what it changes is an error:
// the page has changed, and the test would be about something else.
func apply(config string, edits []edit) (string, error) {
	for _, e := range edits {
		if n := strings.Count(config, e.old); n != e.times {
			return "", fmt.Errorf("the page has %q %d times, the test expects %d", e.old, n, e.times)
		}
		config = strings.ReplaceAll(config, e.old, e.new)
	}
	return config, nil
}
