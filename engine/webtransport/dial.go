package webtransport

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"

	client "github.com/go-socketio/socketio/client/engine"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/webtransport-go"
)

// Dialer returns what the Go client needs to connect over WebTransport, for the
// field Stream of client.Config or of client/engine.Config. config, which may be
// nil, is copied. Each stream has a QUIC connection of its own, which ends with
// it. The returned function may be called concurrently.
func Dialer(config *tls.Config) func(ctx context.Context, url string, header http.Header) (client.Stream, error) {
	return func(ctx context.Context, to string, header http.Header) (client.Stream, error) {
		u, err := url.Parse(to)
		if err != nil {
			return nil, fmt.Errorf("webtransport: %w", err)
		}
		u.Scheme = "https" // also beside polling over plain HTTP: there is no other QUIC
		if u.Port() == "" {
			u.Host += ":443"
		}
		d := webtransport.Transport{TLSClientConfig: config, QUICConfig: &quic.Config{
			EnableDatagrams:                  true,
			EnableStreamResetPartialDelivery: true,
			MaxIncomingStreams:               -1, // the client opens the only one
			MaxIncomingUniStreams:            maxUniStreams,
			KeepAlivePeriod:                  keepAlive, // who knows how often the server pings
		}}
		res, session, err := d.Dial(ctx, u.String(), header)
		switch {
		case err != nil && res != nil:
			return nil, fmt.Errorf("webtransport: the server answers %s", res.Status)
		case err != nil:
			return nil, fmt.Errorf("webtransport: %w", err)
		}
		st, err := session.OpenStreamSync(ctx)
		if err != nil {
			_ = session.CloseWithError(0, "")
			return nil, fmt.Errorf("webtransport: %w", err)
		}
		return stream{st, session}, nil
	}
}
