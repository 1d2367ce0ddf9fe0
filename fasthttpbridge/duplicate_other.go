//go:build !unix

package fasthttpbridge

import (
	"errors"
	"net"
)

func duplicate(net.Conn) (net.Conn, error) { return nil, errors.ErrUnsupported }
