package eio_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/go-socketio/socketio/internal/eio"
)

// split lists the records of a body.
func split(body []byte) []string {
	var all []string
	var record []byte
	for more := true; more; {
		record, body, more = eio.NextRecord(body)
		all = append(all, string(record))
	}
	return all
}

// WIRE-02: a body is cut at its separators.
func TestNextRecord(t *testing.T) {
	tests := []struct {
		body string
		want []string
	}{
		{"", []string{""}},
		{"4hello", []string{"4hello"}},
		{"4hello\x1e2\x1e4world", []string{"4hello", "2", "4world"}},
		{"4€\x1ebAQID", []string{"4€", "bAQID"}},
		{"\x1e", []string{"", ""}},
		{"4a\x1e", []string{"4a", ""}},
		{"\x1e4a", []string{"", "4a"}},
		{"4a\x1e\x1e4b", []string{"4a", "", "4b"}},
		// B-28: there is no escape.
		{"4a\\\x1eb", []string{"4a\\", "b"}},
	}
	for _, tt := range tests {
		if got := split([]byte(tt.body)); !slices.Equal(got, tt.want) {
			t.Errorf("%q: %q, want %q", tt.body, got, tt.want)
		}
	}
	record, rest, more := eio.NextRecord([]byte("4a"))
	if string(record) != "4a" || rest != nil || more {
		t.Errorf("the last record is %q, then %q, %v", record, rest, more)
	}
}

// A record cannot be grown over the one behind it.
func TestNextRecordIsCapped(t *testing.T) {
	body := []byte("4a\x1e4b")
	record, _, _ := eio.NextRecord(body)
	_ = append(record, "XXX"...)
	if string(body) != "4a\x1e4b" {
		t.Errorf("append wrote into the body: %q", body)
	}
}

// WIRE-02: records are joined by one separator.
func TestAppendRecord(t *testing.T) {
	packets := []eio.Packet{
		{Type: eio.Message, Data: []byte("hello")},
		{Type: eio.Message, Binary: true, Data: []byte{1, 2, 3, 4}},
		{Type: eio.Message, Binary: true},
		{Type: eio.Noop},
	}
	var body []byte
	for i, p := range packets {
		before := len(body)
		body = eio.AppendRecord(body, i == 0, p)
		if got, want := eio.RecordSize(i == 0, p), len(body)-before; got != want {
			t.Errorf("RecordSize of %+v is %d, want %d", p, got, want)
		}
	}
	if want := "4hello\x1ebAQIDBA==\x1eb\x1e6"; string(body) != want {
		t.Errorf("%q, want %q", body, want)
	}
}

// FuzzPayload checks that splitting loses nothing and that what was read is
// written the same.
func FuzzPayload(f *testing.F) {
	for _, s := range []string{"", "4a", "4hello\x1e2\x1ebAQID", "\x1e", "4a\x1e", "\x1e\x1e4", "7\x1e4a", "b!\x1e4a"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if got, want := split(body), bytes.Split(body, []byte{eio.Separator}); len(got) != len(want) {
			t.Fatalf("%d records, want %d", len(got), len(want))
		}
		var again []byte
		rest, more := body, true
		for first := true; more; first = false {
			var record []byte
			record, rest, more = eio.NextRecord(rest)
			p, err := eio.ParseText(record)
			if err != nil {
				return
			}
			again = eio.AppendRecord(again, first, p)
		}
		if !bytes.Equal(again, body) {
			t.Fatalf("%q is written as %q", body, again)
		}
	})
}

func ExampleNextRecord() {
	body := []byte("4hello\x1e2probe\x1ebAQID")
	var record []byte
	for more := true; more; {
		record, body, more = eio.NextRecord(body)
		p, err := eio.ParseText(record)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%v %q\n", p.Type, p.Data)
	}
	// Output:
	// message "hello"
	// ping "probe"
	// message "\x01\x02\x03"
}

func ExampleAppendRecord() {
	body := eio.AppendRecord(nil, true, eio.Packet{Type: eio.Message, Data: []byte("hello")})
	body = eio.AppendRecord(body, false, eio.Packet{Type: eio.Message, Binary: true, Data: []byte{1, 2, 3}})
	fmt.Printf("%q\n", body)
	// Output: "4hello\x1ebAQID"
}
