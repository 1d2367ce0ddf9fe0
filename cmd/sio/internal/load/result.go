package load

import (
	"runtime"
	"time"
)

// A Result is the figures of a run. Its form in JSON stays: fields may be added.
type Result struct {
	Scenario    string    `json:"scenario"`
	URL         string    `json:"url"`
	Unit        string    `json:"unit"` // what is counted
	Started     time.Time `json:"started"`
	OK          bool      `json:"ok"` // no error of any kind
	Interrupted bool      `json:"interrupted"`
	Failure     string    `json:"failure,omitempty"` // why the run ended early

	Settings  Settings     `json:"settings"`
	Clients   Clients      `json:"clients"`
	Measured  Measured     `json:"measured"`
	Checks    Checks       `json:"checks"` // of the whole run, warm-up and drain included
	Errors    []ErrorCount `json:"errors"`
	Generator Generator    `json:"generator"`
	Notes     []string     `json:"notes"`
	Samples   []Sample     `json:"samples"`
}

// Settings are what was asked for, as far as it shapes the figures.
type Settings struct {
	Clients    int      `json:"clients"`
	Window     int      `json:"window"`     // 0: a rate
	Rate       float64  `json:"per_second"` // 0: a window
	Size       int      `json:"payload_bytes"`
	Rooms      int      `json:"rooms,omitempty"`
	Transports []string `json:"transports"`
	Namespaces []string `json:"namespaces"`
	Ramp       float64  `json:"ramp_seconds"`
	Warmup     float64  `json:"warm_up_seconds"`
	Duration   float64  `json:"duration_seconds"`
	Timeout    float64  `json:"timeout_seconds"`
}

// Clients tells what became of the connections.
type Clients struct {
	Connected int64   `json:"connected"`
	Failed    int64   `json:"failed"`
	Lost      int64   `json:"lost"`
	Most      int64   `json:"most_at_a_time"`
	Seconds   float64 `json:"connecting_seconds"`
	PerSecond float64 `json:"connected_per_second"`
	Latency   Latency `json:"connect_ms"` // one connection, its namespace included
}

// Measured is what happened between the warm-up and the drain.
type Measured struct {
	Seconds   float64 `json:"seconds"`
	Sent      int64   `json:"sent"`
	Units     int64   `json:"units"`
	PerSecond float64 `json:"per_second"`
	Bytes     int64   `json:"bytes_received"`
	Other     int64   `json:"other_events"` // that no part of the scenario asked for
	Latency   Latency `json:"latency_ms"`
	Fanout    Latency `json:"fanout_ms"` // until the last receiver had it
}

// Latency is a distribution, in milliseconds. Count 0: there is none.
type Latency struct {
	Count  uint64  `json:"count"`
	Min    float64 `json:"min"`
	Mean   float64 `json:"mean"`
	P50    float64 `json:"p50"`
	P90    float64 `json:"p90"`
	P99    float64 `json:"p99"`
	P999   float64 `json:"p99_9"`
	Max    float64 `json:"max"`
	Spread []Step  `json:"distribution,omitempty"`
}

// A Step is a point of a distribution: the share of all at or below Value.
type Step struct {
	Share float64 `json:"share"`
	Value float64 `json:"ms"`
}

// Checks tells whether everything came back as it should.
type Checks struct {
	Sent       int64 `json:"sent"`
	Right      int64 `json:"right"`
	Lost       int64 `json:"lost"`
	Late       int64 `json:"late"` // given up, and came yet
	Duplicated int64 `json:"duplicated"`
	Reordered  int64 `json:"reordered"`
	Wrong      int64 `json:"wrong"`
}

// Generator tells what this program itself took during the measurement.
type Generator struct {
	CPU       float64 `json:"cpu_percent"` // 100 is one core
	Cores     int     `json:"cores"`
	Each      float64 `json:"cpu_us_per_message"` // sent or received
	Memory    int64   `json:"memory_bytes"`       // of the Go runtime, everything included
	PerClient float64 `json:"memory_bytes_per_client"`
	Lag       Latency `json:"lag_ms"` // how late messages of a rate left
	AtLimit   bool    `json:"at_limit"`
}

func (r *run) newResult() *Result {
	c := &r.cfg
	res := &Result{
		Scenario: r.scenario.Name, URL: c.URL, Unit: r.scenario.Unit, Started: time.Now().UTC().Truncate(time.Second),
		Settings: Settings{
			Clients: c.Clients, Window: c.Window, Rate: c.Rate, Size: c.Size, Rooms: c.Rooms,
			Transports: c.Transports, Namespaces: c.Namespaces,
			Ramp: c.Ramp.Seconds(), Warmup: c.Warmup.Seconds(), Duration: c.Duration.Seconds(), Timeout: c.Timeout.Seconds(),
		},
		Notes: []string{}, Errors: []ErrorCount{}, Samples: []Sample{},
	}
	switch {
	case r.scenario.needsEmit && c.Ack:
		res.Unit = "acknowledgements"
	case r.scenario.churns || r.scenario.defaults.Event == "" && !r.scenario.needsEmit:
		res.Settings.Size, res.Settings.Window = 0, 0
	}
	if r.scenario.needsEmit {
		res.Settings.Size = 0
	}
	return res
}

// connected takes down how connecting went.
func (res *Result) connected(r *run) {
	res.Clients.Seconds = float64(now()-r.started) / 1e9
	if n := r.entered.Load(); n > 1 && !r.scenario.churns {
		res.Clients.PerSecond = float64(n) / res.Clients.Seconds
	}
}

func (res *Result) measured(r *run, before, after *state, fan, lag *counts) {
	d := after.latency.since(&before.latency)
	for _, s := range r.shards {
		r.peak = max(r.peak, s.latency.peak())
	}
	d.top = r.peak
	m := &res.Measured
	m.Seconds = float64(after.at-before.at) / 1e9
	m.Sent, m.Units = after.sent-before.sent, after.units-before.units
	m.PerSecond = float64(m.Units) / max(m.Seconds, 1e-9)
	m.Bytes, m.Other = after.bytes-before.bytes, after.other-before.other
	m.Latency = latencyOf(d)
	m.Latency.Spread = spread(d)
	f := r.fanCounts().since(fan)
	f.top = r.fanouts.peak()
	m.Fanout = latencyOf(f)

	g := &res.Generator
	cpu := (after.cpu - before.cpu).Seconds()
	g.CPU = 100 * cpu / max(m.Seconds, 1e-9)
	if n := m.Sent + m.Units; n > 0 {
		if r.scenario.churns || r.scenario.needsEmit && !r.cfg.Ack {
			n = m.Sent
		}
		g.Each = 1e6 * cpu / float64(n)
	}
	l := r.lagCounts().since(lag)
	l.top = r.lag.peak()
	g.Lag = latencyOf(l)
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	g.Memory = int64(mem.Sys - mem.HeapReleased)
	if !r.scenario.churns {
		g.PerClient = float64(g.Memory) / float64(max(r.open.Load(), 1))
	}
}

// checked takes down what came back in all.
func (res *Result) checked(r *run, before, after *state) {
	res.Checks = Checks{
		Sent: after.sent - before.sent, Right: after.units - before.units,
		Lost: max(after.lost-before.lost, 0), Late: after.late - before.late,
		Duplicated: after.dup - before.dup, Reordered: after.reorder - before.reorder, Wrong: after.wrong - before.wrong,
	}
}

func (res *Result) finish(r *run, err error) {
	c := &res.Clients
	c.Connected, c.Failed, c.Lost = r.entered.Load(), r.failed.Load(), r.lost.Load()
	c.Most = max(r.highest, r.open.Load())
	in := new(counts)
	in.add(&r.entries)
	in.top = r.entries.peak()
	c.Latency = latencyOf(in)
	res.Errors = r.errors.list()
	res.Samples = append(res.Samples, r.samples...)
	res.Generator.Cores = runtime.GOMAXPROCS(0)
	if err != nil {
		res.Failure = err.Error()
	}
	k := &res.Checks
	res.OK = err == nil && len(res.Errors) == 0 && k.Lost+k.Wrong+k.Duplicated == 0
	res.note(r)
}

// note says what a reader of the figures should know.
func (res *Result) note(r *run) {
	add := func(s string) { res.Notes = append(res.Notes, s) }
	g := &res.Generator
	// Above this share work waits for a processor, and the wait is in the figures.
	const full = 85
	if g.CPU > full*float64(g.Cores) {
		g.AtLimit = true
		add("The generator used nearly all of its processors: the figures may be its own limit and not the server's. Give it more cores, another machine, or less to do.")
	}
	if g.Lag.Count > 0 && g.Lag.P99 > 10 {
		g.AtLimit = true
		add("The generator could not keep to the rate: messages left late, see its lag. The wait is in the latencies.")
	}
	if res.Checks.Late > 0 {
		add("Replies came after the timeout; they are not in the latencies. A longer -timeout takes them in.")
	}
	if res.Measured.Other > 0 && !r.scenario.needsEmit {
		add("The server also sent events of its own, which are counted as other events.")
	}
}

func latencyOf(c *counts) Latency {
	return Latency{
		Count: c.n, Min: ms(c.min()), Mean: ms(c.mean()),
		P50: ms(c.quantile(.5)), P90: ms(c.quantile(.9)), P99: ms(c.quantile(.99)), P999: ms(c.quantile(.999)), Max: ms(c.quantile(1)),
	}
}

// spread takes points of a distribution, closer together towards its end.
func spread(c *counts) []Step {
	if c.n == 0 {
		return nil
	}
	var list []Step
	for _, q := range []float64{0, .05, .1, .2, .3, .4, .5, .6, .7, .75, .8, .85, .9, .925, .95, .97, .98, .99, .995, .997, .999, .9995, .9999, .99999, 1} {
		if q < 1 && q > 0 && float64(c.n)*(1-q) < 1 {
			continue // there are not enough to tell
		}
		list = append(list, Step{Share: q, Value: ms(c.quantile(q))})
	}
	return list
}
