package msgpack_test

import (
	"bytes"
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/packet/msgpack"
)

// The Go client and a server that both speak MessagePack: auth, events with
// binary data, acks both ways, a refusal, and a session that goes on.
func TestClient(t *testing.T) {
	srv := socketio.NewServer(socketio.Config{Parser: msgpack.New(), Recovery: &socketio.Recovery{}})
	ns := srv.Of("/n")
	ns.Use(func(_ context.Context, s *socketio.Socket) error {
		var auth struct{ Token string }
		if err := s.Handshake().DecodeAuth(&auth); err != nil || auth.Token != "secret" {
			return &socketio.Error{Message: "no", Data: []int{7}}
		}
		return nil
	})
	ns.Handle("echo", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) { return e.Args(), nil })
	ts := httptest.NewServer(srv)
	defer ts.Close()
	defer func() { _ = srv.Shutdown(context.Background()) }()

	s := client.New(ts.URL+"/n", client.Config{Parser: msgpack.New(), ReconnectionDelay: time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	defer func() { _ = s.Manager().Close(ctx) }()
	err := s.Connect(ctx)
	if refusal, ok := err.(*client.ConnectError); !ok || refusal.Message != "no" || string(refusal.Data) != "[7]" {
		t.Fatalf("Connect: %v", err)
	}
	s.SetAuth(map[string]string{"token": "secret"})
	client.OnAck(s, "double", func(_ context.Context, n int) (int, error) { return 2 * n, nil })
	connects, news := make(chan bool, 10), make(chan int, 10)
	s.OnConnect(func() { connects <- s.Recovered() })
	client.On(s, "news", func(_ context.Context, n int) error { news <- n; return nil })
	if err := s.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	<-connects
	got, err := client.EmitWithAck[client.Args2[[]byte, map[string]any]](ctx, s, "echo", []byte{1, 2}, map[string]any{"a": []any{[]byte{3}}})
	if err != nil || !bytes.Equal(got.A, []byte{1, 2}) || !bytes.Equal(got.B["a"].([]any)[0].([]byte), []byte{3}) {
		t.Errorf("echo: %v, %v", got, err)
	}
	peer := ns.Socket(s.ID())
	if n, err := socketio.EmitWithAck[int](ctx, peer, "double", 21); n != 42 || err != nil {
		t.Errorf("double: %d, %v", n, err)
	}
	if err := ns.Emit("news", 1); err != nil {
		t.Fatal(err)
	}
	<-news
	peer.Session().Abort("transport error")
	if err := ns.Emit("news", 2); err != nil {
		t.Fatal(err)
	}
	select {
	case recovered := <-connects:
		if n := <-news; !recovered || n != 2 {
			t.Errorf("recovered: %v, news %d", recovered, n)
		}
	case <-ctx.Done():
		t.Fatal("the client does not come back")
	}
}
