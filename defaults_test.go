package socketio_test

import (
	"reflect"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/internal/optionspage"
)

// The defaults that comments state in numbers are those that hold.
func TestDefaults(t *testing.T) {
	for name, s := range map[string]struct {
		v     any
		least int // proof that the comments are read right
	}{
		"Config":   {socketio.ConfigDefaults(), 7},
		"Recovery": {socketio.RecoveryDefaults(), 3},
	} {
		fields, err := optionspage.Fields(".", name)
		if err != nil {
			t.Fatal(err)
		}
		n, faults := optionspage.Wrong(fields, reflect.ValueOf(s.v))
		if n < s.least || len(faults) > 0 {
			t.Errorf("%s: %d numbers compared, wrong are %q", name, n, faults)
		}
	}
}
