package eio_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-socketio/socketio/internal/eio"
)

func text3(s string) eio.Packet { return eio.Packet{Type: eio.Message, Data: []byte(s)} }

func bytes3(b ...byte) eio.Packet { return eio.Packet{Type: eio.Message, Binary: true, Data: b} }

// WIRE-03 B-31: lengths count UTF-16 code units, and bytes are base64.
func TestRecord3(t *testing.T) {
	for want, p := range map[string]eio.Packet{
		"6:4hello":                            text3("hello"),
		"2:4€":                                text3("€"),
		"3:4😀":                                text3("😀"),
		"1:4":                                 text3(""),
		"1:2":                                 {Type: eio.Ping},
		"10:b4AQIDBA==":                       bytes3(1, 2, 3, 4),
		"2:b4":                                bytes3(),
		"101:4" + sized(100):                  text3(sized(100)),
		"14:b4" + "AQIDBAUGBwgJ":              bytes3(1, 2, 3, 4, 5, 6, 7, 8, 9),
		"6:5probe":                            {Type: eio.Upgrade, Data: []byte("probe")},
		"5:4ä한😀":                              text3("ä한😀"),
		"7:4a\x1eb\x00\n\u2028":               text3("a\x1eb\x00\n\u2028"),
		"4:4\u00e4\u00e4\u00e4":               text3("äää"),
		"12:4" + strings.Repeat("😀", 5) + "x": text3(strings.Repeat("😀", 5) + "x"),
	} {
		if got := string(eio.AppendRecord3(nil, p)); got != want {
			t.Errorf("%+v is written %q, want %q", p, got, want)
		}
		record, rest, err := eio.NextText3([]byte(want + "1:3"))
		if err != nil || string(rest) != "1:3" {
			t.Errorf("%q: rest %q, error %v", want, rest, err)
			continue
		}
		if got, err := eio.ParseText3(record); err != nil || !same(got, p) {
			t.Errorf("%q is read as %+v (%v), want %+v", want, got, err, p)
		}
	}
}

func sized(n int) string { return strings.Repeat("x", n) }

func same(a, b eio.Packet) bool {
	return a.Type == b.Type && a.Binary == b.Binary && bytes.Equal(a.Data, b.Data)
}

// WIRE-03: what is no body of protocol 3.
func TestBadBody3(t *testing.T) {
	for body, want := range map[string]error{
		"":              eio.ErrEmptyPayload,
		"abc":           eio.ErrRecordLength,
		":4":            eio.ErrRecordLength,
		"6":             eio.ErrRecordLength,
		"6:4hell":       eio.ErrRecordLength,
		"2:4😀":          eio.ErrRecordLength, // in the midst of a pair of surrogates
		"-1:4":          eio.ErrRecordLength,
		"1e0:4":         eio.ErrRecordLength,
		" 1:4":          eio.ErrRecordLength,
		"1000000000:4":  eio.ErrRecordLength,
		"9999999999999": eio.ErrRecordLength,
	} {
		if _, _, err := eio.NextText3([]byte(body)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", body, err, want)
		}
	}
	for body, want := range map[string]error{
		"":              eio.ErrEmptyPayload,
		"\x00":          eio.ErrRecordLength,
		"\x00\xff4":     eio.ErrRecordLength,
		"\x00\x02\xff4": eio.ErrRecordLength,
		"\x02\x01\xff4": eio.ErrRecordLength,
		"\x00\x0a\xff4": eio.ErrRecordLength,
		"\x0014:":       eio.ErrRecordLength,
		"\x01\x09\x09\x09\x09\x09\x09\x09\x09\x09\x09\xff4": eio.ErrRecordLength,
	} {
		if _, _, _, err := eio.NextBinary3([]byte(body)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", body, err, want)
		}
	}
	for text, want := range map[string]error{
		"": eio.ErrEmptyPacket, "7": eio.ErrUnknownType, "b": eio.ErrUnknownType, "b2AQ==": eio.ErrUnknownType,
		"b4!": eio.ErrBadBase64, "x": eio.ErrUnknownType,
	} {
		if _, err := eio.ParseText3([]byte(text)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
	for data, want := range map[string]error{"": eio.ErrEmptyPacket, "\x02": eio.ErrUnknownType, "4abc": eio.ErrUnknownType, "\xd4": eio.ErrUnknownType} {
		if _, err := eio.ParseBinary3([]byte(data)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", data, err, want)
		}
	}
}

// WIRE-03: the binary form of a body, as the protocol's document has it.
func TestBinaryBody3(t *testing.T) {
	body := eio.AppendBinaryRecord3(nil, text3("hello"))
	body = eio.AppendBinaryRecord3(body, bytes3(1, 2, 3, 4))
	body = eio.AppendBinaryRecord3(body, text3("€"))
	want := "\x00\x06\xff4hello" + "\x01\x05\xff\x04\x01\x02\x03\x04" + "\x00\x04\xff4€"
	if string(body) != want {
		t.Fatalf("%q, want %q", body, want)
	}
	for _, p := range []eio.Packet{text3("hello"), bytes3(1, 2, 3, 4), text3("€")} {
		record, binary, rest, err := eio.NextBinary3(body)
		if err != nil {
			t.Fatal(err)
		}
		parse := eio.ParseText3
		if binary {
			parse = eio.ParseBinary3
		}
		if got, err := parse(record); err != nil || !same(got, p) {
			t.Errorf("%q is read as %+v (%v), want %+v", record, got, err, p)
		}
		body = rest
	}
}

// FuzzText3 checks that a text body is read in bounds and written the same,
// but for zeros before a length and records that mean nothing.
func FuzzText3(f *testing.F) {
	for _, s := range []string{"", "6:4hello", "2:4€1:2", "3:4😀", "10:b4AQIDBA==", "0:1:3", "01:4", "2:4😀", "9:4"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !utf8.Valid(body) {
			return
		}
		var read []eio.Packet
		for more := true; more; more = len(body) > 0 {
			record, rest, err := eio.NextText3(body)
			if err != nil {
				return
			}
			if len(rest) >= len(body) {
				t.Fatal("no progress")
			}
			body = rest
			if len(record) == 0 {
				continue
			}
			p, err := eio.ParseText3(record)
			if err != nil {
				return
			}
			read = append(read, p)
		}
		var again []byte
		for _, p := range read {
			again = eio.AppendRecord3(again, p)
		}
		for _, p := range read {
			record, rest, err := eio.NextText3(again)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := eio.ParseText3(record); err != nil || !same(got, p) {
				t.Fatalf("%+v comes back as %+v (%v)", p, got, err)
			}
			again = rest
		}
	})
}

// FuzzBinary3 checks the same of a binary body.
func FuzzBinary3(f *testing.F) {
	for _, s := range []string{"", "\x00\x06\xff4hello", "\x01\x05\xff\x04\x01\x02\x03\x04", "\x00\x00\xff", "\x01\x09\x09\x09\xff\x04"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for more := true; more; more = len(body) > 0 {
			record, binary, rest, err := eio.NextBinary3(body)
			if err != nil {
				return
			}
			if len(record)+len(rest)+3 > len(body) {
				t.Fatalf("%d bytes of %d are left", len(rest), len(body))
			}
			body = rest
			parse := eio.ParseText3
			if binary {
				parse = eio.ParseBinary3
			}
			p, err := parse(record)
			if err != nil {
				return
			}
			again, wasBinary, end, err := eio.NextBinary3(eio.AppendBinaryRecord3(nil, p))
			if err != nil || len(end) != 0 || wasBinary != p.Binary {
				t.Fatalf("%+v cannot be read again: %v", p, err)
			}
			if wasBinary == binary && !bytes.Equal(again, record) {
				t.Fatalf("%q is written %q", record, again)
			}
		}
	})
}

// B-35: the script of a JSONP answer is JavaScript of any age, and says what
// the body says.
func TestJSONP(t *testing.T) {
	for payload, want := range map[string]string{
		"4a":                     `___eio[3]("4a");`,
		"\"\\\n\r\t\b\f\x1e\x00": `___eio[3]("\"\\\n\r\t\b\f\u001e\u0000");`,
		"a\u2028\u2029\u2027é€😀": `___eio[3]("a\u2028\u2029` + "\u2027é€😀" + `");`,
		"\u00a8\u00a9\u2128":     `___eio[3]("` + "\u00a8\u00a9\u2128" + `");`,
	} {
		got := string(eio.AppendJSONP(nil, "3", []byte(payload)))
		if got != want {
			t.Errorf("%q is written %s, want %s", payload, got, want)
		}
		var back string
		if err := json.Unmarshal([]byte(got[len("___eio[3]("):len(got)-2]), &back); err != nil || back != payload {
			t.Errorf("%s says %q (%v), want %q", got, back, err, payload)
		}
	}
	if got := string(eio.AppendJSONP(nil, `1];alert("2")//`, nil)); got != `___eio[12]("");` {
		t.Errorf("an index with code in it is written %s", got)
	}
}

// B-35: line ends in forms.
func TestFormPayload(t *testing.T) {
	for form, want := range map[string]string{
		"d=6%3A4hello":       "6:4hello",
		"d=4a%5Cnb":          "4a\nb",
		"d=4a%5C%5Cnb":       `4a\nb`,
		"d=4a%5C%5C%5Cnb":    `4a\\nb`,
		"d=4a%5C%5Cb%5C":     `4a\\b\`,
		"x=1&d=4a+%2B+b&y=2": "4a + b",
		"d=":                 "",
		"d=4a;b":             "4a;b",
	} {
		if got, ok, err := eio.FormPayload([]byte(form)); err != nil || !ok || string(got) != want {
			t.Errorf("%q is %q (%v, %v), want %q", form, got, ok, err, want)
		}
	}
	for _, form := range []string{"", "4a", "x=1", "d=1&d=2", "dd=1"} {
		if _, ok, err := eio.FormPayload([]byte(form)); ok || err != nil {
			t.Errorf("%q has a payload (%v)", form, err)
		}
	}
	for _, form := range []string{"d=%", "d=%zz", "d=%ff"} {
		if _, _, err := eio.FormPayload([]byte(form)); !errors.Is(err, eio.ErrForm) {
			t.Errorf("%q: %v, want %v", form, err, eio.ErrForm)
		}
	}
}

// FuzzJSONP checks that any text survives the way to a script, and the way
// back through a form.
func FuzzJSONP(f *testing.F) {
	for _, s := range []string{"4a", "\u2028\u2029", `\n`, "\n", `\\n\`, "\x1e\"", "€😀"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, _, _ = eio.FormPayload([]byte(text))
		if !utf8.ValidString(text) {
			return
		}
		script := eio.AppendJSONP(nil, "0", []byte(text))
		if bytes.ContainsAny(script, "\u2028\u2029\n\r") {
			t.Fatalf("%q holds a line end", script)
		}
		var back string
		if err := json.Unmarshal(script[len("___eio[0]("):len(script)-2], &back); err != nil || back != text {
			t.Fatalf("%q says %q (%v)", script, back, err)
		}
	})
}
