package webtransport

import (
	"time"

	"github.com/quic-go/quic-go"
)

const (
	// idleConn is how long a connection may stay without any request: longer
	// than a browser needs between two, and not for ever.
	idleConn = 30 * time.Second
	// maxHeader bounds a request's headers, in bytes.
	maxHeader = 64 << 10
	// maxIdle ends a connection from which nothing comes, in QUIC's own terms.
	// Browsers ask for 30 s, and the smaller value counts.
	maxIdle = 30 * time.Second
	// keepAlive is QUIC's own heartbeat. It is only used where the engine's
	// comes too late, or not at all, to keep a connection from being idle.
	keepAlive = 15 * time.Second
	// slowPing is from where it does: an answer may take its time too.
	slowPing = 25 * time.Second

	// maxStreams is how many streams a client may open: its request and one
	// stream are a session, the rest is for polling over HTTP/3.
	maxStreams = 16
	// maxUniStreams is for the control streams of HTTP/3.
	maxUniStreams = 8

	// What a client may send before it is read. They begin small, since every
	// connection may hold that much, and grow with what is read.
	streamWindow    = 64 << 10
	maxStreamWindow = 1 << 20
	connWindow      = 128 << 10
	maxConnWindow   = 2 << 20
)

func (s *Server) quicConfig() *quic.Config {
	var c *quic.Config
	if s.cfg.QUIC != nil {
		c = s.cfg.QUIC.Clone()
	} else {
		c = &quic.Config{
			MaxIdleTimeout:                 maxIdle,
			MaxIncomingStreams:             maxStreams,
			MaxIncomingUniStreams:          maxUniStreams,
			InitialStreamReceiveWindow:     streamWindow,
			MaxStreamReceiveWindow:         maxStreamWindow,
			InitialConnectionReceiveWindow: connWindow,
			MaxConnectionReceiveWindow:     maxConnWindow,
		}
		if i := s.engine.PingInterval(); i < 0 || i > slowPing {
			c.KeepAlivePeriod = keepAlive
		}
	}
	c.EnableDatagrams = true
	c.EnableStreamResetPartialDelivery = true
	return c
}
