package load

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Certificates and addresses are those that were asked for.
func TestDialing(t *testing.T) {
	var mu sync.Mutex
	from := map[string]int{}
	_, io := server(t, nil)
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		mu.Lock()
		from[host]++
		mu.Unlock()
		io.ServeHTTP(w, r)
	}))
	defer secure.Close()
	cfg := quick("echo", strings.Replace(secure.URL, "https", "wss", 1))
	if _, err := Run(t.Context(), cfg, nil); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a certificate that nobody knows: %v", err)
	}
	clear(from)
	cfg.TLS = &tls.Config{InsecureSkipVerify: true}
	if runtime.GOOS == "linux" { // others have one loopback address
		cfg.From = []string{"127.0.0.2", "127.0.0.3", "::1"}
	}
	good(t, cfg)
	if runtime.GOOS == "linux" && (from["127.0.0.2"] == 0 || from["127.0.0.3"] == 0 || len(from) != 2) {
		t.Errorf("they came from %v", from)
	}
}
