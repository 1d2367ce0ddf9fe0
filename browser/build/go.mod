module github.com/go-socketio/socketio/browser/build

go 1.26
