package load

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"
)

// A histogram counts durations in buckets, 64 to each power of two: what it
// tells is off by at most 1.6 %. Several goroutines may add while others read.
type histogram struct {
	count   [buckets]atomic.Uint64
	sum     atomic.Int64 // nanoseconds
	highest atomic.Int64 // since the last call of peak
}

const (
	subBits = 6
	// 2^40 ns are 18 minutes, longer than anything is waited for.
	maxBits = 40
	buckets = (maxBits - subBits + 1) << subBits
)

func bucketOf(ns int64) int {
	if ns < 1<<subBits {
		return int(max(ns, 0))
	}
	e := bits.Len64(uint64(ns)) - subBits - 1
	return min(e<<subBits+int(ns>>e), buckets-1)
}

// bucketTop is the largest duration of a bucket.
func bucketTop(i int) int64 {
	if i < 1<<subBits {
		return int64(i)
	}
	e := i>>subBits - 1
	return (int64(i)-int64(e)<<subBits+1)<<e - 1
}

func (h *histogram) add(ns int64) {
	h.count[bucketOf(ns)].Add(1)
	h.sum.Add(ns)
	for {
		old := h.highest.Load()
		if ns <= old || h.highest.CompareAndSwap(old, ns) {
			return
		}
	}
}

// peak returns the highest value since its last call.
func (h *histogram) peak() int64 { return h.highest.Swap(0) }

// counts is the state of one or more histograms at one moment, or what came
// between two.
type counts struct {
	bucket [buckets]uint64
	n      uint64
	sum    int64
	top    int64 // highest value; 0: not known, the buckets tell
}

func (c *counts) add(h *histogram) {
	for i := range h.count {
		v := h.count[i].Load()
		c.bucket[i] += v
		c.n += v
	}
	c.sum += h.sum.Load()
}

// since returns what c has more than before.
func (c *counts) since(before *counts) *counts {
	d := &counts{sum: c.sum - before.sum}
	for i := range c.bucket {
		d.bucket[i] = c.bucket[i] - before.bucket[i]
		d.n += d.bucket[i]
	}
	return d
}

// quantile returns the duration that the share q of all is at or below.
func (c *counts) quantile(q float64) time.Duration {
	if c.n == 0 {
		return 0
	}
	rank := max(uint64(math.Ceil(q*float64(c.n))), 1)
	var seen uint64
	for i, n := range c.bucket {
		if seen += n; seen >= rank {
			top := bucketTop(i)
			if c.top > 0 {
				top = min(top, c.top)
			}
			return time.Duration(top)
		}
	}
	return time.Duration(c.top)
}

func (c *counts) min() time.Duration {
	for i, n := range c.bucket {
		if n > 0 {
			if i == 0 {
				return 0
			}
			return time.Duration(bucketTop(i-1) + 1)
		}
	}
	return 0
}

func (c *counts) mean() time.Duration {
	if c.n == 0 {
		return 0
	}
	return time.Duration(c.sum / int64(c.n))
}
