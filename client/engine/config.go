package engine

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// Names of the transports, for Config.Transports and as [Conn.Transport] says them.
const (
	Polling      = "polling"
	WebSocket    = "websocket"
	WebTransport = "webtransport"
)

// Config holds the settings of a connection. The zero value is ready for use,
// and has the defaults of the reference client unless a field says otherwise.
// A zero duration or number means the default. A Config may be used for any
// number of connections at the same time.
type Config struct {
	// Path is the URL path of the server. Default: that of the URL given to
	// Dial, or "/engine.io/" if that has none. It ends with a slash, which is
	// added if missing unless NoTrailingSlash is set.
	Path string

	// NoTrailingSlash leaves Path as it is.
	NoTrailingSlash bool

	// Transports lists the transports to use, the first one to open with.
	// Default: Polling, then WebSocket, then WebTransport if Stream is set.
	Transports []string

	// DisableUpgrade keeps a connection on the transport it opened with.
	DisableUpgrade bool

	// TryAllTransports tries the next one of Transports when one fails to open.
	// Default: only the first is tried.
	TryAllTransports bool

	// RememberUpgrade opens with WebSocket if the last connection with the same
	// Memory had one that worked. Any error on the way makes the Memory forget.
	RememberUpgrade bool

	// Memory carries what one connection learns to the next one: cookies, and
	// whether WebSocket works. Default: each connection begins anew.
	Memory *Memory

	// HTTPClient makes all requests, those for WebSocket too: proxies, TLS,
	// redirects and cookies are set here. Its Timeout bounds what RequestTimeout
	// bounds. If it has no Jar (or is nil, which means one with
	// [http.DefaultTransport]), cookies are kept in Memory, or else for the
	// connection: load balancers tell sessions apart by them. Ignored by the
	// browser for WebSocket (js/wasm).
	HTTPClient *http.Client

	// Header is added to every request. Not to WebSockets in a browser (js/wasm).
	Header http.Header

	// Query is added to the URL of every request, to what it has already.
	Query url.Values

	// Protocols are WebSocket subprotocols to offer.
	Protocols []string

	// ForceBase64 sends and receives binary data as text on all transports.
	ForceBase64 bool

	// PerMessageDeflate offers compressed WebSocket messages (RFC 7692), and
	// compresses messages of at least 1024 bytes if the server agrees. A
	// compressor takes 1.2 MB while it works. Default: off.
	PerMessageDeflate bool

	// RequestTimeout bounds every request that is to be answered at once: one
	// that opens a transport, its first packet included, and one that sends.
	// Requests that wait for messages are bounded by the heartbeat.
	// Default 20 s, which the reference has for opening only.
	RequestTimeout time.Duration

	// UpgradeTimeout bounds an upgrade. Past it the connection goes on polling.
	// Default 10 s, that of the reference server.
	UpgradeTimeout time.Duration

	// WriteTimeout bounds one blocked write to a WebSocket. Default 10 s.
	WriteTimeout time.Duration

	// CloseTimeout bounds what Close does: sending what is queued, saying
	// goodbye, waiting for the server's. Default 5 s.
	CloseTimeout time.Duration

	// MaxPayload bounds what is accepted from the server, in bytes: one
	// WebSocket message, or one polling answer, when inflated.
	// Default 16 MiB; the reference has no bound.
	MaxPayload int

	// MaxQueuedBytes bounds what may wait to be sent, in bytes. A single larger
	// message passes when nothing else waits. Default 16 MiB; the reference has
	// no bound.
	MaxQueuedBytes int

	// Stream, if set, opens the byte stream of a WebTransport session to an
	// https URL, with all of Header and Query. ctx bounds the opening.
	Stream func(ctx context.Context, url string, header http.Header) (Stream, error)

	// Watch waits for the connection while it is a silent WebSocket, for processes
	// that hold thousands of them; see [Watch]. Default: none, and a goroutine of
	// the connection does.
	Watch *Watch

	// Hooks observe a connection.
	Hooks Hooks

	// Logger gets panics at Error and the rest at Debug. Default slog.Default().
	Logger *slog.Logger
}

// Stream is a bidirectional stream as WebTransport has it. Close ends both
// directions and the session that carries the stream.
type Stream interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// Hooks observe a connection. Each may be nil. They are called by goroutines
// of the connection, possibly beside the Receiver, and must not block.
type Hooks struct {
	// Upgrade is called after the connection has moved to the named transport.
	Upgrade func(transport string)
	// UpgradeFailed is called with the reason why it did not.
	UpgradeFailed func(error)
	// Ping is called for each heartbeat of the server.
	Ping func()
	// Drain is called when all that was queued has been sent.
	Drain func()
}

const (
	defaultRequestTimeout = 20 * time.Second
	defaultUpgradeTimeout = 10 * time.Second
	defaultWriteTimeout   = 10 * time.Second
	defaultCloseTimeout   = 5 * time.Second
	defaultMaxPayload     = 16 << 20
	defaultMaxQueued      = 16 << 20
)

func (c Config) withDefaults() Config {
	if len(c.Transports) == 0 {
		c.Transports = []string{Polling, WebSocket}
		if c.Stream != nil {
			c.Transports = append(c.Transports, WebTransport)
		}
	}
	c.RequestTimeout = positive(c.RequestTimeout, defaultRequestTimeout)
	c.UpgradeTimeout = positive(c.UpgradeTimeout, defaultUpgradeTimeout)
	c.WriteTimeout = positive(c.WriteTimeout, defaultWriteTimeout)
	c.CloseTimeout = positive(c.CloseTimeout, defaultCloseTimeout)
	c.MaxPayload = positive(c.MaxPayload, defaultMaxPayload)
	c.MaxQueuedBytes = positive(c.MaxQueuedBytes, defaultMaxQueued)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// positive is for bounds that cannot be switched off.
func positive[T int | time.Duration](v, def T) T {
	if v <= 0 {
		return def
	}
	return v
}
