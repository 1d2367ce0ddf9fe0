package engine

// Events are the four events of a browser's WebSocket. Each may be nil. They
// are called one at a time, never concurrently.
type Events struct {
	Open    func()
	Message func(kind Kind, data []byte) // data is valid until return
	Error   func(err error)              // before Close, if something went wrong
	Close   func(reason Reason)          // once, last; also when no connection came about
}
