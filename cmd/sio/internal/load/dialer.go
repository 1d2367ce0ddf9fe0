package load

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
)

// dialer opens TCP connections. It asks for a name once, not for every client,
// and goes through the addresses it may connect from.
type dialer struct {
	cfg  *Config
	from []net.IP
	next atomic.Uint64

	mu    sync.Mutex
	hosts map[string][]net.IPAddr
}

// maxHosts bounds the memory of a URL whose host has {{random}} in it.
const maxHosts = 1000

func newDialer(cfg *Config) *dialer {
	d := &dialer{cfg: cfg, hosts: map[string][]net.IPAddr{}}
	for _, a := range cfg.From {
		d.from = append(d.from, net.ParseIP(a))
	}
	return d
}

// client makes all requests of a run.
func (d *dialer) client(cfg *Config) *http.Client {
	t := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         d.dial,
		TLSClientConfig:     cfg.TLS,
		TLSHandshakeTimeout: cfg.Timeout,
		DisableCompression:  true,
		// Each polling client comes back with two requests at a time.
		MaxIdleConnsPerHost: 2*cfg.Clients + 2,
		// A connection of a polling client holds both; its answers are small.
		ReadBufferSize:  2 << 10,
		WriteBufferSize: 2 << 10,
		Protocols:       new(http.Protocols),
	}
	t.Protocols.SetHTTP1(true) // a WebSocket needs it
	return &http.Client{Transport: t}
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs, err := d.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	n := d.next.Add(1)
	var failed error
	for i := range addrs {
		to := addrs[(n+uint64(i))%uint64(len(addrs))]
		nd := net.Dialer{KeepAlive: -1} // the heartbeats of the protocol do that
		if ip := d.source(to.IP, n); ip != nil {
			nd.LocalAddr = &net.TCPAddr{IP: ip}
		}
		nc, err := nd.DialContext(ctx, network, net.JoinHostPort(to.String(), port))
		if err == nil {
			return nc, nil
		}
		failed = err
	}
	return nil, failed
}

// source picks the address to connect from; nil leaves it to the system.
func (d *dialer) source(to net.IP, n uint64) net.IP {
	v4 := to.To4() != nil
	if len(d.from) > 0 {
		for i := range d.from {
			if ip := d.from[(n+uint64(i))%uint64(len(d.from))]; (ip.To4() != nil) == v4 {
				return ip
			}
		}
		return nil
	}
	// All of 127.0.0.0/8 is this machine on Linux, so there is no need to run out of ports.
	if v4 && to.IsLoopback() && runtime.GOOS == "linux" && d.cfg.Clients > portsOfOne {
		return net.IPv4(127, 0, 0, byte(1+n%64))
	}
	return nil
}

// portsOfOne is how many connections to one server an address of this machine
// surely has; Linux has 28,232 unless told otherwise.
const portsOfOne = 20_000

func (d *dialer) resolve(ctx context.Context, host string) ([]net.IPAddr, error) {
	d.mu.Lock()
	defer d.mu.Unlock() // the others wait for the first one's answer
	if list := d.hosts[host]; list != nil {
		return list, nil
	}
	list, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("the name %s has no address: %w", host, errors.ErrUnsupported)
	}
	if len(d.hosts) < maxHosts {
		d.hosts[host] = list
	}
	return list, nil
}
