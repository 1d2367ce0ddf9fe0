package main

import (
	"crypto/tls"
	"flag"
	"io"
	"strings"
	"time"

	"github.com/go-socketio/socketio/cmd/sio/internal/load"
)

// loadFlags reads the command line; scenario, URL and flags may come in any order.
func loadFlags(args []string, stdout io.Writer) (*loadOptions, error) {
	opt := new(loadOptions)
	cfg := &opt.config
	fs := flag.NewFlagSet("load", flag.ContinueOnError)
	fs.IntVar(&cfg.Clients, "clients", 0, "`number` of clients; of connections at a time for connect and upgrade (default: 10 to 1000, by scenario)")
	fs.DurationVar(&cfg.Duration, "duration", 10*time.Second, "`time` that is measured")
	fs.DurationVar(&cfg.Warmup, "warm-up", time.Second, "`time` of load before that")
	fs.DurationVar(&cfg.Ramp, "ramp", 0, "`time` over which the clients come; 0: as fast as -connecting lets them")
	fs.IntVar(&cfg.Connecting, "connecting", 64, "`number` of handshakes that may be under way at a time")
	fs.IntVar(&cfg.Window, "window", 0, "`number` of messages that a sender has on their way; a new one leaves when a reply comes (default 1)")
	fs.Float64Var(&cfg.Rate, "rate", 0, "`number` of messages, or of connections, per second, all clients together, instead of -window")
	fs.IntVar(&cfg.Size, "size", 64, "`bytes` of a payload")
	fs.IntVar(&cfg.Rooms, "rooms", 0, "`number` of rooms that the clients are spread over (default 10)")
	fs.StringVar(&cfg.Event, "event", "", "`name` of the event that is sent (default: echo, ack, bin, broadcast or toroom)")
	fs.StringVar(&cfg.Reply, "reply", "", "`name` of the event that comes back (default: the same)")
	fs.StringVar(&cfg.Join, "join", "", "`name` of the event that enters a room (default join)")
	fs.StringVar(&cfg.Emit, "emit", "", "`event,args` of the scenario emit: 'move,{\"x\":1}' or '[\"move\",{\"x\":1}]'")
	fs.BoolVar(&cfg.Ack, "ack", false, "ask for acknowledgements, with -emit")
	fs.DurationVar(&cfg.Timeout, "timeout", 10*time.Second, "`time` after which a handshake has failed and a reply is lost")
	var namespaces, from list
	var requests requestFlags
	requests.register(fs)
	fs.Var(&namespaces, "namespace", "`name` of the namespace, such as /chat; several are shared out among the clients (default: the path of the URL)")
	transports := fs.String("transport", "", "comma-separated `list` of polling, websocket; the first opens the connection (default websocket)")
	fs.Var(&from, "from", "local IP `address` to connect from; several are used in turn, for more than some 28,000 clients")
	fs.BoolVar(&opt.json, "json", false, "write the figures to standard output as JSON")
	fs.StringVar(&opt.html, "html", "", "write a report with charts to `file`")
	fs.BoolVar(&opt.quiet, "quiet", false, "show nothing while the run goes on")
	fs.BoolVar(&opt.handlers, "handlers", false, "print what the server needs for the scenario, and end")
	words, err := parseMixed(fs, args, stdout, loadAbout())
	if err != nil {
		return nil, err
	}
	cfg.Path = requests.path
	if err := opt.positional(words, namespaces); err != nil {
		return nil, err
	}
	cfg.From = from
	if *transports != "" {
		if cfg.Transports, err = transportList(*transports); err != nil {
			return nil, usageErrorf("%s", strings.Replace(err.Error(), "-transports", "-transport", 1))
		}
	}
	if err := opt.requests(&requests); err != nil {
		return nil, err
	}
	if requests.insecure {
		cfg.TLS = &tls.Config{InsecureSkipVerify: true}
	}
	set := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
	for name, zero := range map[string]bool{"clients": cfg.Clients == 0, "duration": cfg.Duration == 0, "size": cfg.Size == 0, "timeout": cfg.Timeout == 0, "rate": cfg.Rate == 0, "window": cfg.Window == 0, "rooms": cfg.Rooms == 0, "connecting": cfg.Connecting == 0} {
		if set[name] && zero {
			return nil, usageErrorf("-%s 0: it must be more than 0", name)
		}
	}
	return opt, nil
}

// positional takes the scenario and the URL.
func (o *loadOptions) positional(words []string, namespaces []string) error {
	if len(words) == 0 {
		return usageErrorf("load needs a scenario and a URL, such as sio load echo http://localhost:3000; scenarios: %s", strings.Join(load.Scenarios(), ", "))
	}
	cfg := &o.config
	cfg.Scenario = words[0]
	for _, s := range load.Describe() {
		if s.Is(words[0]) {
			cfg.Scenario, o.unit = s.Name, s.Unit
		}
	}
	cfg.Namespaces = namespaces
	if o.unit == "" {
		return usageErrorf("there is no scenario %q; there are %s", words[0], strings.Join(load.Scenarios(), ", "))
	}
	if o.handlers {
		return nil
	}
	if len(words) != 2 {
		return usageErrorf("load needs a scenario and a URL, such as sio load %s http://localhost:3000; it was given %q", words[0], words)
	}
	server, namespace, err := serverURL(words[1], cfg.Path, "")
	if err != nil {
		return err
	}
	cfg.URL = server
	switch {
	case namespace == "/":
	case len(namespaces) > 0:
		return usageErrorf("the URL says namespace %s, -namespace says %s; give one", namespace, strings.Join(namespaces, ", "))
	default:
		cfg.Namespaces = []string{namespace}
	}
	return nil
}

// requests takes what shapes the requests, and the event of -emit.
func (o *loadOptions) requests(f *requestFlags) error {
	cfg := &o.config
	var err error
	if cfg.Header, err = f.headers(); err != nil {
		return err
	}
	if cfg.Query, err = f.queries(); err != nil {
		return err
	}
	if len(f.auth) == 1 && strings.Contains(f.auth[0], "{{") {
		cfg.Auth = f.auth[0] // JSON only when {{n}} is a number
	} else {
		auth, err := readAuth(f.auth)
		if err != nil {
			return err
		}
		cfg.Auth = string(auth)
	}
	if cfg.Emit == "" || load.CheckEmit(cfg.Emit) == nil {
		return nil
	}
	event, args, err := readEvent(cfg.Emit, ',') // words need no quotes
	if err != nil {
		return usageErrorf("-emit %s: %v; write event,arg,arg such as 'say,\"hello\",{\"to\":5}'", cfg.Emit, err)
	}
	all := append([]any{event}, args...)
	if holdsBinary(all) {
		return usageErrorf("-emit %s: sio load sends no files; the scenario binary sends bytes", cfg.Emit)
	}
	cfg.Emit = string(appendValue(nil, all))
	return nil
}
