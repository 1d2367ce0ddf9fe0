package socketio_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/packet"
	"github.com/go-socketio/socketio/siotest"
)

// remembers is a Parser that encodes what it has seen before only once, and for
// "bare" returns the bytes of the application's argument.
type remembers struct {
	toy
	texts map[string][]byte
}

func (r remembers) Encode(dst []byte, p *packet.Packet) (text []byte, binary [][]byte, err error) {
	if p.Type != packet.Event {
		return r.toy.Encode(dst, p)
	}
	if p.Name == "bare" {
		return p.Args[0].([]byte), nil, nil
	}
	if r.texts[p.Name] == nil {
		if r.texts[p.Name], binary, err = r.toy.Encode(make([]byte, 0, 1<<10), p); err != nil || len(binary) > 0 {
			return nil, binary, err
		}
	}
	return r.texts[p.Name], nil, nil
}

// What a Parser returns may be memory of its own or of the application's, which
// is theirs: the server never writes to it.
func TestParserKeepsItsMemory(t *testing.T) {
	parser := remembers{texts: map[string][]byte{}}
	bare := append(make([]byte, 0, 1<<10), `T{"type":2,"nsp":"/","name":"bare","parts":0}`...)
	sockets := make(chan *socketio.Socket, 20)
	srv, ts := start(t, socketio.Config{Parser: parser}, func(srv *socketio.Server) {
		srv.Of("/").Handle("who", func(_ context.Context, s *socketio.Socket, _ *socketio.Event) ([]any, error) {
			sockets <- s
			return nil, nil
		})
	})
	c := ts.Open(t, siotest.Options{})
	enterToy(t, c, "/", "null")
	say(t, c, `{"type":2,"nsp":"/","name":"who"}`)
	socket := get(t, sockets)
	for range 3 {
		for i := range 5 {
			name := "event" + strconv.Itoa(i)
			if err := socket.Emit(name); err != nil {
				t.Fatal(err)
			}
			expect(t, c, `{"type":2,"nsp":"/","name":"`+name+`","parts":0}`)
			if err := srv.Of("/").To(socket.ID()).Emit(name); err != nil {
				t.Fatal(err)
			}
			expect(t, c, `{"type":2,"nsp":"/","name":"`+name+`","parts":0}`)
			if err := socket.Emit("bare", bare); err != nil {
				t.Fatal(err)
			}
			expect(t, c, `{"type":2,"nsp":"/","name":"bare","parts":0}`)
		}
		enterToy(t, ts.Open(t, siotest.Options{}), "/", "null") // encoded with memory of the server's
	}
}
