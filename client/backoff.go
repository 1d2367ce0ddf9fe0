package client

import (
	"math"
	"math/rand/v2"
	"time"
)

// backoff is the wait before each attempt to connect again.
type backoff struct {
	first, longest time.Duration
	factor, jitter float64
}

// delay returns the wait before attempt n, counted from 0: first × factorⁿ, at
// most longest, then spread at random by ± jitter but never over longest. The
// official client spreads first and cuts then, and so do all its clients come
// back at the same moment after a long outage; here a wait that has reached
// the longest lies between longest × (1 − jitter) and longest. B-104
func (b backoff) delay(n int) time.Duration {
	d := float64(b.first) * math.Pow(b.factor, float64(n))
	longest := float64(b.longest)
	if !(d < longest) { // also for +Inf and NaN
		d = longest
	}
	low, high := d*(1-b.jitter), min(d*(1+b.jitter), longest)
	return time.Duration(low + (high-low)*rand.Float64())
}
