package engine

import (
	"context"
	"errors"
)

// dialStream opens a WebTransport session.
func (c *Conn) dialStream(ctx context.Context, sid string) (wire, error) {
	return nil, errors.New("engine: webtransport: not available")
}
