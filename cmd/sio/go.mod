module github.com/go-socketio/socketio/cmd/sio

go 1.26

require github.com/go-socketio/socketio v0.0.0

require (
	github.com/gobwas/httphead v0.1.0 // indirect
	github.com/gobwas/ws v1.5.0 // indirect
)

replace github.com/go-socketio/socketio => ../..
