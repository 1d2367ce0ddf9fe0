package eio_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/go-socketio/socketio/internal/eio"
)

func TestHandshake(t *testing.T) {
	tests := []struct {
		h    eio.Handshake
		want string
	}{
		{
			eio.Handshake{SID: "lv_VI97HAXpY6yYWAAAB", Upgrades: []string{"websocket"}, PingInterval: 25 * time.Second, PingTimeout: 20 * time.Second, MaxPayload: 1e6},
			`{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`,
		},
		{
			eio.Handshake{SID: `a"é`, Upgrades: []string{}, PingInterval: time.Millisecond, PingTimeout: 1999 * time.Microsecond},
			`{"sid":"a\"é","upgrades":[],"pingInterval":1,"pingTimeout":1,"maxPayload":0}`,
		},
		{
			eio.Handshake{SID: "x", Upgrades: []string{"websocket", "webtransport"}, PingInterval: time.Hour, PingTimeout: time.Hour},
			`{"sid":"x","upgrades":["websocket","webtransport"],"pingInterval":3600000,"pingTimeout":3600000,"maxPayload":0}`,
		},
	}
	for _, tt := range tests {
		got := eio.AppendHandshake([]byte("0"), tt.h)
		if string(got) != "0"+tt.want {
			t.Errorf("got  %s\nwant 0%s", got, tt.want)
		}
		back, err := eio.ParseHandshake(got[1:])
		tt.h.PingTimeout = tt.h.PingTimeout.Truncate(time.Millisecond)
		if err != nil || !reflect.DeepEqual(back, tt.h) {
			t.Errorf("%s: %+v, %v, want %+v", tt.want, back, err, tt.h)
		}
	}
	if got := eio.AppendHandshake(nil, eio.Handshake{SID: "\xff\x00<"}); !json.Valid(got) {
		t.Errorf("not JSON: %q", got)
	}
	// A server that says less, or more.
	h, err := eio.ParseHandshake([]byte(`{"sid":"x","upgrades":null,"pingInterval":1,"pingTimeout":2,"extra":{}}`))
	if want := (eio.Handshake{SID: "x", PingInterval: time.Millisecond, PingTimeout: 2 * time.Millisecond}); err != nil || !reflect.DeepEqual(h, want) {
		t.Errorf("%+v, %v", h, err)
	}
}

func TestParseHandshakeRefuses(t *testing.T) {
	for _, src := range []string{
		``, `null`, `[]`, `"x"`, `{}`, `{`, `{"sid":""}`, `{"sid":1,"pingInterval":1,"pingTimeout":1}`,
		`{"sid":"x"}`,
		`{"sid":"x","pingInterval":0,"pingTimeout":1}`,
		`{"sid":"x","pingInterval":1,"pingTimeout":-1}`,
		`{"sid":"x","pingInterval":1.5,"pingTimeout":1}`,
		`{"sid":"x","pingInterval":9223372036854775807,"pingTimeout":1}`,
		`{"sid":"x","pingInterval":1,"pingTimeout":1e30}`,
		`{"sid":"x","pingInterval":1,"pingTimeout":1,"maxPayload":-1}`,
		`{"sid":"x","pingInterval":1,"pingTimeout":1,"upgrades":"websocket"}`,
		`{"sid":"x","pingInterval":1,"pingTimeout":1}x`,
	} {
		if h, err := eio.ParseHandshake([]byte(src)); !errors.Is(err, eio.ErrHandshake) || h.SID != "" {
			t.Errorf("%s: %+v, %v", src, h, err)
		}
	}
}

func FuzzHandshake(f *testing.F) {
	f.Add([]byte(`{"sid":"x","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`))
	f.Add([]byte(`{"sid":"\u0000\ud800","pingInterval":1,"pingTimeout":9223372036854,"upgrades":[""]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := eio.ParseHandshake(b)
		if err != nil {
			return
		}
		text := eio.AppendHandshake(nil, h)
		again, err := eio.ParseHandshake(text)
		if len(h.Upgrades) == 0 {
			h.Upgrades = []string{} // null is written as an empty list
		}
		if err != nil || !reflect.DeepEqual(h, again) {
			t.Fatalf("%s: %+v, then %+v, %v", text, h, again, err)
		}
	})
}

func ExampleAppendHandshake() {
	fmt.Printf("%s\n", eio.AppendHandshake([]byte{byte(eio.Open)}, eio.Handshake{
		SID: "lv_VI97HAXpY6yYWAAAB", Upgrades: []string{"websocket"},
		PingInterval: 25 * time.Second, PingTimeout: 20 * time.Second, MaxPayload: 1e6,
	}))
	// Output: 0{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}
}
