package packet_test

import (
	"reflect"
	"testing"

	"github.com/go-socketio/socketio/packet"
)

type fieldsInner struct {
	Deep int `json:"deep"`
}

type fieldsOuter struct {
	*fieldsInner
	Name  string `json:"name,omitempty"`
	Count int64  `json:"count,string"`
	Skip  int    `json:"-"`
	plain int
}

// The fields of a struct as encoding/json sees them, for parsers of other formats.
func TestFields(t *testing.T) {
	v := fieldsOuter{Count: 3, plain: 1}
	fields := packet.FieldsOf(reflect.TypeOf(v))
	names := ""
	for _, f := range fields {
		names += f.Name + " "
	}
	if names != "deep name count " {
		t.Errorf("the fields are %s", names)
	}
	rv := reflect.ValueOf(&v).Elem()
	for name, want := range map[string]bool{"deep": false, "name": false, "COUNT": true} {
		f := fields.Find(name)
		if f == nil {
			t.Errorf("%s is not found", name)
		} else if _, ok := f.In(rv); ok != want {
			t.Errorf("%s is to be written: %v", name, ok)
		}
	}
	if !fields.Find("count").Quoted || fields.Find("Skip") != nil || fields.Find("plain") != nil {
		t.Error("wrong fields")
	}
	if _, err := fields.Find("deep").Reach(rv); err == nil {
		t.Error("an embedded pointer to a struct that is not exported was set")
	}
	at, err := fields.Find("name").Reach(rv)
	if err != nil {
		t.Fatal(err)
	}
	at.SetString("x")
	if v.Name != "x" || v.plain != 1 {
		t.Errorf("%+v", v)
	}
}
