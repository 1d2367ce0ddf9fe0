module github.com/go-socketio/socketio/internal/interop

go 1.26
