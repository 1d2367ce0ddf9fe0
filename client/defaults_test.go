package client

import (
	"reflect"
	"testing"

	"github.com/go-socketio/socketio/internal/optionspage"
)

// The defaults that comments state in numbers are those that hold.
func TestDefaults(t *testing.T) {
	fields, err := optionspage.Fields(".", "Config")
	if err != nil {
		t.Fatal(err)
	}
	if n, faults := optionspage.Wrong(fields, reflect.ValueOf(Config{}.withDefaults())); n < 10 || len(faults) > 0 {
		t.Errorf("%d numbers compared, wrong are %q", n, faults)
	}
}

// What the Config says reaches the layer below.
func TestEngineSettings(t *testing.T) {
	cfg := Config{Path: "x"}.withDefaults()
	v := reflect.ValueOf(&cfg).Elem()
	e := reflect.ValueOf(cfg.engine())
	shared := 0
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		below := e.FieldByName(name)
		if !below.IsValid() || name == "MaxQueuedBytes" {
			continue
		}
		shared++
		if field := v.Field(i); field.Kind() == reflect.Bool {
			field.SetBool(true)
			if !reflect.ValueOf(cfg.engine()).FieldByName(name).Bool() {
				t.Errorf("%s is not handed on", name)
			}
			field.SetBool(false)
		} else if field.Comparable() && field.Kind() != reflect.Func && !field.Equal(below) {
			t.Errorf("%s: %v becomes %v", name, field, below)
		}
	}
	if shared < 15 {
		t.Errorf("only %d fields are shared", shared)
	}
	if cfg.Path != "/x" {
		t.Errorf("the path is %q", cfg.Path)
	}
}
