package deflate_test

import (
	"net/http"
	"testing"

	"github.com/go-socketio/socketio/internal/deflate"
)

// A middleware that sets an encoding, or says that it chooses one, is left alone.
func TestTaken(t *testing.T) {
	for _, c := range []struct {
		header http.Header
		want   bool
	}{
		{http.Header{}, false},
		{http.Header{"Vary": {"Origin"}}, false},
		{http.Header{"Vary": {"Origin", "Cookie, accept-encoding"}}, true},
		{http.Header{"Content-Encoding": {"br"}}, true},
	} {
		if got := deflate.Taken(c.header); got != c.want {
			t.Errorf("%v: %v", c.header, got)
		}
	}
}
