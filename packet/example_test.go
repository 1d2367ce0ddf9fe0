package packet_test

import (
	"fmt"

	"github.com/go-socketio/socketio/packet"
)

func ExampleParse() {
	h, err := packet.Parse([]byte(`2/chat,7["send",{"text":"hi"},true]`), packet.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v %s id %d: %s with %d arguments\n", h.Type, h.Namespace, h.ID, h.Name, h.Args.Len())

	_, err = packet.Parse([]byte(`2["connect"]`), packet.Limits{})
	fmt.Println(err)
	// Output:
	// EVENT /chat id 7: send with 2 arguments
	// packet: invalid payload at byte 2: the event name is reserved
}

func ExampleCodec_AppendEvent() {
	var c packet.Codec
	picture := []byte{0xff, 0xd8}
	text, attachments, err := c.AppendEvent(nil, "/chat", 0, false, "picture", []any{"cat.jpg", picture})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(text))
	fmt.Println(len(attachments), "attachment to follow")

	_, _, err = c.AppendEvent(nil, "", 0, false, "picture", []any{"cat.jpg", make(chan int)})
	fmt.Println(err)
	// Output:
	// 51-/chat,["picture","cat.jpg",{"_placeholder":true,"num":0}]
	// 1 attachment to follow
	// argument 2 of "picture": json: unsupported type: chan int
}

func ExampleCodec_AppendAck() {
	var c packet.Codec
	text, _, _ := c.AppendAck(nil, "/", 12, []any{"ok", 3})
	fmt.Println(string(text))
	// Output: 312["ok",3]
}

func ExampleCodec_Decode() {
	h, err := packet.Parse([]byte(`51-["picture",{"name":"cat.jpg","data":{"_placeholder":true,"num":0}}]`), packet.Limits{})
	if err != nil {
		fmt.Println(err)
		return
	}
	var picture struct {
		Name string        `json:"name"`
		Data packet.Binary `json:"data"`
	}
	var c packet.Codec
	attachments := [][]byte{{0xff, 0xd8}}
	if err := c.Decode(h.Args.At(0), attachments, &picture); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s % x\n", picture.Name, picture.Data)
	// Output: cat.jpg ff d8
}

func ExampleCodec_DecodeArgs() {
	h, _ := packet.Parse([]byte(`2["send","hi","3"]`), packet.Limits{})
	var c packet.Codec

	var text string
	var times int
	err := c.DecodeArgs(string(h.Name), h.Args, nil, &text, &times)
	fmt.Println(err)

	var both packet.Args2[string, string]
	err = c.DecodeArgs(string(h.Name), h.Args, nil, &both)
	fmt.Println(both.A, both.B, err)
	// Output:
	// argument 2 of "send": cannot decode string into int
	// hi 3 <nil>
}

func ExampleArgs_Values() {
	h, _ := packet.Parse([]byte(`2["in",{"big":9007199254740993},null]`), packet.Limits{})
	var c packet.Codec
	text, _, _ := c.AppendEvent(nil, "", 0, false, "out", h.Args.Values(nil))
	fmt.Println(string(text))
	// Output: 2["out",{"big":9007199254740993},null]
}

func ExampleArgs_All() {
	h, _ := packet.Parse([]byte(`3[1,"two",[3]]`), packet.Limits{})
	for i, arg := range h.Args.All() {
		fmt.Println(i, string(arg))
	}
	// Output:
	// 0 1
	// 1 "two"
	// 2 [3]
}

func ExampleAppendConnectError() {
	text, _ := packet.AppendConnectError(nil, "/admin", "Not authorized", map[string]int{"code": 7})
	fmt.Println(string(text))
	// Output: 4/admin,{"message":"Not authorized","data":{"code":7}}
}

func ExampleCheckNamespace() {
	fmt.Println(packet.CheckNamespace("/chat"))
	fmt.Println(packet.CheckNamespace("chat"))
	// Output:
	// <nil>
	// packet: invalid namespace name at byte 0: a namespace begins with "/"
}

func ExampleIsReserved() {
	fmt.Println(packet.IsReserved("disconnect"), packet.IsReserved("message"))
	// Output: true false
}
