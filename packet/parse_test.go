package packet_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-socketio/socketio/packet"
)

// outline writes a header in one line, for tables.
func outline(h packet.Header) string {
	var b strings.Builder
	b.WriteString(h.Type.String())
	if h.Attachments > 0 {
		fmt.Fprintf(&b, " %d-", h.Attachments)
	}
	if h.Namespace != nil {
		fmt.Fprintf(&b, " nsp=%s", h.Namespace)
	}
	if h.HasID {
		fmt.Fprintf(&b, " id=%d", h.ID)
	}
	if h.Name != nil {
		fmt.Fprintf(&b, " name=%s", h.Name)
	}
	for i, arg := range h.Args.All() {
		fmt.Fprintf(&b, " %d:%s", i, arg)
	}
	if h.Payload != nil && h.Name == nil && h.Args.Len() == 0 {
		fmt.Fprintf(&b, " payload=%s", h.Payload)
	}
	return b.String()
}

// WIRE-05: packets of every type, and what is in them.
func TestParse(t *testing.T) {
	tests := []struct{ src, want string }{
		// The examples of the protocol, without the Engine.IO type.
		{`0`, `CONNECT`},
		{`0{"token":"x"}`, `CONNECT payload={"token":"x"}`},
		{`0{"sid":"abc","pid":"d"}`, `CONNECT payload={"sid":"abc","pid":"d"}`},
		{`0/admin,`, `CONNECT nsp=/admin`},
		{`0/admin,{}`, `CONNECT nsp=/admin payload={}`},
		{`4/admin,{"message":"Not authorized"}`, `CONNECT_ERROR nsp=/admin payload={"message":"Not authorized"}`},
		{`4"Not authorized"`, `CONNECT_ERROR payload="Not authorized"`},
		{`4`, `CONNECT_ERROR`},
		{`2["a",1]`, `EVENT name=a 0:1`},
		{`212["a"]`, `EVENT id=12 name=a`},
		{`312["ok"]`, `ACK id=12 0:"ok"`},
		{`1/admin,`, `DISCONNECT nsp=/admin`},
		{`1`, `DISCONNECT`},
		{`51-["f",{"_placeholder":true,"num":0}]`, `BINARY_EVENT 1- name=f 0:{"_placeholder":true,"num":0}`},
		{`61-/admin,456[{"_placeholder":true,"num":0}]`, `BINARY_ACK 1- nsp=/admin id=456 0:{"_placeholder":true,"num":0}`},
		{`2/admin,456["project:delete",123]`, `EVENT nsp=/admin id=456 name=project:delete 0:123`},

		// B-57: the comma may be missing at the end; the main namespace may be spelled out.
		{`0/nope`, `CONNECT nsp=/nope`},
		{`1/admin`, `DISCONNECT nsp=/admin`},
		{`0/`, `CONNECT`},
		{`0/,`, `CONNECT`},
		{`2/,["a"]`, `EVENT name=a`},
		{`2/,7["a"]`, `EVENT id=7 name=a`},
		// B-58: a query is part of the name.
		{`0/?a=b`, `CONNECT nsp=/?a=b`},
		{`0/x?token=1&y=2,{"a":1}`, `CONNECT nsp=/x?token=1&y=2 payload={"a":1}`},
		{`2/0,["a"]`, `EVENT nsp=/0 name=a`},

		// B-63: up to ten attachments by default.
		{`510-["f"]`, `BINARY_EVENT 10- name=f`},
		// B-64, B-66, P11: placeholders.
		{`51-["f",{"num":0,"_placeholder":true,"more":1}]`, `BINARY_EVENT 1- name=f 0:{"num":0,"_placeholder":true,"more":1}`},
		{`51-["f",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]`, `BINARY_EVENT 1- name=f 0:{"_placeholder":true,"num":0} 1:{"_placeholder":true,"num":0}`},
		{`51-["f",{"_placeholder":true,"num":9,"num":0}]`, `BINARY_EVENT 1- name=f 0:{"_placeholder":true,"num":9,"num":0}`},
		{`51-["f",{"_placeholder":"true","num":9}]`, `BINARY_EVENT 1- name=f 0:{"_placeholder":"true","num":9}`},
		{`51-["f",{"_placeholder":true,"_placeholder":false,"num":9}]`, `BINARY_EVENT 1- name=f 0:{"_placeholder":true,"_placeholder":false,"num":9}`},
		{`51-["f","_placeholder",true,"num",9]`, `BINARY_EVENT 1- name=f 0:"_placeholder" 1:true 2:"num" 3:9`},
		// B-65: in a plain event they are data.
		{`2["f",{"_placeholder":true,"num":-1}]`, `EVENT name=f 0:{"_placeholder":true,"num":-1}`},

		// B-69: names may be numbers, other reserved-looking names are free (B-70).
		{`2[1,2]`, `EVENT name=1 0:2`},
		{`2[-1.5e3]`, `EVENT name=-1.5e3`},
		{`2[0]`, `EVENT name=0`},
		{`2[""]`, `EVENT name=`},
		{`2["error",1]`, `EVENT name=error 0:1`},
		{`2["connection"]`, `EVENT name=connection`},
		{`2["Connect"]`, `EVENT name=Connect`},
		{`2["connect "]`, `EVENT name=connect `},
		{`2["connecting"]`, `EVENT name=connecting`},
		{`2["a\"b\u00e9\ud83d\ude00\/\\\n\t\r\b\f"]`, "EVENT name=a\"bé😀/\\\n\t\r\b\f"},
		{`2["\ud800x\udc00\ud800\u0041"]`, "EVENT name=\ufffdx\ufffd\ufffdA"},

		// P3, P7: null and nothing are arguments like others.
		{`2["x",null]`, `EVENT name=x 0:null`},
		{`3[]`, `ACK payload=[]`},
		{`37[]`, `ACK id=7 payload=[]`},
		{`37[null,[],{}]`, `ACK id=7 0:null 1:[] 2:{}`},
		// B-73: an ack without an id is for the caller to ignore.
		{`3["x"]`, `ACK 0:"x"`},

		// B-72: ids.
		{`20["a"]`, `EVENT id=0 name=a`},
		{`30[]`, `ACK id=0 payload=[]`},
		{`2007["a"]`, `EVENT id=7 name=a`},
		{`29007199254740993["a"]`, `EVENT id=9007199254740993 name=a`},
		{`218446744073709551615["a"]`, `EVENT id=18446744073709551615 name=a`},

		// JSON white space is JSON.
		{"2 [ \"a\" ,\t1\r\n, {} ] ", `EVENT name=a 0:1 1:{}`},
		{"3\n[ ]", `ACK payload=[ ]`},
		{`0 {} `, `CONNECT payload={}`},
		{"212 [\"a\"]", `EVENT id=12 name=a`},
	}
	for _, tt := range tests {
		h, err := packet.Parse([]byte(tt.src), packet.Limits{})
		if err != nil {
			t.Errorf("Parse(%s): %v", tt.src, err)
			continue
		}
		if got := outline(h); got != tt.want {
			t.Errorf("Parse(%s)\n got %s\nwant %s", tt.src, got, tt.want)
		}
	}
}

// WIRE-08 WIRE-09: what is no packet, why, and where it goes wrong.
func TestParseRefuses(t *testing.T) {
	long := strings.Repeat("9", 400)
	tests := []struct {
		src    string
		reason string
		offset int
	}{
		{``, packet.ReasonType, 0},
		{`7`, packet.ReasonType, 0},
		{`9["a"]`, packet.ReasonType, 0},
		{`abc`, packet.ReasonType, 0},
		{` 2["a"]`, packet.ReasonType, 0},
		{"\x00", packet.ReasonType, 0},
		{`-1`, packet.ReasonType, 0},

		// B-59: CONNECT wants an object.
		{`0[]`, packet.ReasonPayload, 1},
		{`0"x"`, packet.ReasonPayload, 1},
		{`0null`, packet.ReasonPayload, 1},
		{`0true`, packet.ReasonPayload, 1},
		{`0{`, packet.ReasonPayload, 2},
		{`0{"a":}`, packet.ReasonPayload, 6},
		{`0 `, packet.ReasonPayload, 2},
		{`0/admin,[]`, packet.ReasonPayload, 8},
		{`01{}`, packet.ReasonID, 1},
		// DISCONNECT wants nothing.
		{`1{}`, packet.ReasonPayload, 1},
		{`1/admin,{}`, packet.ReasonPayload, 8},
		{`1 `, packet.ReasonPayload, 1},
		{`17`, packet.ReasonID, 1},
		{`4[]`, packet.ReasonPayload, 1},
		{`4null`, packet.ReasonPayload, 1},

		// P4, P5, B-69: events without a name, payloads of another shape.
		{`2`, packet.ReasonPayload, 1},
		{`20`, packet.ReasonPayload, 2},
		{`2[]`, packet.ReasonPayload, 2},
		{`2[null]`, packet.ReasonPayload, 2},
		{`2[true]`, packet.ReasonPayload, 2},
		{`2[{}]`, packet.ReasonPayload, 2},
		{`2[[]]`, packet.ReasonPayload, 2},
		{`2{}`, packet.ReasonPayload, 1},
		{`2"x"`, packet.ReasonPayload, 1},
		{`2null`, packet.ReasonPayload, 1},
		{`2false`, packet.ReasonPayload, 1},
		{`2/nsp`, packet.ReasonPayload, 5},
		{`2/nsp["a"]`, packet.ReasonPayload, 10},
		{`2,["a"]`, packet.ReasonPayload, 1},
		{`3`, packet.ReasonPayload, 1},
		{`31`, packet.ReasonPayload, 2},
		{`31{}`, packet.ReasonPayload, 2},
		{`31"x"`, packet.ReasonPayload, 2},
		{`31null`, packet.ReasonPayload, 2},
		{`2[-]`, packet.ReasonPayload, 3},
		{`2[01]`, packet.ReasonPayload, 3},

		// B-70: reserved names, however they are spelled.
		{`2["connect"]`, packet.ReasonPayload, 2},
		{`2["connect_error"]`, packet.ReasonPayload, 2},
		{`2["disconnect"]`, packet.ReasonPayload, 2},
		{`2["disconnecting"]`, packet.ReasonPayload, 2},
		{`2["newListener"]`, packet.ReasonPayload, 2},
		{`2["removeListener"]`, packet.ReasonPayload, 2},
		{`2["\u0063onnect"]`, packet.ReasonPayload, 2},
		{`51-["disconnect"]`, packet.ReasonPayload, 4},

		// B-71: bytes behind the JSON.
		{`2["a"]x`, packet.ReasonPayload, 6},
		{`2["a"][]`, packet.ReasonPayload, 6},
		{`2["a"],`, packet.ReasonPayload, 6},
		{"2[\"a\"]\x00", packet.ReasonPayload, 6},
		{`0{}{}`, packet.ReasonPayload, 3},
		{`3[1]]`, packet.ReasonPayload, 4},
		{"2[\"a\"]\u00a0", packet.ReasonPayload, 6},

		// Cut short and crooked.
		{`2[`, packet.ReasonPayload, 2},
		{`2["`, packet.ReasonPayload, 3},
		{`2["a`, packet.ReasonPayload, 4},
		{`2["a"`, packet.ReasonPayload, 5},
		{`2["a",`, packet.ReasonPayload, 6},
		{`2["a",]`, packet.ReasonPayload, 6},
		{`2["a" 1]`, packet.ReasonPayload, 6},
		{`2["a",1`, packet.ReasonPayload, 7},
		{`2["a",1}`, packet.ReasonPayload, 7},
		{`2["a",[1}]`, packet.ReasonPayload, 8},
		{`2["a",{"b":1]]`, packet.ReasonPayload, 12},
		{`2["a",,1]`, packet.ReasonPayload, 6},
		{`2["a",{1:2}]`, packet.ReasonPayload, 7},
		{`2["a",{"b"}]`, packet.ReasonPayload, 10},
		{`2["a",{"b":1,}]`, packet.ReasonPayload, 13},
		{`2["a",nul]`, packet.ReasonPayload, 9},
		{`2["a",NaN]`, packet.ReasonPayload, 6},
		{`2["a",'b']`, packet.ReasonPayload, 6},
		{`2["a",+1]`, packet.ReasonPayload, 6},
		{`2["a",.5]`, packet.ReasonPayload, 6},
		{`2["a",1.]`, packet.ReasonPayload, 8},
		{`2["a",1e]`, packet.ReasonPayload, 8},
		{`2["a","\x"]`, packet.ReasonPayload, 8},
		{`2["a","\u12g4"]`, packet.ReasonPayload, 11},
		{"2[\"a\",\"\n\"]", packet.ReasonPayload, 7},
		// B-28: a record separator inside a string must be escaped.
		{"2[\"a\",\"\x1e\"]", packet.ReasonPayload, 7},
		{"\ufeff2[]", packet.ReasonType, 0},

		// B-63, P9: attachment counts.
		{`5["f"]`, packet.ReasonAttachments, 1},
		{`5-["f"]`, packet.ReasonAttachments, 1},
		{`5`, packet.ReasonAttachments, 1},
		{`51`, packet.ReasonAttachments, 2},
		{`51["f"]`, packet.ReasonAttachments, 2},
		{`50-["f"]`, packet.ReasonAttachments, 1},
		{`501-["f"]`, packet.ReasonAttachments, 1},
		{`5-1-["f"]`, packet.ReasonAttachments, 1},
		{`5+1-["f"]`, packet.ReasonAttachments, 1},
		{`51.5-["f"]`, packet.ReasonAttachments, 2},
		{`51e0-["f"]`, packet.ReasonAttachments, 2},
		{`50x1-["f"]`, packet.ReasonAttachments, 2},
		{`5 1-["f"]`, packet.ReasonAttachments, 1},
		{`5١-["f"]`, packet.ReasonAttachments, 1},
		{`511-["f"]`, packet.ReasonTooMany, 1},
		{`54294967297-["f"]`, packet.ReasonTooMany, 1},
		{`518446744073709551617-["f"]`, packet.ReasonTooMany, 1},
		{`5` + long + `-["f"]`, packet.ReasonTooMany, 1},
		{`60-[]`, packet.ReasonAttachments, 1},
		{`611-[]`, packet.ReasonTooMany, 1},

		// B-64, P11: placeholders.
		{`51-["f",{"_placeholder":true,"num":1}]`, packet.ReasonAttachments, 8},
		{`51-["f",{"_placeholder":true,"num":-1}]`, packet.ReasonAttachments, 8},
		{`51-["f",{"_placeholder":true,"num":"0"}]`, packet.ReasonAttachments, 8},
		{`51-["f",{"_placeholder":true,"num":0.5}]`, packet.ReasonAttachments, 8},
		{`51-["f",{"_placeholder":true,"num":0e0}]`, packet.ReasonAttachments, 8},
		{`51-["f",{"_placeholder":true,"num":null}]`, packet.ReasonAttachments, 8},
		{`51-["f",{"_placeholder":true,"num":[0]}]`, packet.ReasonAttachments, 8},
		{`51-["f",{"_placeholder":true,"num":{}}]`, packet.ReasonAttachments, 8},
		{`51-["f",{"_placeholder":true}]`, packet.ReasonAttachments, 8},
		{`51-["f",{"_placeholder":true,"num":0,"num":7}]`, packet.ReasonAttachments, 8},
		{`51-["f",{"_placeholder":false,"_placeholder":true,"num":7}]`, packet.ReasonAttachments, 8},
		{`51-["f",{"\u005fplaceholder":true,"n\u0075m":7}]`, packet.ReasonAttachments, 8},
		{`51-["f",{"_placeholder" : true , "num" : 18446744073709551616 }]`, packet.ReasonAttachments, 8},
		{`51-["f",[{"a":{"_placeholder":true,"num":4294967296}}]]`, packet.ReasonAttachments, 14},
		{`61-9[{"a":[0,{"_placeholder":true,"num":1}]}]`, packet.ReasonAttachments, 13},

		// WIRE-09: ids that are no 64-bit number.
		{`218446744073709551616["a"]`, packet.ReasonID, 1},
		{`299999999999999999999["a"]`, packet.ReasonID, 1},
		{`2000000000000000000000["a"]`, packet.ReasonID, 1}, // 21 digits
		{`2` + long + `["a"]`, packet.ReasonID, 1},
		{`3` + long + `[]`, packet.ReasonID, 1},
		{`2-1["a"]`, packet.ReasonPayload, 1},
		{`21.5["a"]`, packet.ReasonPayload, 2},
		{`21e3["a"]`, packet.ReasonPayload, 2},

		{`0/` + strings.Repeat("x", 512) + `,`, packet.ReasonNamespace, 513},
		{`0/` + strings.Repeat("x", 1<<20), packet.ReasonNamespace, 513},
		{`2["a",` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000) + `]`, packet.ReasonPayload, 6 + 9999},
		{`0` + strings.Repeat(`{"a":`, 10001), packet.ReasonPayload, 1 + 5*10000},
	}
	for _, tt := range tests {
		short := tt.src[:min(len(tt.src), 70)]
		h, err := packet.Parse([]byte(tt.src), packet.Limits{})
		e, ok := errors.AsType[*packet.Error](err)
		if !ok {
			t.Errorf("Parse(%s) = %s, %v, want a *packet.Error", short, outline(h), err)
			continue
		}
		if e.Reason != tt.reason || e.Offset != tt.offset {
			t.Errorf("Parse(%s): %q at %d, want %q at %d", short, e.Reason, e.Offset, tt.reason, tt.offset)
		}
		if h.Payload != nil || h.Name != nil || h.Namespace != nil || h.Attachments != 0 {
			t.Errorf("Parse(%s): half a header beside the error", short)
		}
	}
}

func TestTypeString(t *testing.T) {
	if got := packet.BinaryAck.String(); got != "BINARY_ACK" {
		t.Error(got)
	}
	if got := packet.Type(7).String(); got != "UNKNOWN" {
		t.Error(got)
	}
}

func TestErrorText(t *testing.T) {
	_, err := packet.Parse([]byte(`2["a"]x`), packet.Limits{})
	if got, want := err.Error(), "packet: invalid payload at byte 6: bytes behind the JSON"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, err = packet.Parse([]byte(`599-[]`), packet.Limits{})
	if got, want := err.Error(), "packet: too many attachments at byte 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
