package socketio_test

import (
	"fmt"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/siotest"
)

// clients serves srv in memory for an example and connects to it. What a client
// receives prints as it stands on the wire, ["event",args…].
func clients(srv *socketio.Server) *testClients {
	t := &exampleT{}
	return &testClients{t: t, ts: siotest.NewServer(t, srv)}
}

type testClients struct {
	t  *exampleT
	ts *siotest.Server
}

// Dial connects a client; auth is optional.
func (c *testClients) Dial(namespace string, auth ...any) *siotest.Client {
	return c.ts.Dial(c.t, namespace, append(auth, nil)[0])
}

// Try connects a client that may be refused.
func (c *testClients) Try(namespace string, auth any) error {
	_, err := c.ts.Open(c.t, siotest.Options{}).TryConnect(namespace, auth)
	return err
}

// Close ends the clients and the server.
func (c *testClients) Close() {
	for i := len(c.t.cleanups) - 1; i >= 0; i-- {
		c.t.cleanups[i]()
	}
}

// exampleT is what siotest needs of a testing.T, where there is none.
type exampleT struct {
	testing.TB
	cleanups []func()
}

func (t *exampleT) Helper()                   {}
func (t *exampleT) Cleanup(f func())          { t.cleanups = append(t.cleanups, f) }
func (t *exampleT) Fatal(v ...any)            { panic(fmt.Sprint(v...)) }
func (t *exampleT) Fatalf(s string, v ...any) { panic(fmt.Sprintf(s, v...)) }
func (t *exampleT) Errorf(s string, v ...any) { fmt.Printf(s+"\n", v...) }
