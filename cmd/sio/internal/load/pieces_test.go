package load

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-socketio/socketio/client/engine"
)

// What a histogram says is at most 1.6 % above the truth, and never below.
func TestHistogram(t *testing.T) {
	var h histogram
	var all []int64
	for range 20000 {
		v := int64(math.Exp(rand.Float64() * 25)) // 1 ns to 72 s
		all = append(all, v)
		h.add(v)
	}
	slices.Sort(all)
	c := new(counts)
	c.add(&h)
	if c.top = h.peak(); c.top != all[len(all)-1] || h.peak() != 0 {
		t.Errorf("peak %d", c.top)
	}
	for _, q := range []float64{0.001, .1, .5, .9, .99, .999, 1} {
		want := all[max(int(math.Ceil(q*float64(len(all))))-1, 0)]
		if got := int64(c.quantile(q)); got < want || float64(got) > float64(want)*1.016+1 {
			t.Errorf("quantile %v is %d, want %d", q, got, want)
		}
	}
	if lo := int64(c.min()); lo > all[0] {
		t.Errorf("min %d, want %d", lo, all[0])
	}
	if c.since(c).n != 0 || c.since(new(counts)).n != 20000 {
		t.Error("differences are wrong")
	}
	for i := 1; i < buckets; i++ {
		if bucketTop(i) <= bucketTop(i-1) || bucketOf(bucketTop(i)) != i || bucketOf(bucketTop(i-1)+1) != i {
			t.Fatalf("bucket %d", i)
		}
	}
	if bucketOf(math.MaxInt64) != buckets-1 || bucketOf(-1) != 0 {
		t.Error("bounds")
	}
	if (&counts{}).quantile(.5) != 0 || (&counts{}).mean() != 0 {
		t.Error("an empty one")
	}
}

func TestTags(t *testing.T) {
	var b [tagSize]byte
	for _, seq := range []uint32{0, 1, 255, 1 << 31, ^uint32(0)} {
		putTag(b[:], 0xabc123, seq)
		if owner, got, ok := readTag(b[:]); !ok || owner != 0xabc123 || got != seq {
			t.Errorf("%s: %x %d %v", b, owner, got, ok)
		}
	}
	for _, bad := range []string{"", "00002a-0000001f", "00002A-0000001f-", "00002a_0000001f-", "00002a-0000001f_", "0000 a-0000001f-", "00002a-000g001f-"} {
		if _, _, ok := readTag([]byte(bad)); ok {
			t.Errorf("%q is no tag", bad)
		}
	}
}

// The quick way and the patient one agree, and neither takes what is not right.
func TestShapes(t *testing.T) {
	for _, c := range []struct {
		ns   string
		ask  bool
		sent string
		same []string // as other servers write it
		bad  []string
	}{
		{
			ns: "/", sent: `2["echo","000007-00000003-abcd"]`,
			same: []string{`2["back","000007-00000003-abcd"]`, `2[ "back", "000007-00000003-abcd" ]`, "2[\"back\",\"000007-00000003-abcd\"]\n", `2["\u0062ack","000007-00000003-\u0061bcd"]`},
			bad:  []string{`2["back","000007-00000003-abce"]`, `2["back","000007-00000003-abc"]`, `2["back",7]`, `2["back"]`, `2["back","000007-00000003-abcd"`},
		},
		{
			ns: "/chat", sent: `2/chat,["echo","000007-00000003-abcd"]`,
			same: []string{`2/chat,["back","000007-00000003-abcd"]`},
		},
		{
			ns: "/chat", ask: true, sent: `2/chat,3["echo","000007-00000003-abcd"]`,
			same: []string{`3/chat,3["000007-00000003-abcd"]`, `3/chat,3[ "000007-00000003-abcd"]`},
			bad:  []string{`3/chat,4["000007-00000003-abcd"]`, `3/chat,3[]`, `3/chat,["000007-00000003-abcd"]`},
		},
	} {
		s := newShape(c.ns, "echo", "back", "", 20, false, c.ask)
		if got := string(s.append(nil, 7, 3)); got != c.sent {
			t.Errorf("sent %s, want %s", got, c.sent)
		}
		for i, text := range c.same {
			owner, seq, ok := s.read([]byte(text))
			if i == 0 && (!ok || owner != 7 || seq != 3) {
				t.Errorf("%s is what has to come", text)
			}
			p, parsed := parse([]byte(text))
			owner, seq, ours, ok := s.readLoosely(p)
			if !parsed || !ours || !ok || owner != 7 || seq != 3 {
				t.Errorf("%s: %d %d %v %v", text, owner, seq, ours, ok)
			}
		}
		for _, text := range c.bad {
			p, _ := parse([]byte(text))
			_, _, quickly := s.read([]byte(text))
			_, _, _, loosely := s.readLoosely(p)
			if quickly || loosely {
				t.Errorf("%s passes", text)
			}
		}
	}
	s := newShape("/chat", "bin", "bin", "", 20, true, false)
	if string(s.head) != `51-/chat,["bin",{"_placeholder":true,"num":0}]` || string(s.append(nil, 7, 3)) != "000007-00000003-abcd" {
		t.Errorf("%s", s.head)
	}
	p, _ := parse([]byte(`2["other",1]`))
	if _, _, ours, _ := newShape("/", "a", "b", "", 20, false, false).readLoosely(p); ours {
		t.Error("another event is not ours")
	}
}

// A message costs no memory, coming or going.
func TestNoAllocations(t *testing.T) {
	for _, ask := range []bool{false, true} {
		s := newShape("/", "e", "e", "", 64, false, ask)
		buf := make([]byte, 0, 200)
		want := append(append([]byte(nil), s.wantHead...), s.append(nil, 1, 2)[len(s.head):]...)
		if !ask {
			want = s.append(nil, 1, 2)
		} else {
			want = []byte(strings.Replace(string(want), `["e",`, "[", 1))
		}
		if _, _, ok := s.read(want); !ok {
			t.Fatalf("%s", want)
		}
		if n := testing.AllocsPerRun(100, func() {
			buf = s.append(buf[:0], 1, 2)
			s.read(want)
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	}
}

func TestWindow(t *testing.T) {
	c := &client{shard: new(shard), n: 0}
	c.echo = &echo{sent: make([]int64, 4)}
	for i := range 100 { // far more than the ring has
		if seq := c.echo.takeLocked(c, int64(i+1)); seq != uint32(i) {
			t.Fatal(seq)
		}
	}
	for i := range 100 {
		if at := c.echo.sent[i&(len(c.echo.sent)-1)]; at != int64(i+1) {
			t.Fatalf("message %d was sent at %d", i, at)
		}
	}
	if c.echo.pending != 100 || c.shard.lost.Load() != 0 {
		t.Error(c.echo.pending)
	}
	if n := c.echo.giveUp(51); n != 50 || c.echo.pending != 50 {
		t.Errorf("%d given up, %d wait", n, c.echo.pending)
	}
}

func TestMembers(t *testing.T) {
	m := &member{newest: probeSeq}
	for _, c := range []struct {
		seq            uint32
		fresh, inOrder bool
	}{
		{0, true, true}, {1, true, true}, {1, false, false}, {4, true, true}, {3, true, false}, {3, false, false},
		{2, true, false}, {0, false, false}, {200, true, true}, {199, true, false}, {100, true, false}, {200, false, false},
	} {
		if fresh, inOrder := m.note(c.seq); fresh != c.fresh || inOrder != c.inOrder {
			t.Errorf("%d: %v %v", c.seq, fresh, inOrder)
		}
	}
}

func TestMistakes(t *testing.T) {
	base := Config{Scenario: "echo", URL: "http://localhost:1"}
	for _, c := range []struct {
		change func(*Config)
		word   string
	}{
		{func(c *Config) { c.Scenario = "dance" }, "broadcast"},
		{func(c *Config) { c.URL = "ftp://a" }, "http"},
		{func(c *Config) { c.URL = "http://" }, "no URL"},
		{func(c *Config) { c.URL = "http://a/?q={{x}}" }, "{{n}}"},
		{func(c *Config) { c.Clients = -1 }, "-clients -1"},
		{func(c *Config) { c.Clients = 1e9 }, "1000000000"},
		{func(c *Config) { c.Size = 3 }, "-size"},
		{func(c *Config) { c.Rate = math.NaN() }, "-rate"},
		{func(c *Config) { c.Rate, c.Window = 5, 5 }, "exclude"},
		{func(c *Config) { c.Duration = -time.Second }, "-duration"},
		{func(c *Config) { c.Auth = "{n" }, "no JSON"},
		{func(c *Config) { c.Auth = `{"a":"{{b}}"}` }, "{{b}}"},
		{func(c *Config) { c.Header = map[string][]string{"A": {"{{c}}"}} }, "{{c}}"},
		{func(c *Config) { c.Namespaces = []string{"chat"} }, "slash"},
		{func(c *Config) { c.Namespaces = []string{"/a", "/a"} }, "twice"},
		{func(c *Config) { c.Transports = []string{"pigeon"} }, "pigeon"},
		{func(c *Config) { c.Transports = []string{engine.Polling, engine.Polling} }, "twice"},
		{func(c *Config) { c.From = []string{"here"} }, "no IP"},
		{func(c *Config) { c.Emit = "a" }, "scenario emit"},
		{func(c *Config) { c.Ack = true }, "-emit"},
		{func(c *Config) { c.Scenario = "emit" }, "needs -emit"},
		{func(c *Config) { c.Scenario, c.Emit = "emit", "a,{" }, "no JSON"},
		{func(c *Config) { c.Scenario, c.Emit = "emit", "[1]" }, "name"},
		{func(c *Config) { c.Scenario, c.Emit = "emit", "a,{{z}}" }, "{{z}}"},
	} {
		cfg := base
		c.change(&cfg)
		_, err := Run(t.Context(), cfg, nil)
		var m *Mistake
		if !errors.As(err, &m) || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%q is not in %v", c.word, err)
		}
	}
}

func TestEmitted(t *testing.T) {
	for _, c := range [][2]string{
		{"move", `["move"]`},
		{`move,{"x":1},2`, `["move",{"x":1},2]`},
		{`["move",1]`, `["move",1]`},
		{`move,{{n}}`, `["move",{{n}}]`},
	} {
		if got, err := eventOf(c[0]); err != nil || got != c[1] {
			t.Errorf("%s: %s %v", c[0], got, err)
		}
	}
}

// The names of the JSON are a promise.
func TestNamesOfJSON(t *testing.T) {
	var got []string
	var walk func(prefix string, typ reflect.Type)
	walk = func(prefix string, typ reflect.Type) {
		if typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[time.Time]() {
			return
		}
		for f := range typ.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			got = append(got, prefix+name)
			walk(prefix+name+".", f.Type)
		}
	}
	walk("", reflect.TypeFor[Result]())
	for _, want := range strings.Fields(`scenario url unit started ok interrupted failure settings.clients settings.window
		settings.per_second settings.payload_bytes settings.duration_seconds clients.connected clients.failed clients.lost
		clients.connect_ms.p99 measured.seconds measured.sent measured.units measured.per_second measured.latency_ms.count
		measured.latency_ms.min measured.latency_ms.mean measured.latency_ms.p50 measured.latency_ms.p90 measured.latency_ms.p99
		measured.latency_ms.p99_9 measured.latency_ms.max measured.latency_ms.distribution.share measured.fanout_ms.p99
		checks.sent checks.right checks.lost checks.late checks.duplicated checks.reordered checks.wrong errors.error errors.count
		generator.cpu_percent generator.cpu_us_per_message generator.lag_ms.p99 generator.at_limit notes samples.phase samples.at
		samples.per_second samples.p50_ms samples.p99_ms samples.errors samples.generator_cpu_percent`) {
		if !slices.Contains(got, want) {
			t.Errorf("no %s in %v", want, got)
		}
	}
	cfg, err := Config{Scenario: "idle", URL: "http://localhost:1"}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	r := newRun(cfg, nil)
	res := r.newResult()
	res.finish(r, nil)
	if b, err := json.Marshal(res); err != nil || strings.Contains(string(b), "null") { // lists are lists, even if empty
		t.Errorf("%s %v", b, err)
	}
}

func TestManySamples(t *testing.T) {
	var list []Sample
	for i := range 5 {
		list = append(list, Sample{Phase: "measuring", At: float64(i + 1), Seconds: 1, Units: 10, Rate: 10, P99: float64(i), Errors: 1})
	}
	list[0].Phase = "warm-up"
	got := joinSamples(list)
	if len(got) != 3 || got[1].Units != 20 || got[1].Rate != 10 || got[1].P99 != 2 || got[2].At != 5 || got[2].Errors != 2 || got[0].Phase != "warm-up" {
		t.Errorf("%+v", got)
	}
}

func TestFileLimit(t *testing.T) {
	err := raiseFiles(1 << 50)
	if err == nil {
		return // no limit here
	}
	has(t, err.Error(), "1125899906842624 open files", "ulimit -n", "-clients", "LimitNOFILE", "docker run --ulimit")
	if err := raiseFiles(10); err != nil {
		t.Error(err)
	}
}

// Errors are told apart by kind, not by port.
func TestTally(t *testing.T) {
	var c tally
	for i := range 200 {
		c.add("not sent", errors.New(strings.Repeat("x", i)))
	}
	list := c.list()
	if len(list) != maxKinds+1 || list[0] != (ErrorCount{"other errors", 150}) || c.all.Load() != 200 {
		t.Errorf("%d kinds, %v", len(list), list[0])
	}
}
