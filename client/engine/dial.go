package engine

import (
	"context"
	"errors"
)

// Dial opens a connection to a server and returns when the handshake is done.
// The URL's scheme is http, https, ws or wss. ctx bounds the opening, not the
// connection, beside Config.RequestTimeout. r must not be nil, and none of its
// methods is called if Dial fails.
//
// A refusal is a *[HandshakeError].
func Dial(ctx context.Context, url string, cfg Config, r Receiver) (*Conn, error) {
	return nil, errors.New("engine: not implemented")
}
