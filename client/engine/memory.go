package engine

import (
	"net/http"
	"net/http/cookiejar"
	"runtime"
	"sync"

	"github.com/go-socketio/socketio/internal/deflate"
)

// Memory carries what one connection learns to the next ones: the cookies of
// the server and its load balancer, and whether WebSocket works (see
// Config.RememberUpgrade). Whoever reconnects keeps one and passes it in each
// Config. The zero value is empty and ready. Safe for concurrent use.
type Memory struct {
	mu        sync.Mutex
	cookies   http.CookieJar
	webSocket bool
	deflate   *deflate.Writers
}

func newJar() http.CookieJar {
	jar, _ := cookiejar.New(nil) // fails never
	return jar
}

// jar returns the cookies. A nil Memory keeps none, so each call makes a new jar.
func (m *Memory) jar() http.CookieJar {
	if m == nil {
		return newJar()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cookies == nil {
		m.cookies = newJar()
	}
	return m.cookies
}

// webSocketWorked tells whether the last connection had a WebSocket.
func (m *Memory) webSocketWorked() bool {
	if m == nil {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.webSocket
}

func (m *Memory) learn(webSocketWorks bool) {
	if m == nil {
		return
	}
	m.mu.Lock()
	m.webSocket = webSocketWorks
	m.mu.Unlock()
}

// compressors lends compressors to all connections of a Memory. A nil one makes
// new ones for each, which cost nothing until they are used.
func (m *Memory) compressors() *deflate.Writers {
	if m == nil {
		return deflate.NewWriters(1)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.deflate == nil {
		m.deflate = deflate.NewWriters(runtime.GOMAXPROCS(0))
	}
	return m.deflate
}
