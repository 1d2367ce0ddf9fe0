// Wtserver is a Socket.IO server with all three transports, for browsers: HTTP
// on a TCP port and HTTP/3 on the UDP port of the same number, so that a client
// finds both at one address. It prints the hash of its certificate, which pages
// have to name, as "certificate <base64>".
//
// HOST and PORT name the address (127.0.0.1:3200). SIGTERM ends it.
package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/webtransport"
	"github.com/go-socketio/socketio/internal/interop/environ"
)

// shutdownTime bounds the orderly end; what is still open then is cut off.
const shutdownTime = 3 * time.Second

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "wtserver:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	io := newServer()
	cert, hash, err := webtransport.SelfSigned("127.0.0.1", "localhost")
	if err != nil {
		return err
	}
	fmt.Println("certificate", base64.StdEncoding.EncodeToString(hash[:]))
	web := &http.Server{Handler: io}
	quic := webtransport.New(io.Engine(), webtransport.Config{
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}},
		Handler:   io,
	})
	tcp, udp, err := listen()
	if err != nil {
		return err
	}
	defer func() { _ = udp.Close() }()
	failed := make(chan error, 2)
	go func() { failed <- web.Serve(tcp) }()  // ends with web.Close, below
	go func() { failed <- quic.Serve(udp) }() // ends with quic.Shutdown, below
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	return errors.Join(io.Shutdown(end), quic.Shutdown(end), web.Close())
}

// listen takes one port for both protocols. When the kernel chooses it, it
// chooses for one of them, and the other's may be taken: then it is asked again.
func listen() (tcp net.Listener, udp net.PacketConn, err error) {
	host, asked := cmp.Or(os.Getenv("HOST"), "127.0.0.1"), cmp.Or(os.Getenv("PORT"), "3200")
	for range 10 {
		if tcp, err = net.Listen("tcp", net.JoinHostPort(host, asked)); err != nil {
			return nil, nil, err
		}
		if udp, err = net.ListenPacket("udp", tcp.Addr().String()); err == nil {
			fmt.Printf("listening http://%s\n", tcp.Addr())
			return tcp, udp, nil
		}
		_ = tcp.Close()
	}
	return nil, nil, err
}

// newServer makes an application that does what its clients ask for.
func newServer() *socketio.Server {
	io := socketio.NewServer(socketio.Config{
		Transports:   []string{engine.Polling, engine.WebSocket, engine.WebTransport},
		Origins:      []string{"http://allowed.localhost"},
		PingInterval: environ.Milliseconds("PING_INTERVAL", 25*time.Second),
		PingTimeout:  environ.Milliseconds("PING_TIMEOUT", 20*time.Second),
	})
	ns := io.Of("/")
	ns.OnConnect(func(_ context.Context, s *socketio.Socket) error {
		fmt.Println("open", s.ID(), s.Session().Transport())
		return nil
	})
	ns.OnDisconnect(func(s *socketio.Socket, why socketio.DisconnectReason) {
		fmt.Println("close", s.ID(), why)
	})
	ns.Handle("echo", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) ([]any, error) {
		return e.Args(), nil
	})
	socketio.OnAck(ns, "whoami", func(_ context.Context, s *socketio.Socket, _ socketio.None) (map[string]any, error) {
		host, _, err := net.SplitHostPort(s.Session().Request().RemoteAddr())
		return map[string]any{"transport": s.Session().Transport(), "host": host}, err
	})
	socketio.On(ns, "flood", func(_ context.Context, s *socketio.Socket, n int) error {
		for i := range n {
			if err := s.Emit("drop", i); err != nil {
				return err
			}
		}
		return s.Disconnect(true)
	})
	return io
}
