package msgpack_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// A server whose clients all use socket.io-msgpack-parser. Handlers are those of
// any other server.
func ExampleNew() {
	type upload struct {
		Name string `json:"name"`
		Body []byte `json:"body"` // binary data on the wire
	}
	srv := socketio.NewServer(socketio.Config{Parser: msgpack.New()})
	socketio.OnAck(srv.Of("/"), "upload", func(_ context.Context, _ *socketio.Socket, u upload) (int, error) {
		return len(u.Body), nil
	})
	http.Handle("/socket.io/", srv)
}

func ExampleParser() {
	parser := msgpack.New()
	_, binary, err := parser.Encode(nil, &packet.Packet{
		Type: packet.Event, Namespace: "/", Name: "move", Args: []any{map[string]int64{"x": 1 << 60}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := parser.NewDecoder(packet.Limits{}).Add(binary[0], true)
	if err != nil {
		fmt.Println(err)
		return
	}
	var to struct{ X int64 }
	fmt.Println(p.Name, p.Decode(&to), to.X)
	// Output: move <nil> 1152921504606846976
}
