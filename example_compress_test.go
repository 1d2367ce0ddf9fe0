package socketio_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine"
)

// Compression is off by default. Switched on, it begins at 1 KiB; a single
// message is left out with Compress(false).
func ExampleConfig_compression() {
	srv := socketio.NewServer(socketio.Config{
		PerMessageDeflate: &engine.Compression{},
		HTTPCompression:   &engine.Compression{Threshold: 4 << 10},
	})
	picture := []byte("a JPEG is compressed already")
	if err := srv.Of("/").Broadcast().Compress(false).Emit("picture", picture); err != nil {
		fmt.Println(err)
	}
}

// Headers sees every answer, InitialHeaders the first of each session.
func ExampleConfig_headers() {
	srv := socketio.NewServer(socketio.Config{
		Headers: func(h http.Header, _ *http.Request, _ *engine.Session) {
			h.Set("X-Served-By", "node-7")
		},
		InitialHeaders: func(h http.Header, _ *http.Request, s *engine.Session) {
			h.Add("Set-Cookie", "route=node-7; Path=/; HttpOnly")
		},
	})
	web := httptest.NewServer(srv)
	defer web.Close()

	res, err := http.Get(web.URL + "/socket.io/?EIO=4&transport=polling")
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = res.Body.Close()
	fmt.Println(res.Header.Get("X-Served-By"), "|", res.Header.Get("Set-Cookie"))
	// Output: node-7 | route=node-7; Path=/; HttpOnly
}

// A middleware is an http.Handler around the Server. It runs for every request,
// and what it puts into the headers is in the 101 of a WebSocket too.
func ExampleServer_middleware() {
	srv := socketio.NewServer(socketio.Config{})
	secure := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("token") == "" {
				http.Error(w, "no token", http.StatusUnauthorized)
				return
			}
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
			next.ServeHTTP(w, r)
		})
	}
	web := httptest.NewServer(secure(srv))
	defer web.Close()

	for _, query := range []string{"", "&token=abc"} {
		res, err := http.Get(web.URL + "/socket.io/?EIO=4&transport=polling" + query)
		if err != nil {
			fmt.Println(err)
			return
		}
		_ = res.Body.Close()
		fmt.Printf("%s %q\n", res.Status, res.Header.Get("Strict-Transport-Security"))
	}
	// Output:
	// 401 Unauthorized ""
	// 200 OK "max-age=31536000"
}
