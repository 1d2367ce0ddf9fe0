module github.com/go-socketio/socketio/cmd/sio

go 1.26.0

require (
	github.com/creack/pty v1.1.24
	github.com/go-socketio/socketio v0.0.0
	github.com/go-socketio/socketio/packet/msgpack v0.0.0
	golang.org/x/term v0.47.0
)

require (
	github.com/gobwas/httphead v0.1.0 // indirect
	github.com/gobwas/ws v1.5.0 // indirect
	github.com/philhofer/fwd v1.2.0 // indirect
	github.com/tinylib/msgp v1.6.5 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

replace github.com/go-socketio/socketio => ../..

replace github.com/go-socketio/socketio/packet/msgpack => ../../packet/msgpack
