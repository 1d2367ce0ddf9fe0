package socketio_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// What a silent polling client costs the server, in bytes of heap and stack, while
// its GET waits. Nearly all of it is net/http's, which keeps for as long as a
// request is served what it needs to serve one: 10 KB of buffers, two goroutines
// with 12 KB of stack, the request and its contexts. In resident memory a handler
// of one line that waits costs 85 % of this. Measured here: 28.4 KB.
func TestIdlePollingMemory(t *testing.T) {
	if raceEnabled {
		return // the race detector adds memory of its own; the plain run guards it
	}
	if os.Getenv(alone) == "" {
		runAlone(t)
		return
	}
	const clients, ceiling = 500, 31000
	srv := plain(false)
	var served atomic.Int64
	hs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		served.Add(1)
		srv.ServeHTTP(w, r)
	}))
	defer hs.Close()
	defer cut(t, srv)
	var all []net.Conn
	open := func(n int) (heap, stack int) {
		for range n {
			all = append(all, pollSilently(t, hs.Listener.Addr().String()))
		}
		for deadline := time.Now().Add(10 * time.Second); served.Load() < int64(4*len(all)); {
			if time.Now().After(deadline) {
				t.Fatalf("%d requests came, should be 4 for each of %d clients", served.Load(), len(all))
			}
			<-time.After(time.Millisecond)
		}
		return inUse()
	}
	heap0, stack0 := open(20) // fills pools and net/http's own caches
	heap1, stack1 := open(clients)
	if n := srv.Of("/").Len(); n != len(all) {
		t.Fatalf("%d of %d clients are left", n, len(all))
	}
	for _, nc := range all {
		_ = nc.Close()
	}
	heap, stack := (heap1-heap0)/clients, (stack1-stack0)/clients
	t.Logf("bytes for each idle client: heap %d + stack %d = %d", heap, stack, heap+stack)
	if heap+stack > ceiling {
		t.Errorf("an idle polling client costs %d bytes (heap %d, stack %d), ceiling %d", heap+stack, heap, stack, ceiling)
	}
}

// pollSilently joins the main namespace by polling and leaves a GET waiting.
func pollSilently(t *testing.T, addr string) net.Conn {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = nc.SetDeadline(time.Now().Add(2 * time.Minute))
	path := "/socket.io/?EIO=4&transport=polling"
	request := func(method, body string) {
		if _, err := fmt.Fprintf(nc, "%s %s HTTP/1.1\r\nHost: a.example\r\nContent-Length: %d\r\n\r\n%s", method, path, len(body), body); err != nil {
			t.Fatal(err)
		}
	}
	answer := func(prefix string) string {
		res, err := http.ReadResponse(bufio.NewReaderSize(byBytes{nc}, 16), nil)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(res.Body)
		if err != nil || !strings.HasPrefix(string(b), prefix) {
			t.Fatalf("answered with %q, %v, not %s", b, err, prefix)
		}
		return string(b)
	}
	request("GET", "")
	_, rest, _ := strings.Cut(answer("0{"), `"sid":"`)
	sid, _, _ := strings.Cut(rest, `"`)
	path += "&sid=" + sid
	request("POST", "40")
	answer("ok")
	request("GET", "")
	answer("40{")
	request("GET", "") // which waits
	return nc
}
