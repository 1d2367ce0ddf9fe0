module github.com/go-socketio/socketio/internal/interop

go 1.26.0

require (
	github.com/go-socketio/socketio v0.0.0
	github.com/go-socketio/socketio/engine/webtransport v0.0.0
	github.com/go-socketio/socketio/packet/msgpack v0.0.0
	github.com/gobwas/ws v1.5.0
)

require (
	github.com/dunglas/httpsfv v1.1.1 // indirect
	github.com/gobwas/httphead v0.1.0 // indirect
	github.com/philhofer/fwd v1.2.0 // indirect
	github.com/quic-go/qpack v0.6.0 // indirect
	github.com/quic-go/quic-go v0.62.0 // indirect
	github.com/quic-go/webtransport-go v0.13.0 // indirect
	github.com/tinylib/msgp v1.6.5 // indirect
	golang.org/x/crypto v0.54.0 // indirect
	golang.org/x/net v0.56.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	golang.org/x/text v0.40.0 // indirect
)

replace github.com/go-socketio/socketio => ../..

replace github.com/go-socketio/socketio/packet/msgpack => ../../packet/msgpack

replace github.com/go-socketio/socketio/engine/webtransport => ../../engine/webtransport
