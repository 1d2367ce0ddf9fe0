package engine_test

import (
	"reflect"
	"testing"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/internal/optionspage"
)

// The defaults that comments state in numbers are those that hold.
func TestDefaults(t *testing.T) {
	fields, err := optionspage.Fields(".", "Config")
	if err != nil {
		t.Fatal(err)
	}
	if n, faults := optionspage.Wrong(fields, reflect.ValueOf(engine.ConfigDefaults())); n < 7 || len(faults) > 0 {
		t.Errorf("%d numbers compared, wrong are %q", n, faults)
	}
}
