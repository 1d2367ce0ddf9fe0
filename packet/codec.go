package packet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"sync"
)

// Binary is bytes that travel as an attachment wherever they stand, in the
// field of a struct too. A plain []byte does so as an argument of its own and
// wherever it is reached through an interface ([]any, map[string]any); as the
// field of a struct it is a base64 string, as encoding/json has it.
type Binary []byte

// Codec turns Go values into arguments and back. The zero value is ready to
// use. It is safe for concurrent use, must not be copied, and remembers which
// Go types may hold binary data, so one Codec should serve a whole server or
// client.
type Codec struct {
	// MaxAttachments is the most attachments one packet is encoded with; below
	// 1 it is 10, which is what the official peers accept: a packet with more
	// ends the connection of everyone who receives it.
	MaxAttachments int
	// JSON changes how values become JSON, and back.
	JSON JSON

	holds   sync.Map // reflect.Type → bool: may a value of it hold binary data
	opaques sync.Map // reflect.Type → bool: does it have JSON methods of its own
	structs sync.Map // reflect.Type → *structShape
	anys    sync.Map // reflect.Type → bool: may JSON.Revive find something in it
}

// AppendEvent appends a whole event packet to dst. If args hold binary data it
// is a BINARY_EVENT, and the attachments are returned in the order in which
// they must follow the text; they alias the bytes in args, which must not
// change until they are sent.
//
// Strings, booleans, numbers, nil, json.RawMessage (checked, then copied as it
// is), []byte, [Raw], maps and slices of any are written directly; every other
// type as encoding/json would, without HTML escapes. A [Tuple] stands for its
// values. nil []byte is null.
//
// Refused are reserved names ([ErrReservedEvent]), more attachments than
// [Codec.MaxAttachments] ([ErrTooManyAttachments]), JSON that poses as an
// attachment beside real ones ([ErrPlaceholder]), and values with no JSON form,
// such as NaN, a channel, a cycle or invalid RawMessage, with an
// [*ArgumentError]. On an error dst is returned as it was given.
func (c *Codec) AppendEvent(dst []byte, nsp string, id uint64, hasID bool, event string, args []any) (text []byte, attachments [][]byte, err error) {
	if IsReserved(event) {
		return dst, nil, fmt.Errorf("packet: event %q: %w", event, ErrReservedEvent)
	}
	e := encoder{codec: c, dst: AppendHeader(dst, Event, 0, nsp, id, hasID)}
	e.open()
	e.dst = appendString(e.dst, event)
	if err := e.arguments(event, args, true); err != nil {
		return dst, nil, err
	}
	e.dst = append(e.dst, ']')
	if err := e.finish(len(dst), BinaryEvent); err != nil {
		return dst, nil, fmt.Errorf("packet: event %q: %w", event, err)
	}
	return e.dst, e.attachments, nil
}

// AppendAck appends a whole ack packet, as [Codec.AppendEvent] does an event.
func (c *Codec) AppendAck(dst []byte, nsp string, id uint64, args []any) (text []byte, attachments [][]byte, err error) {
	e := encoder{codec: c, dst: AppendHeader(dst, Ack, 0, nsp, id, true)}
	e.open()
	if err := e.arguments("", args, false); err != nil {
		return dst, nil, err
	}
	e.dst = append(e.dst, ']')
	if err := e.finish(len(dst), BinaryAck); err != nil {
		return dst, nil, fmt.Errorf("packet: ack: %w", err)
	}
	return e.dst, e.attachments, nil
}

// encoder is the state of one packet being written.
type encoder struct {
	codec       *Codec
	dst         []byte
	attachments [][]byte
	// body is where the JSON begins in dst; a namespace may hold brackets too.
	body int
	// placed counts the placeholders written, to find those smuggled in.
	placed int
	// loose says that JSON was written which may pose as a placeholder: any that
	// has objects of somebody else's making.
	loose bool
}

// open begins the array all arguments stand in.
func (e *encoder) open() {
	e.body = len(e.dst)
	e.dst = append(e.dst, '[')
}

// arguments writes the values; comma says whether one stands before the first.
func (e *encoder) arguments(event string, args []any, comma bool) error {
	n := 0
	for _, arg := range args {
		if t, ok := arg.(Tuple); ok && !nilPointer(arg) {
			for _, v := range t.Values() {
				if err := e.argument(event, n, v, comma || n > 0); err != nil {
					return err
				}
				n++
			}
			continue
		}
		if err := e.argument(event, n, arg, comma || n > 0); err != nil {
			return err
		}
		n++
	}
	return nil
}

func (e *encoder) argument(event string, n int, v any, comma bool) error {
	if comma {
		e.dst = append(e.dst, ',')
	}
	if e.codec.JSON.Replace != nil {
		var err error
		if v, err = e.codec.replace("", v, 0); err != nil {
			return &ArgumentError{Event: event, Index: n + 1, Err: err}
		}
	}
	if err := e.value(v, 0); err != nil {
		return &ArgumentError{Event: event, Index: n + 1, Err: err}
	}
	return nil
}

// finish turns the packet that begins at start into its binary type if it has
// attachments.
func (e *encoder) finish(start int, binary Type) error {
	n := len(e.attachments)
	if n == 0 {
		return nil
	}
	limit := e.codec.MaxAttachments
	if limit < 1 {
		limit = 10
	}
	if n > limit {
		return fmt.Errorf("%w: %d, the bound is %d", ErrTooManyAttachments, n, limit)
	}
	// Data from elsewhere that looks like a placeholder would be replaced by
	// the receiver with bytes it was never meant to be, or end its connection.
	text := e.dst[e.body:]
	if e.loose && (bytes.Count(text, []byte("_placeholder")) != e.placed || bytes.Contains(text, []byte(`\u`))) {
		found := findPlaceholders(nil, text)
		for _, p := range found {
			// One of another form may have ours inside it.
			var own [64]byte
			if string(text[p.start:p.end]) != string(appendPlaceholder(own[:0], p.num)) {
				return ErrPlaceholder
			}
		}
		if len(found) != e.placed {
			return ErrPlaceholder
		}
	}
	var count [20]byte
	insert := append(strconv.AppendInt(count[:0], int64(n), 10), '-')
	e.dst[start] = '0' + byte(binary)
	e.dst = slices.Insert(e.dst, start+1, insert...)
	return nil
}

// attach writes a placeholder for b.
func (e *encoder) attach(b []byte) {
	e.place(len(e.attachments))
	e.attachments = append(e.attachments, b)
}

func (e *encoder) place(num int) {
	e.dst = appendPlaceholder(e.dst, num)
	e.placed++
}

func appendPlaceholder(dst []byte, num int) []byte {
	dst = append(dst, `{"_placeholder":true,"num":`...)
	dst = strconv.AppendInt(dst, int64(num), 10)
	return append(dst, '}')
}

// appendJSON appends v as plain JSON, as an argument without attachments is
// written: bytes become base64 strings.
func appendJSON(dst []byte, v any) ([]byte, error) {
	s := jsonSinks.Get().(*jsonSink)
	s.dst = dst
	err := s.enc.Encode(v)
	out := s.dst
	s.dst = nil
	jsonSinks.Put(s)
	if err != nil {
		return dst, err
	}
	out = out[:len(out)-1] // Encode ends with a newline
	if err := checkText(out[len(dst):]); err != nil {
		return dst, err
	}
	return out, nil
}

// jsonSink is an encoder that appends to a slice.
type jsonSink struct {
	dst []byte
	enc *json.Encoder
}

func (s *jsonSink) Write(p []byte) (int, error) {
	s.dst = append(s.dst, p...)
	return len(p), nil
}

// jsonSinks spares the encoder and its settings for each value; it is the only
// way to write JSON without HTML escapes.
var jsonSinks = sync.Pool{New: func() any {
	s := &jsonSink{}
	s.enc = json.NewEncoder(s)
	s.enc.SetEscapeHTML(false)
	return s
}}

// nilPointer keeps methods with value receivers from being called on nothing.
func nilPointer(v any) bool {
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}
