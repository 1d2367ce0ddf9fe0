package client

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-socketio/socketio/client/engine"
	"github.com/go-socketio/socketio/packet"
)

// Config holds the settings of a Manager. The zero value has the defaults of
// the official client, unless a field says otherwise. A zero duration or number means the default.
type Config struct {
	// Path is the URL path of the server's Socket.IO. A slash missing at its end
	// is added. Default "/socket.io/".
	Path string
	// NoTrailingSlash leaves Path without the slash at its end.
	NoTrailingSlash bool
	// Query goes into the URL of every request.
	Query url.Values
	// Header goes with every request. Browsers (js/wasm) do not send it with a WebSocket.
	Header http.Header
	// HTTPClient makes all requests, those for WebSocket too: proxies, TLS and
	// cookies are set here. If it has no Jar, cookies are kept for the Manager's
	// life. Default: one with http.DefaultTransport.
	HTTPClient *http.Client
	// Transports lists the transports to use, the first one to open with.
	// Default: "polling", then "websocket", then "webtransport" if Stream is set.
	Transports []string
	// DisableUpgrade keeps a connection on the transport it opened with.
	DisableUpgrade bool
	// RememberUpgrade opens with WebSocket when the connection before had one.
	RememberUpgrade bool
	// TryAllTransports tries the next one of Transports when one fails to open.
	TryAllTransports bool
	// Stream opens WebTransport sessions. Default: none. See engine.Config.
	Stream func(ctx context.Context, url string, header http.Header) (engine.Stream, error)
	// Watch waits for the connection while it is a silent WebSocket. A process that
	// holds thousands of Managers makes one and gives it to all of them. Default:
	// none. See [Watch].
	Watch *Watch
	// Protocols lists WebSocket subprotocols to offer. Default: none.
	Protocols []string
	// ForceBase64 sends and receives binary data as text on all transports.
	ForceBase64 bool
	// PerMessageDeflate offers compressed WebSocket messages. Default: off; the
	// official client has it on in Node.js. See engine.Config for what it costs.
	PerMessageDeflate bool
	// RequestTimeout bounds a request that is to be answered at once. Default 20 s.
	RequestTimeout time.Duration
	// UpgradeTimeout bounds the change from polling to WebSocket. Default 10 s.
	UpgradeTimeout time.Duration
	// WriteTimeout bounds one blocked write. Default 10 s.
	WriteTimeout time.Duration
	// CloseTimeout bounds the end of a connection, with what it still has to
	// send. Default 5 s.
	CloseTimeout time.Duration

	// ConnectTimeout bounds one attempt to open the connection. Default 20 s;
	// negative: no bound.
	ConnectTimeout time.Duration
	// DisableReconnection makes one attempt only, and none when the connection is lost.
	DisableReconnection bool
	// ReconnectionAttempts bounds the attempts in a row that are in vain, the very
	// first not counted. Default 0: no bound.
	ReconnectionAttempts int
	// ReconnectionDelay is the wait before the first attempt to connect again.
	// Default 1 s.
	ReconnectionDelay time.Duration
	// ReconnectionDelayMax is the longest wait. Default 5 s.
	ReconnectionDelayMax time.Duration
	// ReconnectionFactor is the ratio of each wait to the one before. Default 2.
	ReconnectionFactor float64
	// RandomizationFactor spreads each wait at random by this share of it, up
	// and down, but not over ReconnectionDelayMax, so that not all clients of a
	// server come back at once. Default 0.5, at most 1; negative: no spread.
	RandomizationFactor float64

	// AckTimeout bounds the wait for an ack when the context has no deadline,
	// and each try of a socket with Retries. Default 20 s (the official client: none); negative: no bound.
	AckTimeout time.Duration

	// MaxPayload bounds one message of the server, and one polling answer, in
	// bytes. Default 16 MiB (the official client: none).
	MaxPayload int
	// MaxAttachments bounds the binary attachments of one packet, in either direction. Default 10.
	MaxAttachments int
	// MaxPacket bounds one packet of the server with its attachments, in bytes.
	// Default 64 MiB.
	MaxPacket int
	// AttachmentTimeout bounds the wait for each attachment of a packet whose text
	// has come; past it the connection is closed with [ParseError]. Default 45 s,
	// as long as the heartbeat of most servers lets one message take; negative: no bound.
	AttachmentTimeout time.Duration
	// MaxQueuedBytes bounds, separately and in bytes, what the connection has
	// still to send, what one socket keeps until it is connected, what it keeps to
	// retry, and the events that wait for one socket's handlers. Over the last the
	// server is not read from until they caught up; over the others an emit is
	// refused. Default 16 MiB (the official client: none).
	MaxQueuedBytes int

	// Parser, if set, replaces the default parser; the server must use the
	// same. See [packet.Parser].
	Parser packet.Parser
	// JSON changes how the default parser turns values into JSON and back.
	// Default: encoding/json.
	JSON packet.JSON
	// AckError makes what an ack carries when a handler returns an error.
	// Default: {"error": {"message": …, "data": …}}.
	AckError func(*Error) any

	// Logger gets panics and failed handlers at Error, events and connections
	// that were given up at Warn, the rest at Debug. Default slog.Default().
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Path == "" {
		c.Path = "/socket.io/"
	}
	if !strings.HasPrefix(c.Path, "/") {
		c.Path = "/" + c.Path
	}
	c.RequestTimeout = positive(c.RequestTimeout, 20*time.Second)
	c.UpgradeTimeout = positive(c.UpgradeTimeout, 10*time.Second)
	c.WriteTimeout = positive(c.WriteTimeout, 10*time.Second)
	c.CloseTimeout = positive(c.CloseTimeout, 5*time.Second)
	c.ConnectTimeout = orDefault(c.ConnectTimeout, 20*time.Second)
	c.AckTimeout = orDefault(c.AckTimeout, 20*time.Second)
	c.ReconnectionDelay = positive(c.ReconnectionDelay, time.Second)
	c.ReconnectionDelayMax = positive(c.ReconnectionDelayMax, 5*time.Second)
	c.ReconnectionFactor = positive(c.ReconnectionFactor, 2)
	c.RandomizationFactor = min(max(orDefault(c.RandomizationFactor, 0.5), 0), 1)
	c.MaxPayload = positive(c.MaxPayload, 16<<20)
	c.MaxAttachments = positive(c.MaxAttachments, 10)
	c.AttachmentTimeout = orDefault(c.AttachmentTimeout, 45*time.Second)
	c.MaxPacket = positive(c.MaxPacket, 64<<20)
	c.MaxQueuedBytes = positive(c.MaxQueuedBytes, 16<<20)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.AckError == nil {
		c.AckError = func(e *Error) any { return map[string]any{"error": e} }
	}
	return c
}

// check says what no attempt to connect can mend.
func (c *Config) check() error {
	for _, name := range c.Transports {
		switch {
		case name == engine.WebTransport && c.Stream == nil:
			return fmt.Errorf("client: Config.Transports: %q needs Config.Stream", name)
		case name != engine.WebTransport && name != engine.WebSocket && name != engine.Polling:
			return fmt.Errorf("client: Config.Transports: %q is none of %q, %q, %q", name, engine.Polling, engine.WebSocket, engine.WebTransport)
		}
	}
	return nil
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// positive is for what cannot be switched off.
func positive[T int | float64 | time.Duration](v, def T) T {
	if v > 0 {
		return v
	}
	return def
}

func (c *Config) backoff() backoff {
	return backoff{
		first: c.ReconnectionDelay, longest: c.ReconnectionDelayMax,
		factor: c.ReconnectionFactor, jitter: c.RandomizationFactor,
	}
}

// engine returns the part of the settings that concerns the layer below.
func (c *Config) engine() engine.Config {
	return engine.Config{
		Path:              c.Path,
		NoTrailingSlash:   c.NoTrailingSlash,
		Query:             c.Query,
		Header:            c.Header,
		HTTPClient:        c.HTTPClient,
		Transports:        c.Transports,
		DisableUpgrade:    c.DisableUpgrade,
		RememberUpgrade:   c.RememberUpgrade,
		TryAllTransports:  c.TryAllTransports,
		Stream:            c.Stream,
		Watch:             c.Watch,
		Protocols:         c.Protocols,
		ForceBase64:       c.ForceBase64,
		PerMessageDeflate: c.PerMessageDeflate,
		RequestTimeout:    c.RequestTimeout,
		UpgradeTimeout:    c.UpgradeTimeout,
		WriteTimeout:      c.WriteTimeout,
		CloseTimeout:      c.CloseTimeout,
		MaxPayload:        c.MaxPayload,
		MaxQueuedBytes:    unbounded,
		Logger:            c.Logger,
	}
}
