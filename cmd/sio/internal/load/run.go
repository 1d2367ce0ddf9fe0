package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-socketio/socketio/client/engine"
)

// run is one run under way.
type run struct {
	cfg      Config
	scenario Scenario
	traffic  traffic
	clients  []*client // empty if connections come and go
	shards   []*shard
	http     *http.Client
	dialer   *dialer
	quiet    engine.Watch // waits for clients that are silent
	watch    func(Progress)
	cancel   context.CancelCauseFunc

	errors  tally
	fanouts histogram // time until the last member had a message
	entries histogram // time until a client was connected
	lag     histogram // how late the clock of a rate was

	open, entered, failed, lost atomic.Int64
	highest                     int64 // most clients connected at a time

	visited chan struct{} // closed when no connection comes any more, and all have gone
	sending atomic.Bool   // new messages are wanted
	closing atomic.Bool   // what ends now ends because we want it to

	started int64
	begun   int64 // when the first message was sent
	peak    int64 // longest latency of the samples taken since the warm-up
	samples []Sample
	last    *state // at the last sample
}

var (
	errAllGone = errors.New("all clients have lost their connection")
	errNobody  = errors.New("no client could connect")
	errEnough  = errors.New("the run is over")
)

// now is the time since some moment, in nanoseconds; never 0.
func now() int64 { return int64(time.Since(epoch)) + 1 }

// epoch is only read. Differences to it are on the monotonic clock.
var epoch = time.Now()

// Run does what cfg says until it is done or ctx ends, and tells watch how it
// goes, about once a second, from the goroutine that called Run. A Result comes
// whenever clients have connected, with an error too.
func Run(ctx context.Context, cfg Config, watch func(Progress)) (*Result, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	r := newRun(cfg, watch)
	if err := raiseFiles(r.files()); err != nil {
		return nil, err
	}
	work, cancel := context.WithCancelCause(ctx)
	r.cancel = cancel
	defer cancel(errEnough)
	return r.do(work)
}

func newRun(cfg Config, watch func(Progress)) *run {
	if watch == nil {
		watch = func(Progress) {}
	}
	s, _ := scenarioNamed(cfg.Scenario)
	r := &run{cfg: cfg, scenario: s, watch: watch, started: now(), visited: make(chan struct{})}
	// Twice as many as processors: neighbours seldom meet.
	for range 2 * runtime.GOMAXPROCS(0) {
		r.shards = append(r.shards, new(shard))
	}
	r.dialer = newDialer(&cfg)
	r.http = r.dialer.client(&cfg)
	if !s.churns {
		for n := range cfg.Clients {
			r.clients = append(r.clients, r.newClient(n))
		}
	}
	r.traffic = s.make(r)
	r.last = r.state()
	return r
}

func (r *run) newClient(n int) *client {
	return &client{run: r, n: n, ns: n % len(r.cfg.Namespaces), shard: r.shards[n%len(r.shards)]}
}

// files is how many open files the run needs: polling has two connections, and
// an upgrade a third one.
func (r *run) files() uint64 {
	return uint64(r.cfg.Clients)*uint64(1+len(r.cfg.Transports)-boolInt(r.cfg.Transports[0] == engine.WebSocket)) + 64
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (r *run) engineConfig(n int) engine.Config {
	cfg := engine.Config{
		Path:           r.cfg.Path,
		Transports:     r.cfg.Transports,
		HTTPClient:     r.http,
		Watch:          &r.quiet,
		RequestTimeout: r.cfg.Timeout,
		UpgradeTimeout: r.cfg.Timeout,
		CloseTimeout:   min(r.cfg.Timeout, 3*time.Second),
		// What a server does not take is an error of the run, and no reason to fill
		// this machine's memory.
		MaxQueuedBytes: max(1<<20, 4*r.cfg.Size),
		Logger:         silent,
	}
	cfg.Header, cfg.Query = fillAll(r.cfg.Header, n), fillAll(r.cfg.Query, n)
	return cfg
}

// manyClients is from where on a collection is worth its time, some 10 ms.
const manyClients = 1000

// do is the run from its beginning to its end.
func (r *run) do(ctx context.Context) (*Result, error) {
	res := r.newResult()
	defer r.http.CloseIdleConnections()
	err := r.enterAll(ctx)
	res.connected(r)
	if len(r.clients) >= manyClients {
		debug.FreeOSMemory() // what the handshakes took, some 10 KB each, would be told as memory of the clients
	}
	if err == nil {
		err = r.load(ctx, res)
	}
	r.closing.Store(true)
	r.sending.Store(false)
	r.leaveAll()
	if err == nil || errors.Is(err, errEnough) {
		err = nil
	}
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded):
		res.Interrupted = true
		err = nil
	case cause != nil:
		err = cause
	}
	if r.entered.Load() == 0 && !res.Interrupted && err == nil {
		err = errNobody
	}
	res.finish(r, err)
	return res, err
}

// load is what happens between connecting and closing.
func (r *run) load(ctx context.Context, res *Result) error {
	if err := r.traffic.prepare(ctx.Done()); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return nil
	}
	var tasks sync.WaitGroup
	enough, stop := make(chan struct{}), make(chan struct{})
	r.begun = now()
	r.sending.Store(true)
	start := r.state()
	r.begin(enough, stop, &tasks)
	tasks.Go(func() { r.sweep(stop) })
	if r.cfg.Warmup > 0 {
		r.during(ctx, "warm-up", r.cfg.Warmup, nil)
	}
	r.settle()
	before := r.state()
	r.last = before
	lag := r.lagCounts()
	fan := r.fanCounts()
	r.during(ctx, "measuring", r.cfg.Duration, nil)
	after := r.state()
	res.measured(r, before, after, fan, lag)
	r.sending.Store(false)
	close(enough)
	switch cause := context.Cause(ctx); {
	case cause == nil:
		r.drain(ctx, r.cfg.Timeout)
	case errors.Is(cause, context.Canceled): // whoever interrupts does not want to wait
		r.drain(context.WithoutCancel(ctx), min(r.cfg.Timeout, time.Second))
	}
	close(stop)
	tasks.Wait()
	if ctx.Err() == nil {
		r.traffic.sweep(1 << 62) // what is not here now will not come
	}
	res.checked(r, start, r.state())
	return r.silence()
}

// settle forgets the peaks of what came before the measurement.
func (r *run) settle() {
	for _, s := range r.shards {
		s.latency.peak()
	}
	r.fanouts.peak()
	r.lag.peak()
	r.peak = 0
}

func (r *run) lagCounts() *counts {
	c := new(counts)
	c.add(&r.lag)
	return c
}

func (r *run) fanCounts() *counts {
	c := new(counts)
	c.add(&r.fanouts)
	return c
}

// during waits, and takes samples meanwhile: until length is over, done is
// closed or the run ends.
func (r *run) during(ctx context.Context, phase string, length time.Duration, done <-chan struct{}) {
	began := now()
	var end <-chan time.Time
	if length > 0 {
		timer := time.NewTimer(length)
		defer timer.Stop()
		end = timer.C
	}
	every := time.Second
	if r.cfg.Warmup+r.cfg.Duration <= 20*time.Second {
		every = 250 * time.Millisecond // a short run has its points, too
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for over := false; !over; {
		select {
		case <-tick.C:
		case <-end:
			over = true
		case <-done:
			over = true
		case <-ctx.Done():
			over = true
		}
		r.look(phase, time.Duration(now()-began), length)
		if r.begun > 0 {
			if err := r.silence(); err != nil && now()-r.begun > int64(r.patience()) {
				r.cancel(err)
			}
		}
	}
}

// look takes a sample.
func (r *run) look(phase string, elapsed, length time.Duration) {
	s := r.state()
	if s.at-r.last.at < int64(20*time.Millisecond) {
		return // too short to tell a rate
	}
	sample := r.sample(r.last, s)
	sample.Phase = phase
	r.last = s
	r.highest = max(r.highest, sample.Clients)
	if r.samples = append(r.samples, sample); len(r.samples) >= maxSamples {
		r.samples = joinSamples(r.samples)
	}
	r.watch(Progress{
		Sample: sample, Elapsed: elapsed, Length: length,
		Connected: r.open.Load(), Failed: r.failed.Load(), Wanted: int64(r.cfg.Clients),
		Errors: s.failures(),
	})
}

// patience is how long nothing may come back before a handler seems to be
// missing.
func (r *run) patience() time.Duration { return min(r.cfg.Timeout, 5*time.Second) }

// silence is an error if messages were sent and none was answered.
func (r *run) silence() error {
	s := r.state()
	answered := r.scenario.needsEmit && r.cfg.Ack || !r.scenario.needsEmit && !r.scenario.churns && r.scenario.defaults.Event != ""
	if !answered || s.sent == 0 || s.units > 0 || s.wrong > 0 || s.dup > 0 || s.late > 0 {
		return nil
	}
	if time.Duration(now()-r.begun) < r.patience() && r.sending.Load() {
		return nil
	}
	return &NoHandler{Scenario: r.scenario.Name, cfg: r.cfg,
		What: fmt.Sprintf("none of %d messages was answered", s.sent)}
}

// drain waits for what is on its way.
func (r *run) drain(ctx context.Context, limit time.Duration) {
	done := make(chan struct{})
	stop := make(chan struct{})
	var watch sync.WaitGroup
	if r.scenario.churns {
		r.during(ctx, "draining", limit, r.visited)
		return
	}
	watch.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for r.traffic.waiting() > 0 {
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
		close(done)
	})
	if r.silence() != nil {
		limit = max(r.patience()-time.Duration(now()-r.begun), time.Millisecond)
	}
	r.during(ctx, "draining", limit, done)
	close(stop)
	watch.Wait()
}

// sweep gives up what waits for too long. It ends with stop.
func (r *run) sweep(stop <-chan struct{}) {
	tick := time.NewTicker(min(r.cfg.Timeout/4, time.Second))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.traffic.sweep(now() - int64(r.cfg.Timeout))
		case <-stop:
			return
		}
	}
}

// leaveAll closes all connections and waits for their ends.
func (r *run) leaveAll() {
	for _, c := range r.clients {
		if c.conn != nil {
			c.conn.Close()
		}
	}
	for _, c := range r.clients {
		if c.conn != nil {
			<-c.conn.Done()
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), r.cfg.Timeout)
	defer cancel()
	_ = r.quiet.Wait(ctx) // which has no connection left
}

// NoHandler says that the server connects clients but does not answer them.
type NoHandler struct {
	Scenario string
	What     string
	cfg      Config
}

func (e *NoHandler) Error() string {
	text := e.What
	if need := Handlers(e.cfg); need != "" {
		text += ". The server needs what this scenario is answered by:\n\n" + indent(need, "  ") +
			"\nIf its events have other names, say so with -event and -reply."
	}
	return text
}

func indent(s, by string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		if line != "\n" {
			b.WriteString(by)
		}
		b.WriteString(line)
	}
	return b.String()
}
