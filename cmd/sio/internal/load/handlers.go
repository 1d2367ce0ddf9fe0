package load

import "fmt"

// Handlers is what a server has to have for the scenario, in JavaScript and in
// Go; "" if it needs nothing.
func Handlers(cfg Config) string {
	s, ok := scenarioNamed(cfg.Scenario)
	if !ok {
		return ""
	}
	or(&cfg.Event, s.defaults.Event)
	or(&cfg.Reply, cfg.Event)
	or(&cfg.Join, s.defaults.Join)
	event, reply := quote(cfg.Event), quote(cfg.Reply)
	ns := "/"
	if len(cfg.Namespaces) > 0 {
		ns = cfg.Namespaces[0]
	}
	js, gone := "", ""
	all := "io"
	if ns != "/" {
		all = "io.of(" + quote(ns) + ")"
	}
	const head = "func(_ context.Context, s *socketio.Socket, e *socketio.Event) ([]any, error) {\n"
	switch s.Name {
	case "echo", "binary", "polling":
		js = fmt.Sprintf("socket.on(%s, (data) => socket.emit(%s, data));\n", event, reply)
		gone = fmt.Sprintf("ns.Handle(%s, %s\treturn nil, s.Emit(%s, e.Args()...)\n})\n", event, head, reply)
	case "ack":
		js = fmt.Sprintf("socket.on(%s, (data, answer) => answer(data));\n", event)
		gone = fmt.Sprintf("ns.Handle(%s, %s\treturn e.Args(), nil\n})\n", event, head)
	case "broadcast":
		js = fmt.Sprintf("socket.on(%s, (data) => %s.emit(%s, data));\n", event, all, reply)
		gone = fmt.Sprintf("ns.Handle(%s, %s\treturn nil, ns.Emit(%s, e.Args()...)\n})\n", event, head, reply)
	case "rooms":
		join := quote(cfg.Join)
		js = fmt.Sprintf("socket.on(%s, (room) => socket.join(room));\nsocket.on(%s, (room, data) => %s.to(room).emit(%s, data));\n", join, event, all, reply)
		gone = fmt.Sprintf("socketio.On(ns, %s, func(_ context.Context, s *socketio.Socket, room string) error {\n\treturn s.Join(room)\n})\n", join) +
			fmt.Sprintf("ns.Handle(%s, %s\tvar room, data string\n\tif err := e.Decode(&room, &data); err != nil {\n\t\treturn nil, err\n\t}\n\treturn nil, ns.To(room).Emit(%s, data)\n})\n", event, head, reply)
	default:
		return ""
	}
	return "// JavaScript\n" + js + "\n// Go\n" + gone
}
