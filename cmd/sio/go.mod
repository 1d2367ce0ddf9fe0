module github.com/go-socketio/socketio/cmd/sio

go 1.26
