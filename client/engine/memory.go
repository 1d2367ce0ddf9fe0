package engine

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"runtime"
	"sync"

	"github.com/go-socketio/socketio/internal/deflate"
)

// Memory carries what one connection learns to the next ones: the cookies of
// the server and its load balancer, and whether WebSocket works (see
// Config.RememberUpgrade). Whoever reconnects keeps one and passes it in each
// Config. The zero value is empty and ready. Safe for concurrent use.
type Memory struct {
	cookies cookies

	mu        sync.Mutex
	webSocket bool
	deflate   *deflate.Writers
}

// jar returns the cookies. A nil Memory keeps none, so each call makes a new jar.
func (m *Memory) jar() http.CookieJar {
	if m == nil {
		return new(cookies)
	}
	return &m.cookies
}

// cookies is a jar that is made for the first cookie: most servers set none.
type cookies struct {
	mu  sync.Mutex
	jar http.CookieJar
}

func (c *cookies) kept(first bool) http.CookieJar {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.jar == nil && first {
		c.jar, _ = cookiejar.New(nil) // fails never
	}
	return c.jar
}

func (c *cookies) SetCookies(u *url.URL, list []*http.Cookie) {
	if len(list) > 0 {
		c.kept(true).SetCookies(u, list)
	}
}

func (c *cookies) Cookies(u *url.URL) []*http.Cookie {
	jar := c.kept(false)
	if jar == nil {
		return nil
	}
	return jar.Cookies(u)
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
