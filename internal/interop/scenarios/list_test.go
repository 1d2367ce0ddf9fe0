package scenarios

// scenario is one test, by a name that it has for every client.
type scenario struct {
	name string
	run  func(*stage)
	once bool // in one mode
}

var list = []scenario{
	{"transports", transports, false},
	{"upgrade", upgrade, true},
	{"acks", acks, false},
	{"binary", binary, false},
	{"namespaces", namespaces, false},
	{"middleware errors", middlewareErrors, false},
	{"reconnect after kill -9", reconnectAfterKill, false},
	{"recovery", recovery, false},
	{"retries", retries, false},
	{"200 sockets at once", crowd, true},
	{"slow network", slowNetwork, false},
	{"large payloads", largePayloads, false},
	{"unicode", unicode, false},
}
