package msgpack

import (
	"encoding"
	"encoding/json"
	"reflect"
	"sync"
	"time"

	"github.com/go-socketio/socketio/packet"
)

var (
	rawType      = reflect.TypeFor[Raw]()
	extType      = reflect.TypeFor[Ext]()
	timeType     = reflect.TypeFor[time.Time]()
	numberType   = reflect.TypeFor[json.Number]()
	binaryType   = reflect.TypeFor[packet.Binary]()
	messageType  = reflect.TypeFor[json.RawMessage]()
	argumentType = reflect.TypeFor[*argument]()

	jsonMarshaler   = reflect.TypeFor[json.Marshaler]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// plainByte reports whether slices of t are binary data: bytes that do not
// write themselves.
func plainByte(t reflect.Type) bool {
	return t.Kind() == reflect.Uint8 && !reflect.PointerTo(t).Implements(jsonMarshaler) && !reflect.PointerTo(t).Implements(textMarshaler)
}

// known remembers the fields of struct types, of which a program has a bounded number.
var known sync.Map // reflect.Type → packet.Fields

func fieldsOf(t reflect.Type) packet.Fields {
	if f, ok := known.Load(t); ok {
		return f.(packet.Fields)
	}
	f := packet.FieldsOf(t)
	known.Store(t, f)
	return f
}
