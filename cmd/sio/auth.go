package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxFile bounds the files that are sent, in bytes: the client keeps no more
// for a server that does not read.
const maxFile = 16 << 20

// readAuth makes a JSON object of what -auth was given: one object, one file
// with an object (which other users of the machine cannot see in the list of
// processes), or any number of key=value.
func readAuth(given []string) (json.RawMessage, error) {
	if len(given) == 0 {
		return nil, nil
	}
	whole := func(s string) bool { return strings.HasPrefix(s, "@") || strings.HasPrefix(strings.TrimSpace(s), "{") }
	if len(given) == 1 && whole(given[0]) {
		text, where := []byte(given[0]), "-auth"
		if name, isFile := strings.CutPrefix(given[0], "@"); isFile {
			var err error
			if text, err = readFile(name); err != nil {
				return nil, usageErrorf("-auth: %v", err)
			}
			where += " " + name
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(text, &object); err != nil || object == nil {
			return nil, usageErrorf("%s: it must be a JSON object such as {\"token\": \"secret\"}: %v", where, jsonError(err))
		}
		return bytes.TrimSpace(text), nil
	}
	pairs := map[string]string{}
	for _, s := range given {
		key, value, ok := strings.Cut(s, "=")
		if whole(s) || !ok || key == "" {
			return nil, usageErrorf("-auth: several are key=value each, and %.40q is not; one alone may be a JSON object or @file", s)
		}
		pairs[key] = value
	}
	return json.Marshal(pairs)
}

func jsonError(err error) string {
	if err == nil {
		return "it is null"
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// readFile reads a file that is to be sent.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d bytes, the most that is sent at once", name, maxFile)
	}
	return data, nil
}
