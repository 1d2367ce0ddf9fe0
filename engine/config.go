package engine

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// Names of the transports, as they stand in the query parameter "transport".
const (
	Polling      = "polling"
	WebSocket    = "websocket"
	WebTransport = "webtransport"
)

// Config holds the settings of a Server. The zero value is ready for use and
// has the defaults of the reference implementation, with one exception: it
// refuses browsers of foreign origins (see Origins).
//
// A zero duration or number means the default; a negative one switches the
// feature off where that makes sense, and the field says so.
type Config struct {
	// Path is the prefix of the URL path that is served; everything else gets
	// 404. Default "/engine.io/". The form without the final slash is served too.
	Path string

	// Transports lists the transports on offer. Default: Polling and WebSocket.
	// WebTransport also takes a server for HTTP/3, see Server.ServeStream.
	Transports []string

	// AllowEIO3 also serves clients of Engine.IO 3, which are those of Socket.IO 1
	// and 2: whoever does not say that it speaks Engine.IO 4. Default: they are
	// refused with code 5, and the log says so.
	AllowEIO3 bool

	// DisableUpgrade keeps a session on the transport it began with. Default:
	// it changes to the better one.
	DisableUpgrade bool

	// PingInterval is the time between an answered heartbeat and the next one.
	// Default 25 s; negative: no heartbeats, and a dead peer is found only by TCP.
	PingInterval time.Duration

	// PingTimeout is how long a heartbeat may stay unanswered. Default 20 s.
	PingTimeout time.Duration

	// UpgradeTimeout bounds an upgrade from the WebSocket handshake to its last
	// packet. Past it only the WebSocket is dropped, the session goes on
	// polling. So it is with WebTransport, where it also bounds the time to a
	// client's first packet. Default 10 s.
	UpgradeTimeout time.Duration

	// MaxPayload bounds one incoming WebSocket message, and the body of one
	// polling request, in bytes. Default 1,000,000.
	MaxPayload int

	// MaxPacketsPerPost bounds how many packets one polling request may carry.
	// A request with more is answered with 400, none of them is delivered, and
	// the session ends with [ParseError]. Default 0: no bound beyond MaxPayload,
	// since a packet costs no more than its bytes do, and clients put as many
	// into one request as they have.
	MaxPacketsPerPost int

	// MaxQueuedBytes bounds what may wait for a client that does not read, in
	// bytes of encoded messages. A single message larger than that still
	// passes when nothing else waits. Default 1 MiB.
	MaxQueuedBytes int

	// WriteTimeout bounds one blocked write to a client. Default 10 s.
	WriteTimeout time.Duration

	// PerMessageDeflate, if set, agrees to compressed WebSocket messages (RFC
	// 7692) with clients that offer it, as browsers and Node.js do. Nothing is
	// kept from one message to the next, and a message for many is compressed
	// once. What clients send compressed may be MaxPayload bytes long when
	// inflated. Default: off.
	PerMessageDeflate *Compression

	// HTTPCompression, if set, compresses the answers to polling requests, with
	// gzip or deflate as the client likes. Default: off.
	HTTPCompression *Compression

	// CloseTimeout is how long the end of a session may wait for the client to
	// fetch what was sent before it: a polling client's next request, a
	// WebSocket client's answer to the close frame. Default 30 s.
	CloseTimeout time.Duration

	// Origins lists who else may connect from a browser, for polling, WebSocket
	// and preflight requests alike: "https://app.example", "https://*.app.example"
	// (any one or more labels), or "*" for everyone. Pages of the host that the
	// request names always pass, and so do requests without an Origin header,
	// which come from no browser. Default (nil): nobody else. A browser sends a
	// user's cookies along with requests of any page, so "*" is only safe for
	// services that do not rely on cookies.
	Origins []string

	// CORS adds to what the Origins setting answers to browsers. Default: no
	// credentials, and what preflights ask for.
	CORS CORS

	// Cookie, if set, is sent with the first answer of each session, with the
	// session's id as its value. Default: no cookie. A zero Path is sent as "/".
	Cookie *http.Cookie

	// InitialPacket, if set, is sent to each new session right behind the open
	// packet, before anything that Handler.Open sends: with polling it is part
	// of the first answer. Default: none.
	InitialPacket *Message

	// Headers, if set, may add to the headers of every answer: those to polling
	// requests, the 101 of a WebSocket, refusals and preflights. s is nil when
	// the answer belongs to no session. What an answer needs to be understood
	// (Content-Type, Content-Length and the like) is set afterwards. It is
	// called concurrently, holds the answer up, and must not block. Default: none.
	Headers func(h http.Header, r *http.Request, s *Session)

	// InitialHeaders, if set, is Headers for the first answer of each session
	// alone, where cookies belong. It is called before Headers; s is never nil. Default: none.
	InitialHeaders func(h http.Header, r *http.Request, s *Session)

	// AllowRequest, if set, is asked for each new session; an error refuses it
	// with 403 (polling) or 400 (WebSocket). The client sees the text of a
	// [*Denial], and "Forbidden" for any other error. It is not called for the later
	// requests of a session. Default: all may connect.
	AllowRequest func(*http.Request) error

	// GenerateID, if set, makes the session ids. They must be unique and
	// impossible to guess: whoever knows one can speak for the client. A client
	// that gets an error, an empty id or one that is taken is refused with "Bad
	// request". Default: 15 random bytes as 20 characters of URL-safe base64.
	GenerateID func(*http.Request) (string, error)

	// KeepHeaders limits what Session.Request remembers of the first request's
	// headers, in 8 KiB at most: a header that would not fit is left out. "*"
	// stands for all of them. Default (nil): all of them when they are at most
	// 1 KiB together, otherwise Cookie, Host, Origin, User-Agent and X-Forwarded-For.
	KeepHeaders []string

	// KeepContext, if set, says what outlives the request that opens a session:
	// the values of the context that it returns are values of
	// [Session.Context] from then on. Its end is not: the context may end with
	// the request. It is called once for each session, after AllowRequest, and
	// must not block. What it returns stays in memory as long as the session:
	// r.Context() itself keeps whatever middlewares have put there, which may
	// be the whole request; a fresh context with one value costs about 250
	// bytes. Default: nothing is kept.
	KeepContext func(r *http.Request) context.Context

	// Refused, if set, is told of each refused request. It must not block. Default: nobody is.
	Refused func(Refusal)

	// Logger gets refused origins and refused versions of the protocol at Warn
	// and the rest at Debug. Default slog.Default().
	Logger *slog.Logger
}

// CORS holds what a preflight answer says beyond the allowed origin.
type CORS struct {
	Methods        []string      // that a preflight's answer names; default GET, HEAD, PUT, PATCH, POST, DELETE
	AllowedHeaders []string      // likewise; default: those that the preflight asks for
	ExposedHeaders []string      // that pages may read; default none
	Credentials    bool          // let the browser send cookies; default: it may not
	MaxAge         time.Duration // how long a browser may remember the answer; default 0: header left out
}

// Denial is an error whose text is meant for the client.
type Denial struct{ Message string }

func (d *Denial) Error() string { return d.Message }

const (
	defaultPingInterval   = 25 * time.Second
	defaultPingTimeout    = 20 * time.Second
	defaultUpgradeTimeout = 10 * time.Second
	defaultWriteTimeout   = 10 * time.Second
	defaultCloseTimeout   = 30 * time.Second
	defaultMaxPayload     = 1_000_000
	defaultMaxQueued      = 1 << 20
)

func (c Config) withDefaults() Config {
	if c.Path == "" {
		c.Path = "/engine.io/"
	}
	if c.Path[len(c.Path)-1] != '/' {
		c.Path += "/"
	}
	if c.Path[0] != '/' {
		c.Path = "/" + c.Path
	}
	if len(c.Transports) == 0 {
		c.Transports = []string{Polling, WebSocket}
	}
	c.PingInterval = orDefault(c.PingInterval, defaultPingInterval)
	c.PingTimeout = positive(c.PingTimeout, defaultPingTimeout)
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

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// positive is for bounds that cannot be switched off.
func positive[T int | time.Duration](v, def T) T {
	if v <= 0 {
		return def
	}
	return v
}
