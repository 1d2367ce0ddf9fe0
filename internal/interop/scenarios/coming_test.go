package scenarios

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-socketio/socketio/client"
)

func namespaces(s *stage) {
	m := s.manager(s.server.url(), client.Config{})
	var socks []*client.Socket
	ids := map[string]bool{}
	for _, nsp := range []string{"/", "/custom", "/chain", "/dynamic-101"} {
		sock := m.Socket(nsp)
		s.connect(sock)
		who := ask[whoami](s, sock, "whoami")
		s.same("nsp", who.Nsp, nsp)
		ids[who.ID] = true
		socks = append(socks, sock)
	}
	s.same("ids", len(ids), 4)
	nowhere := m.Socket("/nowhere")
	refusal, ok := errors.AsType[*client.ConnectError](nowhere.Connect(s.soon()))
	if !ok || refusal.Message != "Invalid namespace" || nowhere.Active() {
		s.Errorf("nowhere: %v", refusal)
	}
	reasons := make(chan client.DisconnectReason, 10)
	for _, sock := range socks {
		sock.OnDisconnect(func(why client.DisconnectReason, _ error) { reasons <- why })
	}
	socks[1].Disconnect()
	s.same("reason", get(s, reasons), client.ClientDisconnect)
	s.same("still", ask[string](s, socks[2], "echo", "still"), "still")
	if err := socks[3].Emit("bye", false); err != nil {
		s.Fatal(err)
	}
	s.same("reason", get(s, reasons), client.ServerDisconnect)
	if !socks[0].Connected() || socks[3].Active() {
		s.Error("a goodbye is for one namespace")
	}
}

func middlewareErrors(s *stage) {
	m := s.manager(s.server.url(), client.Config{})
	calls, token := 0, "bad"
	sock := m.Socket("/", client.AuthFunc(func(context.Context) (any, error) {
		calls++
		return map[string]string{"token": token, "user": "me"}, nil
	}))
	refused := func(what string, sock *client.Socket, message, data string) {
		s.Helper()
		err := sock.Connect(s.soon())
		refusal, ok := errors.AsType[*client.ConnectError](err)
		if !ok || refusal.Message != message || string(refusal.Data) != data || sock.Active() {
			s.Errorf("%s: %v, %s", what, err, refusal.Data)
		}
	}
	refused("bad", sock, "not authorized", `{"code":401,"hint":["try",{"again":true}]}`)
	token = "slow"
	s.connect(sock)
	s.same("user", ask[whoami](s, sock, "whoami").Data["user"], "me")
	s.same("calls", calls, 2)
	refused("bare", s.manager(s.server.url(), client.Config{}).Socket("/", client.Auth(map[string]string{"token": "bare"})), "no data here", "")
	chain := m.Socket("/chain", client.Auth(map[string]string{"failAt": "b"}))
	refused("chain", chain, "failed at b", `{"steps":["a","b"]}`)
	chain.SetAuth(nil)
	s.connect(chain)
	s.same("steps", ask[whoami](s, chain, "whoami").Data["steps"], []any{"a", "b", "c"})
	inner := m.Socket("/restricted")
	refused("outer", inner, "forbidden", `{"required":"token"}`)
	inner.SetAuth(map[string]string{"token": "secret"})
	s.connect(inner)
}

func reconnectAfterKill(s *stage) {
	first := s.peer.start(s.T, "0")
	sock := s.connected(first.url(), client.Config{ReconnectionDelay: 50 * time.Millisecond, ReconnectionDelayMax: 100 * time.Millisecond})
	m := sock.Manager()
	var mu sync.Mutex
	var log []string
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		log = append(log, what)
	}
	failed, lost := make(chan error, 1000), make(chan client.DisconnectReason, 10)
	m.OnClose(func(client.DisconnectReason, error) { note("close") })
	m.OnReconnectAttempt(func(int) { note("reconnect_attempt") })
	m.OnReconnectError(func(err error) { note("reconnect_error"); failed <- err })
	m.OnOpen(func() { note("open") })
	m.OnReconnect(func(int) { note("reconnect") })
	sock.OnDisconnect(func(why client.DisconnectReason, _ error) { lost <- why })
	id := sock.ID()
	first.kill()
	if why := get(s, lost); why != client.TransportClose && why != client.TransportError {
		s.Errorf("the reason is %q", why)
	}
	get(s, failed)
	burst := collect[int](sock, "burst")
	_ = sock.Volatile().Emit("burst", 1)
	var all sync.WaitGroup
	for i := range 3 {
		all.Go(func() { s.same("late", ask[int](s, sock, "echo", i), i) })
	}
	second := s.peer.start(s.T, first.addr[strings.LastIndexByte(first.addr, ':')+1:])
	all.Wait()
	if who := ask[whoami](s, sock, "whoami"); who.ID != sock.ID() || who.ID == id {
		s.Errorf("before %s, now %s, for the server %s", id, sock.ID(), who.ID)
	}
	if len(burst) > 0 {
		s.Error("a volatile event was kept")
	}
	mu.Lock()
	s.same("first", log[:3], []string{"close", "reconnect_attempt", "reconnect_error"})
	s.same("last", log[len(log)-3:], []string{"reconnect_attempt", "open", "reconnect"})
	mu.Unlock()
	sock.Disconnect()
	second.kill()
}

func recovery(s *stage) {
	p := lineTo(s.T, s.server)
	sock := s.connected(p.url(), client.Config{Path: "/recovery/", ReconnectionDelay: 20 * time.Millisecond, ReconnectionDelayMax: 40 * time.Millisecond})
	news := collect[int](sock, "news")
	ask[[]string](s, sock, "join", "readers")
	ask[any](s, sock, "set-data", map[string]string{"kept": "yes"})
	id := sock.ID()
	lost, back := make(chan client.DisconnectReason, 10), make(chan bool, 10)
	sock.OnDisconnect(func(why client.DisconnectReason, _ error) { lost <- why })
	sock.OnConnect(func() { back <- sock.Recovered() })
	other := s.connected(s.server.url(), client.Config{Path: "/recovery/", Transports: []string{"websocket"}})
	tell := func(n int) {
		ask[any](s, other, "broadcast", map[string]any{"scope": "nsp", "to": []string{"readers"}}, "news", []int{n})
	}
	tell(0)
	got := some(s, news, 1)
	if s.mode == "polling" {
		p.asked(s.T)
	}
	p.cut()
	get(s, lost)
	// An answer to a request that was cut off hides from a server that it was.
	for began := time.Now(); ask[any](s, other, "departure", id) == nil; {
		if time.Since(began) > patience {
			s.Fatal("the server does not notice the loss of the connection")
		}
	}
	for n := 1; n < 4; n++ {
		tell(n)
	}
	p.mend()
	for recovered := get(s, back); !recovered; recovered = get(s, back) {
		s.Error("not recovered")
	}
	s.same("news", append(got, some(s, news, 3)...), upTo(4))
	who := ask[whoami](s, sock, "whoami")
	if who.ID != id || sock.ID() != id || who.Data["kept"] != "yes" || !slices.Contains(who.Rooms, "readers") || !who.Recovered {
		s.Errorf("whoami: %+v, was %s", who, id)
	}
}

func retries(s *stage) {
	sock := s.connected(s.server.url(), client.Config{}, client.Retries(2), client.AckTimeout(300*time.Millisecond))
	given := make(chan error, 10)
	sock.OnError(func(_ *client.Event, err error) { given <- err })
	if err := sock.Emit("make", "ignored"); err != nil { // the server never answers this
		s.Fatal(err)
	}
	s.same("after it", ask[int](s, sock, "echo", 3), 3)
	var failure *client.DeliveryError
	if err := get(s, given); !errors.As(err, &failure) || failure.Tries != 3 || !errors.Is(err, client.ErrAckTimeout) {
		s.Errorf("given up: %v", err)
	}
	s.same("tries", seen(s, sock, "make"), 3)

	// A connection that breaks: the event goes again with the next one.
	p := lineTo(s.T, s.server)
	other := s.connected(p.url(), client.Config{ReconnectionDelay: 20 * time.Millisecond, ReconnectionDelayMax: 40 * time.Millisecond},
		client.Retries(10), client.AckTimeout(5*time.Second))
	lost := make(chan client.DisconnectReason, 10)
	other.OnDisconnect(func(why client.DisconnectReason, _ error) { lost <- why })
	p.swallow()
	var all sync.WaitGroup
	for i := range 3 {
		all.Go(func() { s.same("again", ask[int](s, other, "echo", i), i) })
	}
	p.cut()
	get(s, lost)
	p.mend()
	all.Wait()
}

func crowd(s *stage) {
	const size = 200
	socks := make([]*client.Socket, size)
	heard := make(chan string, size)
	var all sync.WaitGroup
	for i := range socks {
		socks[i] = s.manager(s.server.url(), client.Config{}).Socket("/")
		client.On(socks[i], "news", func(_ context.Context, word string) error { heard <- fmt.Sprint(word, i); return nil })
		all.Go(func() {
			if err := socks[i].Connect(s.soon()); err != nil {
				s.Error(err)
				return
			}
			if got, err := client.EmitWithAck[int](s.soon(), socks[i], "echo", i); err != nil || got != i {
				s.Errorf("echo %d: %d, %v", i, got, err)
			}
		})
	}
	all.Wait()
	if s.Failed() {
		return
	}
	ask[any](s, socks[0], "broadcast", map[string]any{"scope": "nsp"}, "news", []string{"for all "})
	ids, words := map[string]bool{}, map[string]bool{}
	for i := range socks {
		ids[socks[i].ID()] = true
		words[get(s, heard)] = true
	}
	s.same("ids", len(ids), size)
	s.same("heard", len(words), size)

	// And many over one connection.
	m := s.manager(s.server.url(), client.Config{})
	for i := range 90 {
		all.Go(func() {
			sock := m.Socket(fmt.Sprint("/dynamic-", i))
			if err := sock.Connect(s.soon()); err != nil {
				s.Error(err)
				return
			}
			if got, err := client.EmitWithAck[whoami](s.soon(), sock, "whoami"); err != nil || got.Nsp != sock.Namespace() {
				s.Errorf("whoami: %+v, %v", got, err)
			}
		})
	}
	all.Wait()
}
