package socketio_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/siotest"
)

// violations is what a client may not send, each a list of packets of one
// connection that has joined "/". A packet that begins with "b:" is binary.
var violations = [][]string{
	// Not Socket.IO at all.
	{"4"}, {"47"}, {"49"}, {"4a"}, {"4-1"}, {"4 2[\"a\"]"}, {"4{}"}, {"4[]"}, {"4\"2\""}, {"4\u20ac"},
	// CONNECT: B-59, B-60.
	{"40[]"}, {"40null"}, {`40"x"`}, {"401"}, {"40{"}, {"40{}x"}, {"40{} {}"}, {`40{"a":}`}, {"40"}, {"40{}"},
	{"40/nope,[]"}, {"40/nope,12{}"},
	// DISCONNECT has no payload and no id; for another namespace: B-60, P15.
	{"41{}"}, {"4112"}, {"41x"}, {"41/nope"}, {"41/nope,"},
	// EVENT: B-69, B-71, P4, P6.
	{"42"}, {"420"}, {"42[]"}, {"42[null]"}, {"42[{}]"}, {"42[[]]"}, {"42[true]"}, {"42{}"}, {`42"x"`}, {"42null"}, {"421"},
	{`42["a"`}, {`42["a",]`}, {`42["a"]]`}, {`42["a"] x`}, {`42["a"]{}`}, {`42["a"]["b"]`}, {`42['a']`}, {`42["a",undefined]`},
	{`42["a",01]`}, {`42["a",NaN]`}, {`42["a",.5]`}, {"42[\"a\nb\"]"}, {`42["\ud"]`}, {`42["\x41"]`}, {`42[,"a"]`}, {`42["a"`},
	{`42-1["a"]`}, {`42+1["a"]`}, {`421.5["a"]`}, {`421e0["a"]`}, {`42123456789012345678901["a"]`}, {`4299999999999999999999["a"]`},
	{"42" + strings.Repeat("[", 20_000)}, {`42["a",` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "]"},
	// Reserved names: B-70, EVT-06.
	{`42["connect"]`}, {`42["connect_error"]`}, {`42["disconnect"]`}, {`42["disconnecting"]`}, {`42["newListener"]`}, {`42["removeListener"]`},
	{`42["\u0063onnect"]`}, {`451-["disconnect",{"_placeholder":true,"num":0}]`},
	// ACK: B-71.
	{"43"}, {"431"}, {"431{}"}, {"431null"}, {`431"x"`}, {"431[]x"}, {"431["}, {"43-1[]"},
	// CONNECT_ERROR is the server's: B-60.
	{"44"}, {`44{"message":"x"}`}, {`44"x"`}, {"44/nope,"},
	// Attachment counts: B-63, P9.
	{`45["a"]`}, {`45-["a"]`}, {`450-["a"]`}, {`45-1-["a"]`}, {`451.5-["a"]`}, {`451e0-["a"]`}, {`45 1-["a"]`}, {`4511-["a"]`}, {`451`},
	{`4599999999999999999999-["a"]`}, {`4501-["a"]`}, {`461-`}, {`460-1[]`}, {`4611-1[]`}, {`46["a"]`},
	// Placeholders: B-64, P11.
	{`451-["a",{"_placeholder":true,"num":"0"}]`}, {`451-["a",{"_placeholder":true,"num":-1}]`}, {`451-["a",{"_placeholder":true,"num":5}]`},
	{`451-["a",{"_placeholder":true,"num":0.5}]`}, {`451-["a",{"_placeholder":true,"num":1e0}]`}, {`451-["a",{"_placeholder":true}]`},
	{`451-["a",{"_placeholder":true,"num":null}]`}, {`451-["a",{"_placeholder":true,"num":4294967296}]`},
	{`451-["a",{"_placeholder":true,"num":99999999999999999999}]`}, {`461-1[{"_placeholder":true,"num":7}]`},
	// Attachments: B-67, P8.
	{"b:"}, {"b:stray"}, {`451-["a",{"_placeholder":true,"num":0}]`, `42["b"]`}, {`451-["a",{"_placeholder":true,"num":0}]`, "40/x,"},
	{`451-["a",{"_placeholder":true,"num":0}]`, `451-["a",{"_placeholder":true,"num":0}]`},
	{`451-["a",{"_placeholder":true,"num":0}]`, "b:1", "b:2"}, {`42["a"]`, "b:1"},
	// A namespace that the client is not in: B-60, P15.
	{`42/nope,["a"]`}, {`42/x,["a"]`}, {"43/x,1[]"}, {`451-/x,["a",{"_placeholder":true,"num":0}]`, "b:1"}, {"41", `42["a"]`}, {"41", "41"}, {"41", "431[]"},
	{"42/" + strings.Repeat("x", 600) + `,["a"]`}, {"40/" + strings.Repeat("x", 600)},
}

// WIRE-08 B-61 B-57 to B-71, P4, P6, P8, P9, P11, P15: whoever breaks the protocol loses the
// whole connection, with the reason "forced close", and nobody else notices.
func TestViolations(t *testing.T) {
	for _, transport := range []string{engine.WebSocket, engine.Polling} {
		t.Run(transport, func(t *testing.T) {
			var bad atomic.Int64
			reasons := make(chan socketio.DisconnectReason, 10)
			srv, ts := start(t, socketio.Config{
				Hooks: socketio.Hooks{BadPacket: func(_ *engine.Session, err error) {
					if err == nil {
						t.Error("a bad packet without an error")
					}
					bad.Add(1)
				}},
			}, func(srv *socketio.Server) {
				srv.Of("/").Handle("echo", echo)
				srv.Of("/x")
				srv.Of("/").OnDisconnect(func(_ *socketio.Socket, why socketio.DisconnectReason) { reasons <- why })
			})
			bystander := ts.Dial(t, "/x", nil)
			for i, packets := range violations {
				name := fmt.Sprintf("%.60q", packets)
				c := ts.Open(t, siotest.Options{Transport: transport})
				c.Connect("/", nil)
				var last error
				for _, p := range packets {
					if bin, ok := strings.CutPrefix(p, "b:"); ok {
						last = c.SendBinary([]byte(bin))
					} else {
						last = c.Send(p)
					}
				}
				if transport == engine.Polling && last != nil {
					// The POST itself is well-formed and answered.
					t.Errorf("%s: %v", name, last)
				}
				want := socketio.ForcedClose
				if packets[0] == "41" {
					want = socketio.ClientNamespaceDisconnect
				}
				if why := get(t, reasons); why != want {
					t.Errorf("%s: the socket saw %q, want %q", name, why, want)
				}
				c.WaitClosed()
				if n := bad.Load(); n != int64(i+1) {
					t.Fatalf("%s: %d violations reported, want %d", name, n, i+1)
				}
			}
			bystander.Quiet()
			if n := srv.Of("/").Len(); n != 0 {
				t.Errorf("%d sockets are left", n)
			}
		})
	}
}

// harmless is what looks odd and is not forbidden. The connection has joined "/".
var harmless = [][]string{
	{"40/nope"},                    // refused, no more
	{"43[]"}, {"439[]"}, {"430[]"}, // B-73: acks that nobody waits for, or without an id
	{"4318446744073709551615[1,2]"}, // the largest id
	{`461-9[{"_placeholder":true,"num":0}]`, "b:1"},
	{`42["unheard"]`}, {`425["unheard",1]`}, {`42[5]`}, {`42[1.5e3,"x"]`}, {`42[""]`}, {`42["error",{}]`}, {`42["connection"]`}, // B-69, B-70
	{`42 ["a"]`}, {`42["a"] `}, {"42[\"a\"]\n"}, {`42[ "a" , 1 ]`},
	{`42/,["a"]`}, {`42/,7["a"]`},
	{`42["__proto__"]`}, {`42["constructor",{"__proto__":{"a":1}}]`}, {`42["toString"]`},
	{`42["a",{"_placeholder":true,"num":7}]`},           // B-65
	{`451-["a"]`, "b:1"},                                // announced, sent, and not used
	{`451-["a",{"_placeholder":false,"num":7}]`, "b:1"}, // no placeholder
	{`452-["a",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]]`, "b:1", "b:2"},
	{`451-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]`, "b:1"}, // B-66
	{`451-["a",{"_placeholder":true,"num":0}]`, "3", "b:1"},                          // B-53: a heartbeat in between
	{"3"}, {"6"}, {"5"}, {"40/nope,", "3"},
}

// B-65 B-73: what is odd and does no harm.
func TestHarmless(t *testing.T) {
	onEach(t, func(t *testing.T, opt siotest.Options) {
		_, ts := start(t, socketio.Config{}, func(srv *socketio.Server) { srv.Of("/").Handle("echo", echo) })
		c := ts.Open(t, opt)
		cl := c.Connect("/", nil)
		for _, packets := range harmless {
			for _, p := range packets {
				var err error
				if bin, ok := strings.CutPrefix(p, "b:"); ok {
					err = c.SendBinary([]byte(bin))
				} else {
					err = c.Send(p)
				}
				if err != nil {
					t.Fatalf("%q: %v", packets, err)
				}
			}
			if alive(t, cl); t.Failed() {
				t.Fatalf("after %q", packets)
			}
		}
	})
}
