package load

import "time"

// A Sample is what one stretch of a run brought.
type Sample struct {
	Phase   string  `json:"phase"` // connecting, warm-up, measuring, draining
	At      float64 `json:"at"`    // seconds since the start, at its end
	Seconds float64 `json:"seconds"`
	Clients int64   `json:"clients"`    // connected, at its end
	Units   int64   `json:"units"`      // replies, deliveries, connections…
	Rate    float64 `json:"per_second"` // units
	P50     float64 `json:"p50_ms"`
	P90     float64 `json:"p90_ms"`
	P99     float64 `json:"p99_ms"`
	Max     float64 `json:"max_ms"`
	Errors  int64   `json:"errors"`
	CPU     float64 `json:"generator_cpu_percent"` // 100 is one core
}

// Progress is what is told while a run goes on.
type Progress struct {
	Sample
	Connected, Failed, Wanted int64
	Elapsed, Length           time.Duration // of the phase; Length 0: it ends when it is done
	Errors                    int64         // so far
}

// maxSamples bounds the memory and the charts of a long run: past it each two
// become one.
const maxSamples = 1200

func joinSamples(list []Sample) []Sample {
	out := list[:0]
	for i := 0; i < len(list); i++ {
		s := list[i]
		if i+1 < len(list) && list[i+1].Phase == s.Phase {
			i++
			t := list[i]
			seconds := s.Seconds + t.Seconds
			s.Rate = (s.Rate*s.Seconds + t.Rate*t.Seconds) / seconds
			s.CPU = (s.CPU*s.Seconds + t.CPU*t.Seconds) / seconds
			s.P50, s.P90 = max(s.P50, t.P50), max(s.P90, t.P90) // the worse one, so that no peak gets lost
			s.P99, s.Max = max(s.P99, t.P99), max(s.Max, t.Max)
			s.At, s.Seconds, s.Clients = t.At, seconds, t.Clients
			s.Units += t.Units
			s.Errors += t.Errors
		}
		out = append(out, s)
	}
	return out
}

// state is all counters at one moment.
type state struct {
	at      int64
	latency counts
	sent    int64
	units   int64
	bytes   int64
	other   int64
	wrong   int64
	dup     int64
	reorder int64
	lost    int64
	late    int64
	errors  int64
	cpu     time.Duration
}

func (r *run) state() *state {
	s := &state{at: now(), errors: r.errors.all.Load(), cpu: processCPU()}
	for _, h := range r.shards {
		s.latency.add(&h.latency)
		s.sent += h.sent.Load()
		s.units += h.received.Load()
		s.bytes += h.bytes.Load()
		s.other += h.other.Load()
		s.wrong += h.wrong.Load()
		s.dup += h.duplicated.Load()
		s.reorder += h.reordered.Load()
		s.lost += h.lost.Load()
		s.late += h.late.Load()
	}
	if r.scenario.needsEmit && !r.cfg.Ack {
		s.units = s.sent
	}
	return s
}

// failures is what a state has of errors of all kinds.
func (s *state) failures() int64 { return s.errors + s.wrong + s.dup + max(s.lost, 0) }

// sample compares two states.
func (r *run) sample(before, after *state) Sample {
	d := after.latency.since(&before.latency)
	for _, h := range r.shards {
		d.top = max(d.top, h.latency.peak())
	}
	r.peak = max(r.peak, d.top)
	seconds := max(float64(after.at-before.at)/1e9, 1e-9)
	return Sample{
		At: float64(after.at-r.started) / 1e9, Seconds: seconds,
		Clients: r.open.Load(),
		Units:   after.units - before.units,
		Rate:    float64(after.units-before.units) / seconds,
		P50:     ms(d.quantile(.5)), P90: ms(d.quantile(.9)), P99: ms(d.quantile(.99)), Max: ms(d.quantile(1)),
		Errors: after.failures() - before.failures(),
		CPU:    100 * (after.cpu - before.cpu).Seconds() / seconds,
	}
}

// ms rounds to a microsecond: more is not known.
func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
