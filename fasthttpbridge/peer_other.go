//go:build !unix

package fasthttpbridge

import "net"

// peer watches nothing here: the client's absence shows when the answer is sent.
type peer struct{}

func newPeer(net.Conn) *peer { return nil }

func (*peer) awaitEnd() bool { return false }
func (*peer) wake()          {}
func (*peer) release()       {}
