package scenarios

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-socketio/socketio/client"
)

func transports(s *stage) {
	sock := s.connected(s.server.url(), client.Config{})
	want := modes[s.mode].settled
	who := ask[whoami](s, sock, "whoami")
	if who.ID != sock.ID() || who.Transport != want || who.Protocol != 4 || sock.Manager().Transport() != want {
		s.Errorf("whoami: %+v, here %s over %s", who, sock.ID(), sock.Manager().Transport())
	}
	if s.mode != "upgrade" {
		return
	}
	for path, c := range map[string]struct {
		cfg  client.Config
		want string
	}{
		"/wsonly/":    {client.Config{TryAllTransports: true}, "websocket"},
		"/pollonly/":  {client.Config{}, "polling"},
		"/noupgrade/": {client.Config{}, "polling"},
	} {
		c.cfg.Path = path
		c.cfg.Transports = modes[s.mode].transports
		sock := s.connected(s.server.url(), c.cfg)
		s.same(path, ask[whoami](s, sock, "whoami").Transport, c.want)
	}
}

func upgrade(s *stage) {
	m := s.manager(s.server.url(), client.Config{})
	moved := make(chan string, 10)
	m.OnUpgrade(func(to string) { moved <- to })
	sock := m.Socket("/")
	burst := collect[int](sock, "burst")
	s.connect(sock)
	if err := sock.Emit("burst", 500); err != nil {
		s.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			if got, err := client.EmitWithAck[int](s.soon(), sock, "echo", i); err != nil || got != i {
				s.Errorf("echo %d: %d, %v", i, got, err)
			}
		})
	}
	all.Wait()
	s.same("burst", some(s, burst, 500), upTo(500))
	s.same("moved to", get(s, moved), "websocket")
	s.same("whoami", ask[whoami](s, sock, "whoami").Transport, "websocket")
}

func acks(s *stage) {
	sock := s.connected(s.server.url(), client.Config{})
	both := ask[client.Args2[int, string]](s, sock, "echo", 1, "two")
	s.same("echo", both, client.Args2[int, string]{A: 1, B: "two"})
	// The server ignores this call, since it is one of two arguments.
	short, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := sock.EmitWithAck(short, "make", "bytes"); !errors.Is(err, client.ErrAckTimeout) {
		s.Errorf("unanswered: %v", err)
	}
	silent := make(chan struct{})
	sock.Handle("called", func(_ context.Context, e *client.Event) ([]any, error) {
		var word string
		if err := e.Decode(&word); err != nil {
			s.Error(err)
		}
		if word == "silence" {
			close(silent)
			return nil, nil
		}
		return []any{[]string{"heard", word}}, nil
	})
	type call struct {
		TimedOut bool
		Response any
	}
	s.same("called", ask[call](s, sock, "call-me", 5000, []string{"x"}), call{Response: []any{"heard", "x"}})
	s.same("silent", ask[call](s, sock, "call-me", 50, []string{"silence"}), call{TimedOut: true})
	<-silent
	lost := make(chan error, 1)
	go func() { _, err := sock.EmitWithAck(s.soon(), "make", "bytes"); lost <- err }()
	for began := time.Now(); seen(s, sock, "make") < 2; { // an event emitted after the end would wait for the next connection
		if time.Since(began) > patience {
			s.Fatal("the server does not see the call")
		}
	}
	sock.Disconnect()
	if err := get(s, lost); !errors.Is(err, client.ErrDisconnected) {
		s.Errorf("lost: %v", err)
	}
}

func binary(s *stage) {
	sock := s.connected(s.server.url(), client.Config{})
	five := []byte{0, 1, 127, 128, 255}
	r, err := sock.EmitWithAck(s.soon(), "echo", five, map[string]any{"deep": []any{map[string]any{"er": five}}}, []byte{}, client.Binary(five))
	if err != nil {
		s.Fatal(err)
	}
	var plain, empty []byte
	var deep struct{ Deep []struct{ Er []byte } }
	var last client.Binary
	if err := r.Decode(&plain, &deep, &empty, &last); err != nil || !bytes.Equal(plain, five) || len(empty) != 0 ||
		!bytes.Equal(last, five) || len(deep.Deep) != 1 || !bytes.Equal(deep.Deep[0].Er, five) {
		s.Errorf("echo: %v %v %v %v, %v", plain, deep, empty, last, err)
	}
	type sum struct {
		Binary      bool
		Length, Sum int
	}
	s.same("inspect", ask[sum](s, sock, "inspect", five), sum{true, 5, 511})
	nested := ask[struct {
		List []any
		Size int
	}](s, sock, "make", "nested", 300)
	if len(nested.List) != 2 || !bytes.Equal(nested.List[0].([]byte), pattern(300)) || nested.Size != 300 {
		s.Errorf("nested: %v", nested)
	}
	echo := make(chan client.Args2[[]byte, string], 1)
	client.On(sock, "echo", func(_ context.Context, a client.Args2[[]byte, string]) error { echo <- a; return nil })
	if err := sock.Emit("echo", five, "beside"); err != nil {
		s.Fatal(err)
	}
	s.same("event", get(s, echo), client.Args2[[]byte, string]{A: five, B: "beside"})
	client.OnAck(sock, "called", func(context.Context, client.None) ([]byte, error) { return five, nil })
	called := ask[struct{ Response []byte }](s, sock, "call-me", 5000, []any{})
	s.same("called", called.Response, five)
}

func slowNetwork(s *stage) {
	p := lineTo(s.T, s.server)
	p.slow(40*time.Millisecond, 200_000)
	sock := s.connected(p.url(), client.Config{})
	drops := make(chan client.DisconnectReason, 10)
	sock.OnDisconnect(func(why client.DisconnectReason, _ error) { drops <- why })
	burst := collect[int](sock, "burst")
	if err := sock.Emit("burst", 50); err != nil {
		s.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() { s.same("echo", ask[int](s, sock, "echo", i), i) })
	}
	text := strings.Repeat("slow", 10_000)
	if ask[string](s, sock, "echo", text) != text || !bytes.Equal(ask[[]byte](s, sock, "echo", pattern(30_000)), pattern(30_000)) {
		s.Error("something has changed on the way")
	}
	all.Wait()
	s.same("burst", some(s, burst, 50), upTo(50))
	s.same("transport", sock.Manager().Transport(), modes[s.mode].settled)
	if len(drops) > 0 {
		s.Errorf("disconnected: %v", <-drops)
	}
}

func largePayloads(s *stage) {
	sock := s.connected(s.server.url(), client.Config{})
	for _, text := range []string{strings.Repeat("0123456789", 99_900), strings.Repeat("ü€😀", 100_000)} {
		if ask[string](s, sock, "echo", text) != text {
			s.Error("a text has changed on the way")
		}
	}
	top := 1_000_000
	if s.mode == "polling" {
		top = 740_000 // base64
	}
	if !bytes.Equal(ask[[]byte](s, sock, "echo", pattern(top)), pattern(top)) ||
		!bytes.Equal(ask[[]byte](s, sock, "make", "bytes", 3_000_000), pattern(3_000_000)) {
		s.Error("bytes have changed on the way")
	}
	if ask[string](s, sock, "make", "text", 3_000_000) != strings.Repeat("x", 3_000_000) {
		s.Error("a long text is wrong")
	}
	// Each fits, all together do not: they are spread over several payloads.
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() { s.same("echo", ask[int](s, sock, "echo", i, strings.Repeat("y", 100_000)), i) })
	}
	all.Wait()
}

func unicode(s *stage) {
	sock := s.connected(s.server.url(), client.Config{})
	for _, text := range []string{"", "ü€😀", "\x00\x1e\x1f\x7f", "\u2028\u2029", "👩‍👩‍👧‍👦", "\ufeffbom", "עברית العربية", "\"\\/\b\f\n\r\t", strings.Repeat("𝒳", 1000)} {
		got := ask[client.Args2[string, map[string][]string]](s, sock, "echo", text, map[string]any{text: []string{text}})
		s.same(fmt.Sprintf("%.20q", text), got, client.Args2[string, map[string][]string]{A: text, B: map[string][]string{text: {text}}})
	}
	named := collect[string](sock, "näme 😀")
	ask[any](s, sock, "broadcast", map[string]any{"scope": "nsp", "to": []string{sock.ID()}}, "näme 😀", []string{"wert ü"})
	s.same("named", get(s, named), "wert ü")
	rooms := ask[[]string](s, sock, "join", "zimmer ü€😀")
	if len(rooms) != 2 || rooms[0] != "zimmer ü€😀" && rooms[1] != "zimmer ü€😀" {
		s.Errorf("rooms: %q", rooms)
	}
}
