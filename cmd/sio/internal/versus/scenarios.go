package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-socketio/socketio/cmd/sio/internal/load"
)

// scenario is one row of the table.
type scenario struct {
	name, about string
	config      load.Config
	memory      bool // the figure is bytes per client, not processor time per unit
}

var scenarios = []scenario{ // only read
	{name: "echo", about: "event and echo, 16 on their way", config: load.Config{Scenario: "echo", Clients: 100, Window: 16}},
	{name: "echo1", about: "the same, one at a time", config: load.Config{Scenario: "echo", Clients: 100, Window: 1}},
	{name: "binary", about: "echo of a buffer", config: load.Config{Scenario: "binary", Clients: 100, Window: 16}},
	{name: "broadcast", about: "delivery to one of 1,000 clients, 16 messages on their way", config: load.Config{Scenario: "broadcast", Clients: 1000, Window: 16}},
	{name: "broadcast1", about: "the same, one message at a time", config: load.Config{Scenario: "broadcast", Clients: 1000, Window: 1}},
	{name: "rooms", about: "delivery in one of 100 rooms of 10 clients", config: load.Config{Scenario: "rooms", Clients: 1000, Rooms: 100, Window: 4}},
	{name: "polling", about: "event by POST, echo by GET", config: load.Config{Scenario: "polling", Clients: 50}},
	{name: "connect", about: "a client comes by WebSocket and goes", config: load.Config{Scenario: "connect", Clients: 32}},
	{name: "upgrade", about: "the same by polling, with the upgrade", config: load.Config{Scenario: "upgrade", Clients: 32}},
	{name: "idle", about: "resident memory of a silent WebSocket client", config: load.Config{Scenario: "idle"}, memory: true},
}

// warmup gives node's compiler time for what the scenario uses.
const warmup = 700 * time.Millisecond

// figure is what one run brought: microseconds of processor time for a unit,
// or bytes of memory for a client.
type figure float64

// meet starts the server afresh, so that no run pays for the one before it,
// and puts the scenario's load on it.
func (o *options) meet(ctx context.Context, s scenario, command []string) (f figure, err error) {
	srv, err := o.start(command)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	cfg := s.config
	cfg.URL, cfg.Duration, cfg.Warmup = srv.url, o.duration, warmup
	if s.memory {
		cfg.Clients = o.clients
		cfg.Duration += time.Second // a collector may come to rest
	}
	before, err := srv.resident()
	if err != nil {
		return 0, err
	}
	var m meter
	var after int64
	var unread error
	res, err := load.Run(ctx, cfg, func(p load.Progress) {
		if p.Phase == "measuring" {
			cpu, cerr := srv.cpu()
			m.note(cpu, p.Units)
			rss, rerr := srv.resident()
			after = rss
			unread = errors.Join(unread, cerr, rerr)
		}
	})
	switch {
	case err != nil || unread != nil:
		return 0, errors.Join(err, unread)
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case !res.OK:
		return 0, fmt.Errorf("the run had errors: %+v %+v", res.Checks, res.Errors)
	case s.memory:
		return figure(float64(after-before) / float64(cfg.Clients)), nil
	}
	return m.each()
}

// meter compares processor time with units over the samples of a measurement.
// The first only sets its beginning: the moment of a sample is then the same
// for both.
type meter struct {
	begun       bool
	first, last time.Duration
	units       int64
}

func (m *meter) note(cpu time.Duration, units int64) {
	if m.last = cpu; !m.begun {
		m.begun, m.first = true, cpu
		return
	}
	m.units += units
}

func (m *meter) each() (figure, error) {
	if m.units == 0 {
		return 0, errors.New("nothing came back")
	}
	return figure(float64((m.last - m.first).Microseconds()) / float64(m.units)), nil
}
