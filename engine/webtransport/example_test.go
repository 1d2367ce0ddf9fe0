package webtransport_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/client"
	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/engine/webtransport"
)

// A server with all three transports, on TCP and UDP.
func Example() {
	cert, err := tls.LoadX509KeyPair("fullchain.pem", "privkey.pem")
	if err != nil {
		log.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}}

	srv := socketio.NewServer(socketio.Config{
		Transports: []string{engine.Polling, engine.WebSocket, engine.WebTransport},
	})
	web := &http.Server{Addr: ":443", Handler: srv, TLSConfig: config}
	wt := webtransport.New(srv.Engine(), webtransport.Config{
		Addr:      ":443", // of UDP
		TLSConfig: config,
		Handler:   srv, // for requests over HTTP/3 that are none for WebTransport
	})
	go func() { log.Print(web.ListenAndServeTLS("", "")) }()
	go func() { log.Print(wt.ListenAndServe()) }()

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	<-stop
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_ = srv.Shutdown(ctx) // says goodbye, so it comes first
	_ = wt.Shutdown(ctx)
	_ = web.Shutdown(ctx)
}

// The Go client with all three transports, and an authority of one's own.
func ExampleDialer() {
	authorities := x509.NewCertPool()
	config := &tls.Config{RootCAs: authorities}
	s := client.New("https://chat.example", client.Config{
		Stream:     webtransport.Dialer(config),
		HTTPClient: &http.Client{Transport: &http.Transport{TLSClientConfig: config}}, // polling, WebSocket
	})
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.Connect(ctx); err != nil {
		log.Fatal(err)
	}
}

// For development, a page may learn the hash of a certificate that nobody vouches for.
func ExampleSelfSigned() {
	cert, hash, err := webtransport.SelfSigned("127.0.0.1", "localhost")
	if err != nil {
		log.Fatal(err)
	}
	config := webtransport.Config{
		Addr:      "127.0.0.1:3000",
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}},
	}
	http.HandleFunc("/certificate", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(hash) // 32 numbers
	})
	_ = config // for webtransport.New
}
