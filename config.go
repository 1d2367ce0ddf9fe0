package socketio

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/go-socketio/socketio/engine"
	"github.com/go-socketio/socketio/packet"
)

// Config holds the settings of a Server. The zero value has the defaults of
// the official server, except that browsers of foreign origins are refused
// (see Origins). A zero duration or number means the default.
type Config struct {
	// Path is the prefix of the URL path that is served. Slashes at its ends are
	// added where they are missing. Default "/socket.io/".
	Path string
	// Transports lists those on offer. With WebSocket alone several servers need no sticky
	// sessions, and clients must not begin with polling. engine.WebTransport takes a module of its
	// own, engine/webtransport. Default: engine.Polling and engine.WebSocket.
	Transports []string
	// AllowEIO3 also serves clients of Socket.IO 1 and 2, which speak older
	// versions of the protocols. Default: they are refused, and the log says so.
	AllowEIO3 bool
	// DisableUpgrade keeps a client on the transport it began with. Default: it
	// changes to the better one.
	DisableUpgrade bool

	// PingInterval is the time between an answered heartbeat and the next. Keep it
	// below the idle timeouts of proxies. Default 25 s; negative: no heartbeats,
	// and a dead client is found only by TCP.
	PingInterval time.Duration
	// PingTimeout is how long a heartbeat may stay unanswered. Default 20 s.
	PingTimeout time.Duration
	// UpgradeTimeout bounds the change from polling to WebSocket. Default 10 s.
	UpgradeTimeout time.Duration
	// ConnectTimeout is how long a connection may be in no namespace, at its
	// beginning and after it has left the last one, and how long the
	// attachments of one packet may take to arrive. Default 45 s; negative: for ever.
	ConnectTimeout time.Duration
	// WriteTimeout bounds one blocked write to a client. Default 10 s.
	WriteTimeout time.Duration
	// CloseTimeout is how long the end of a connection may wait for the client. Default 30 s.
	CloseTimeout time.Duration
	// AckTimeout bounds the wait for an ack when the context has no deadline.
	// Default 20 s; negative: no bound.
	AckTimeout time.Duration

	// MaxPayload bounds one incoming message and one polling request, in bytes. Default 1,000,000.
	MaxPayload int
	// MaxAttachments bounds the binary attachments of one packet, either way.
	// Current official clients accept no more than 10. Default 10.
	MaxAttachments int
	// MaxPacket bounds one packet with its attachments, in bytes. Default:
	// MaxAttachments × MaxPayload, which is what the other limits add up to.
	MaxPacket int
	// MaxNamespaces bounds how many namespaces one connection may be in. Default 100.
	MaxNamespaces int
	// CleanupEmptyChildren removes a child of a parent namespace (see
	// Server.OfPattern) when its last socket has left. Default: it stays.
	CleanupEmptyChildren bool
	// MaxQueuedBytes bounds what waits for one client that does not read, and,
	// separately, the events that wait for one socket's handlers; bytes. Over
	// the first the client is closed, over the second it is not read from
	// until the handlers have caught up. Default 1 MiB.
	MaxQueuedBytes int

	// MaxPacketsPerPost bounds how many packets one polling request may carry;
	// a client that sends more is closed. Official clients put as many into one
	// as they have: keep it in the thousands. Default 0: as many as MaxPayload holds.
	MaxPacketsPerPost int

	// PerMessageDeflate compresses WebSocket messages with clients that offer
	// it, from a size on. It saves bytes for CPU and memory; Compress(false) leaves one message out.
	// See [engine.Compression] for what it costs. Default (nil): off.
	PerMessageDeflate *engine.Compression
	// HTTPCompression compresses the answers to polling clients likewise, with
	// gzip or deflate. Default (nil): off.
	HTTPCompression *engine.Compression

	// Origins lists who else may connect from a browser, over any transport:
	// "https://app.example", "https://*.app.example", or "*" for everyone.
	// Pages of the host that serves them always may, and so may clients that
	// are no browsers: they send no Origin. Default (nil): nobody else.
	Origins []string
	// CORS adds to what Origins makes the server answer; without Origins it is
	// not used. Default: no credentials, and what preflights ask for.
	CORS engine.CORS
	// Cookie, if set, is sent with a session's first answer; its value is the
	// session id, a zero Path is sent as "/". It is for load balancers that want one. Default: none.
	Cookie *http.Cookie
	// AllowRequest, if set, may refuse a new connection; the client sees the
	// text of an [*Error], and "Forbidden" for other errors. Default: all may connect.
	AllowRequest func(*http.Request) error
	// GenerateID, if set, makes the session ids, which are secrets: they must be
	// unique and impossible to guess. A client that gets an error, an empty id or
	// one that is taken is refused with "Bad request". Default: 15 random bytes.
	GenerateID func(*http.Request) (string, error)
	// Headers, if set, may add to the headers of every answer to a client, the
	// 101 of a WebSocket included. The session is nil for refused requests and
	// preflights. It is called concurrently and must not block. The files of the
	// browser client are no answers of a session: wrap the Server for those. Default: none.
	Headers func(http.Header, *http.Request, *engine.Session)
	// InitialHeaders, if set, is Headers for the first answer of each session
	// alone, where cookies belong. Default: none.
	InitialHeaders func(http.Header, *http.Request, *engine.Session)
	// InitialPacket, if set, is sent to each new session right behind the open
	// packet, below Socket.IO: clients must know what to make of it. Most
	// applications want to emit in Namespace.OnConnect instead. Default: none.
	InitialPacket *engine.Message

	// KeepHeaders names the request headers that Handshake keeps, 8 KiB of them
	// at most; "*" stands for all. Default: all when they are at most 1 KiB together, otherwise
	// Cookie, Host, Origin, User-Agent and X-Forwarded-For.
	KeepHeaders []string
	// KeepContext, if set, is given the request that opens a connection, with all
	// that HTTP middlewares have put into its context. The values of the context
	// that it returns are those of every handler's context from then on; see
	// [Socket.Context]. They stay in memory as long as the connection does, so
	// that one with just what is needed is better than the request's own.
	// It is called once for each connection, concurrently, and must not block.
	// Default: nothing is kept.
	KeepContext func(*http.Request) context.Context

	// Recovery, if set, lets clients come back after a short loss of connection
	// without losing events. Default: off.
	Recovery *Recovery

	// Parser, if set, replaces the default parser for all clients, which must
	// use the same: the parser option of the official client. See [packet.Parser].
	// Default: the text protocol that every client speaks unless told otherwise.
	Parser packet.Parser
	// JSON changes how the default parser turns values into JSON and back: another JSON
	// library, or functions that see each value. Default: encoding/json.
	JSON packet.JSON

	// DisableClient stops serving the browser client, socket.io.js and its kin,
	// under Path. Default: it is served.
	DisableClient bool

	// AckError makes what an ack carries when a handler returns an error.
	// Default: {"error": {"message": …, "data": …}}.
	AckError func(*Error) any

	// ReturnWindow is for how long Namespace.OnReconnect remembers a client
	// that is gone. Default 2 min.
	ReturnWindow time.Duration

	// Logger gets panics and masked errors at Error, refused origins, refused
	// versions and failed WebSocket upgrades at Warn, the rest at Debug. Default slog.Default().
	Logger *slog.Logger
	// Hooks observe the server. Default: none.
	Hooks Hooks
}

func (c Config) withDefaults() Config {
	if c.Path == "" {
		c.Path = "/socket.io/"
	}
	c.Path = "/" + strings.Trim(c.Path, "/") + "/"
	if c.Path == "//" {
		c.Path = "/"
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 45 * time.Second
	}
	if c.AckTimeout == 0 {
		c.AckTimeout = 20 * time.Second
	}
	if c.ReturnWindow <= 0 {
		c.ReturnWindow = 2 * time.Minute
	}
	if c.MaxPayload <= 0 {
		c.MaxPayload = 1_000_000
	}
	if c.MaxAttachments <= 0 {
		c.MaxAttachments = 10
	}
	if c.MaxPacket <= 0 {
		c.MaxPacket = c.MaxAttachments * c.MaxPayload
	}
	if c.MaxNamespaces <= 0 {
		c.MaxNamespaces = 100
	}
	if c.MaxQueuedBytes <= 0 {
		c.MaxQueuedBytes = 1 << 20
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.AckError == nil {
		c.AckError = func(e *Error) any { return map[string]any{"error": e} }
	}
	return c
}

// engine returns the part of the settings that concerns the layer below.
func (c *Config) engine() engine.Config {
	return engine.Config{
		Path:           c.Path,
		Transports:     c.Transports,
		AllowEIO3:      c.AllowEIO3,
		DisableUpgrade: c.DisableUpgrade,
		PingInterval:   c.PingInterval,
		PingTimeout:    c.PingTimeout,
		UpgradeTimeout: c.UpgradeTimeout,
		MaxPayload:     c.MaxPayload,
		MaxQueuedBytes: c.MaxQueuedBytes,
		WriteTimeout:   c.WriteTimeout,
		CloseTimeout:   c.CloseTimeout,
		Origins:        c.Origins,
		CORS:           c.CORS,
		Cookie:         c.Cookie,
		AllowRequest:   c.denials(),
		GenerateID:     c.GenerateID,
		KeepHeaders:    c.KeepHeaders,
		KeepContext:    c.KeepContext,
		Logger:         c.Logger,

		MaxPacketsPerPost: c.MaxPacketsPerPost,
		PerMessageDeflate: c.PerMessageDeflate,
		HTTPCompression:   c.HTTPCompression,
		Headers:           c.Headers,
		InitialHeaders:    c.InitialHeaders,
		InitialPacket:     c.InitialPacket,
	}
}

// denials lets AllowRequest speak to the client in this package's error type.
func (c *Config) denials() func(*http.Request) error {
	allow := c.AllowRequest
	if allow == nil {
		return nil
	}
	return func(r *http.Request) error {
		err := allow(r)
		if e, ok := errors.AsType[*Error](err); ok && e != nil {
			return &engine.Denial{Message: e.Message}
		}
		return err
	}
}
