package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/go-socketio/socketio/engine"
)

// echo sends every message back.
type echo struct{ session *engine.Session }

func (e echo) Message(kind engine.Kind, data []byte) {
	reply := engine.NewBinary(data)
	if kind == engine.Text {
		reply = engine.NewText(data)
	}
	if err := e.session.Send(reply); err != nil && !errors.Is(err, engine.ErrClosed) {
		fmt.Println(err)
	}
}

func (echo) Heartbeat(time.Duration) {}

func (echo) Closed(reason engine.Reason, _ error) { fmt.Println("closed:", reason) }

// echoes opens an echo for each client.
type echoes struct{}

func (echoes) Open(s *engine.Session) (engine.Receiver, error) { return echo{s}, nil }

// A whole server, and a client that polls. Browsers use engine.io-client, which
// moves on to WebSocket by itself.
func Example() {
	srv := engine.NewServer(engine.Config{}, echoes{})
	mux := http.NewServeMux()
	mux.Handle("/engine.io/", srv)
	web := httptest.NewServer(mux)
	defer web.Close()

	url := web.URL + "/engine.io/?EIO=4&transport=polling"
	_, rest, _ := strings.Cut(ask("GET", url, ""), `"sid":"`)
	sid, _, _ := strings.Cut(rest, `"`)
	url += "&sid=" + sid
	fmt.Println(ask("POST", url, "4hello\x1ebAQID")) // a text and three bytes
	fmt.Printf("%q\n", ask("GET", url, ""))
	fmt.Println(ask("POST", url, "1"))
	// Output:
	// ok
	// "4hello\x1ebAQID"
	// closed: transport close
	// ok
}

func ask(method, url, body string) string {
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	b, _ := io.ReadAll(res.Body)
	return string(b)
}

// socket gives a session the face that a WebSocket has in a browser.
type socket struct {
	*engine.Session
	onmessage func(data string)
	onerror   func(err error)
	onclose   func(reason string)
}

func (s *socket) Message(_ engine.Kind, data []byte) { s.onmessage(string(data)) }

func (s *socket) Heartbeat(time.Duration) {}

func (s *socket) Closed(reason engine.Reason, cause error) {
	if cause != nil {
		s.onerror(cause)
	}
	s.onclose(string(reason))
}

// sockets is a Handler made of one function, called for each client.
type sockets func(*socket)

func (onopen sockets) Open(s *engine.Session) (engine.Receiver, error) {
	ws := &socket{Session: s}
	onopen(ws)
	return ws, nil
}

// Callbacks instead of methods, named as in a browser.
func Example_events() {
	srv := engine.NewServer(engine.Config{}, sockets(func(ws *socket) {
		fmt.Println("open over", ws.Transport(), ws.ReadyState() == engine.Open)
		ws.onmessage = func(data string) { fmt.Println("message:", data) }
		ws.onerror = func(err error) { fmt.Println("error:", err) }
		ws.onclose = func(reason string) { fmt.Println("close:", reason) }
	}))
	web := httptest.NewServer(srv)
	defer web.Close()

	url := web.URL + "/engine.io/?EIO=4&transport=polling"
	_, rest, _ := strings.Cut(ask("GET", url, ""), `"sid":"`)
	sid, _, _ := strings.Cut(rest, `"`)
	ask("POST", url+"&sid="+sid, "4hello")
	ask("POST", url+"&sid="+sid, "what is this")
	// Output:
	// open over polling true
	// message: hello
	// error: eio: unknown packet type
	// close: parse error
}

// crowd is a Handler that remembers its sessions.
type crowd chan *engine.Session

func (c crowd) Open(s *engine.Session) (engine.Receiver, error) {
	c <- s
	return echo{s}, nil
}

// A message for many is made once: all of them share its bytes.
func ExampleSession_Send() {
	all := make(crowd, 2)
	web := httptest.NewServer(engine.NewServer(engine.Config{}, all))
	defer web.Close()
	url := web.URL + "/engine.io/?EIO=4&transport=polling"
	ask("GET", url, "")
	ask("GET", url, "")

	news := engine.NewText([]byte("the news"))
	for range 2 {
		s := <-all
		if err := s.Send(news); err != nil {
			fmt.Println(err)
		}
		fmt.Println(ask("GET", url+"&sid="+s.ID(), ""))
	}
	// Output:
	// 4the news
	// 4the news
}

// The engine's own Shutdown says goodbye to the clients; that of http.Server
// waits for requests and knows nothing of WebSockets. Call both.
func ExampleServer_Shutdown() {
	srv := engine.NewServer(engine.Config{}, echoes{})
	web := &http.Server{Addr: "127.0.0.1:0", Handler: srv}
	// go web.ListenAndServe(), and when the process shall end:
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		fmt.Println("some clients were cut off:", err)
	}
	if err := web.Shutdown(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Println(srv.Len(), "clients")
	// Output: 0 clients
}

// Only signed-in clients get a session, and only those see why not whom the
// application wants to tell.
func ExampleConfig_allowRequest() {
	srv := engine.NewServer(engine.Config{
		AllowRequest: func(r *http.Request) error {
			switch r.URL.Query().Get("token") {
			case "":
				return &engine.Denial{Message: "sign in first"}
			case "good":
				return nil
			default:
				return errors.New("token of nobody") // logged; the client sees "Forbidden"
			}
		},
	}, echoes{})
	web := httptest.NewServer(srv)
	defer web.Close()
	url := web.URL + "/engine.io/?EIO=4&transport=polling"
	fmt.Println(ask("GET", url, ""))
	fmt.Println(ask("GET", url+"&token=bad", ""))
	fmt.Println(ask("GET", url+"&token=good", "")[:7])
	// Output:
	// {"code":4,"message":"sign in first"}
	// {"code":4,"message":"Forbidden"}
	// 0{"sid"
}

// A message that holds a secret beside text of somebody else's choosing is
// better not compressed: its length would tell about the secret.
func ExampleMessage_Uncompressed() {
	srv := engine.NewServer(engine.Config{
		PerMessageDeflate: &engine.Compression{},
		HTTPCompression:   &engine.Compression{},
	}, echoes{})
	defer func() { _ = srv.Shutdown(context.Background()) }()

	m := engine.NewText([]byte(`{"token":"…","search":"…"}`)).Uncompressed()
	fmt.Println(m.Len())
	// Output: 33
}
