package packet

import (
	"bytes"
	"iter"
	"slices"
)

// Args are the arguments of an event or ack: JSON values that [Parse] has
// checked and nobody has decoded yet. The zero value holds none. Args alias the
// packet they came from; [Args.Clone] makes them independent of it.
type Args struct {
	raw []byte // the values with the commas between them, no brackets
	n   int
}

// Len returns the number of arguments.
func (a Args) Len() int { return a.n }

// At returns the JSON of argument i, counted from 0, or nil if there is none.
// It skips those before it: to go through all, range over [Args.All].
func (a Args) At(i int) []byte {
	if i < 0 || i >= a.n {
		return nil
	}
	if a.n == 1 {
		return a.raw
	}
	for k, v := range a.All() {
		if k == i {
			return v
		}
	}
	return nil
}

// All yields each argument's position, from 0, and its JSON.
func (a Args) All() iter.Seq2[int, []byte] {
	return func(yield func(int, []byte) bool) {
		pos := 0
		for k := range a.n {
			end := skipValue(a.raw, pos)
			if !yield(k, a.raw[pos:end:end]) {
				return
			}
			// Between two values stand a comma and perhaps space.
			pos = skipSpace(a.raw, end)
			pos = skipSpace(a.raw, pos+1)
		}
	}
}

// Raw returns all arguments as they came: JSON values separated by commas,
// without the brackets of the array; nil for none.
func (a Args) Raw() []byte { return a.raw }

// Clone returns a copy that shares no memory with the packet.
func (a Args) Clone() Args {
	return Args{raw: bytes.Clone(a.raw), n: a.n}
}

// Values returns each argument as a *[Raw], ready to be sent on without having
// been decoded. attachments are those of the packet the arguments came with,
// nil if it had none.
func (a Args) Values(attachments [][]byte) []any {
	switch a.n {
	case 0:
		return nil
	case 1: // nearly every event has one argument: one piece of memory for all of it
		b := &struct {
			raw    Raw
			values [1]any
		}{raw: Raw{json: a.raw, attachments: attachments}}
		b.values[0] = &b.raw
		return b.values[:]
	}
	return a.AppendValues(make([]any, 0, a.n), make([]Raw, 0, a.n), attachments)
}

// AppendValues is [Args.Values] into memory of the caller's: it appends the
// values to dst, and what they point to to raws, neither of which may be in use
// behind its length.
func (a Args) AppendValues(dst []any, raws []Raw, attachments [][]byte) []any {
	if a.n == 1 { // without a look for where it ends
		raws = append(raws, Raw{json: a.raw, attachments: attachments})
		return append(dst, &raws[len(raws)-1])
	}
	raws = slices.Grow(raws, a.n) // at once, for nothing of it may move any more
	for _, v := range a.All() {
		raws = append(raws, Raw{json: v, attachments: attachments})
		dst = append(dst, &raws[len(raws)-1])
	}
	return dst
}

// Raw is one argument as it came from the wire: checked JSON and the
// attachments its placeholders name. Encoding it sends the same value again;
// the attachments get the numbers they have in the new packet. The zero Raw
// encodes as null. Made by [Args.Values].
type Raw struct {
	json        []byte
	attachments [][]byte
}

// JSON returns the text of the argument, placeholders and all.
func (r Raw) JSON() []byte { return r.json }

// Attachments returns those of the packet the argument came with.
func (r Raw) Attachments() [][]byte { return r.attachments }
