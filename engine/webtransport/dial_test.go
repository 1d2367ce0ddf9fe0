package webtransport_test

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/go-socketio/socketio"
	sioclient "github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/webtransport"
)

// ENG-04 ENG-06 CLI-23: the Go client, by itself and coming from polling.
func TestGoClient(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, transports := range [][]string{{"webtransport"}, {"polling", "webtransport"}} {
		t.Run(strings.Join(transports, " "), func(t *testing.T) { goClient(t, transports) })
	}
	http.DefaultClient.CloseIdleConnections()
	leftovers(t, before)
}

func goClient(t *testing.T, transports []string) {
	quiet := slog.New(slog.DiscardHandler)
	sio := socketio.NewServer(socketio.Config{
		Transports: []string{engine.Polling, engine.WebSocket, engine.WebTransport}, Logger: quiet,
	})
	ns := sio.Of("/")
	socketio.OnAck(ns, "echo", func(_ context.Context, _ *socketio.Socket, in []byte) ([]byte, error) { return in, nil })
	socketio.OnAck(ns, "transport", func(_ context.Context, s *socketio.Socket, _ socketio.None) (string, error) {
		return s.Session().Transport(), nil
	})
	disconnected := make(chan socketio.DisconnectReason, 1)
	ns.OnDisconnect(func(_ *socketio.Socket, why socketio.DisconnectReason) { disconnected <- why })

	tcp, udp := onePort(t)
	defer func() { _ = udp.Close() }()
	web := httptest.NewUnstartedServer(sio)
	_ = web.Listener.Close()
	web.Listener = tcp
	web.Start()
	defer web.Close()
	cert, _, err := webtransport.SelfSigned("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	quic := webtransport.New(sio.Engine(), webtransport.Config{TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}, Logger: quiet})
	served := make(chan error, 1)
	go func() { served <- quic.Serve(udp) }()

	upgraded := make(chan string, 1)
	s := sioclient.New(web.URL, sioclient.Config{
		Transports: transports,
		Stream:     webtransport.Dialer(&tls.Config{InsecureSkipVerify: true}),
		Logger:     quiet,
	})
	s.Manager().OnUpgrade(func(name string) { upgraded <- name })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	if len(transports) > 1 {
		if name := receive(t, "the upgrade", upgraded); name != "webtransport" {
			t.Errorf("upgraded to %q", name)
		}
	}
	for _, n := range []int{0, 1, 1000, 300_000} {
		in := slices.Repeat([]byte{7}, n)
		out, err := sioclient.EmitWithAck[[]byte](ctx, s, "echo", in)
		if err != nil || !slices.Equal(in, out) {
			t.Errorf("%d bytes came back as %d, %v", n, len(out), err)
		}
	}
	if name, err := sioclient.EmitWithAck[string](ctx, s, "transport"); err != nil || name != "webtransport" {
		t.Errorf("transport is %q, %v", name, err)
	}
	if err := s.Manager().Close(ctx); err != nil {
		t.Errorf("Close: %v", err)
	}
	receive(t, "the disconnect", disconnected)
	if err := errors.Join(sio.Shutdown(ctx), quic.Shutdown(ctx)); err != nil {
		t.Error(err)
	}
	receive(t, "Serve to return", served)
}

// onePort listens on one port number of TCP and UDP, as a client expects it. The
// kernel finds one for TCP, and it may be taken for UDP.
func onePort(t *testing.T) (tcp net.Listener, udp net.PacketConn) {
	t.Helper()
	for range 10 {
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		if udp, err = net.ListenPacket("udp", tcp.Addr().String()); err == nil {
			return tcp, udp
		}
		_ = tcp.Close()
	}
	t.Fatal("no port is free for both")
	return nil, nil
}

// What cannot be dialled says why.
func TestDialErrors(t *testing.T) {
	g := start(t, engine.Config{}, nil)
	dial := webtransport.Dialer(&tls.Config{RootCAs: g.roots})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for to, want := range map[string]string{
		"https://" + g.addr + "/elsewhere/": "404",
		"https://127.0.0.1:bad/":            "invalid port",
	} {
		if _, err := dial(ctx, to, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", to, err, want)
		}
	}
	// A certificate of nobody's.
	if _, err := webtransport.Dialer(nil)(ctx, "https://"+g.addr+"/engine.io/", nil); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("unknown certificate: %v", err)
	}
}
