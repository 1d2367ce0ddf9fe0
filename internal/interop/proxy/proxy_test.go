package proxy

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// suiteTime bounds one suite, which takes some ten seconds.
const suiteTime = 2 * time.Minute

// node is where the official client and the suites are.
const node = "../node"

// kind is one proxy, and how its configuration is changed for a test.
type kind struct {
	name  string
	start func(*testing.T, [2]server, ...edit) string
	loose []edit // no stickiness
	short []edit // timeouts of three seconds
}

var kinds = []kind{
	{
		name:  "nginx",
		start: nginx,
		loose: []edit{{"    hash $remote_addr consistent;", "    #", 1}},
		short: []edit{
			{"proxy_read_timeout 60s;", "proxy_read_timeout 3s;", 1},
			{"proxy_send_timeout 60s;", "proxy_send_timeout 3s;", 1},
		},
	},
	{
		name:  "haproxy",
		start: haproxy,
		loose: []edit{
			{"    cookie SIO insert", "    # cookie SIO insert", 1},
			{" cookie a\n", "\n", 1},
			{" cookie b\n", "\n", 1},
		},
		short: []edit{
			{"timeout client 60s", "timeout client 3s", 1},
			{"timeout server 60s", "timeout server 3s", 1},
			{"timeout tunnel 1h", "timeout tunnel 3s", 1},
			// What the server of this test answers.
			{"GET /healthz", "GET /socket.io/socket.io.js", 1},
		},
	},
}

// The page's configuration as it stands: every transport, large payloads,
// X6 (an unknown session is a 400 and no 502), aborted upgrades.
func TestSticky(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		backs := [2]server{launch(t, "conformance"), launch(t, "conformance")}
		suite(t, k, "sticky", k.start(t, backs), backs)
	})
}

// Without stickiness WebSocket works and polling does not.
func TestLoose(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		backs := [2]server{launch(t, "conformance"), launch(t, "conformance")}
		suite(t, k, "loose", k.start(t, backs, k.loose...), backs)
	})
}

// One server ends in an orderly way; its clients go on with the other. OPS-02
func TestDrain(t *testing.T) {
	each(t, func(t *testing.T, k kind) {
		backs := [2]server{launch(t, "conformance"), launch(t, "conformance")}
		suite(t, k, "drain", k.start(t, backs), backs)
	})
}

// X7: heartbeats keep a silent client connected through a proxy whose timeout
// is longer than PingInterval, and only then.
func TestIdle(t *testing.T) {
	for name, interval := range map[string]string{"kept": "1000", "cut": "25000"} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, k kind) {
				ping := []string{"PING_INTERVAL=" + interval, "PING_TIMEOUT=20000"}
				backs := [2]server{launch(t, "sio5", ping...), launch(t, "sio5", ping...)}
				suite(t, k, "idle", k.start(t, backs, k.short...), backs, "EXPECT="+name)
			})
		})
	}
}

func each(t *testing.T, f func(*testing.T, kind)) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) { f(t, k) })
	}
}

// suite runs one file of tests against a proxy.
func suite(t *testing.T, k kind, name, front string, backs [2]server, env ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), suiteTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "--test", "--test-reporter=tap", "proxy/"+name+".test.js")
	cmd.Dir = node
	cmd.WaitDelay = 5 * time.Second
	cmd.Env = append(append(os.Environ(),
		"PROXY="+k.name,
		"FRONT="+front,
		fmt.Sprintf("BACKS=%s %s", backs[0].origin, backs[1].origin),
		fmt.Sprintf("PIDS=%d %d", backs[0].pid, backs[1].pid),
	), env...)
	out, err := cmd.CombinedOutput()
	passed := regexp.MustCompile(`(?m)^# pass ([1-9].*)`).FindSubmatch(out)
	if err != nil || passed == nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s passed", passed[1])
}

// The edits find what they change, and notice when the page has changed.
func TestEdits(t *testing.T) {
	for _, k := range kinds {
		config, err := block(k.name)
		if err != nil {
			t.Fatal(err)
		}
		for _, edits := range [][]edit{k.loose, k.short} {
			if _, err := apply(config, edits); err != nil {
				t.Error(err)
			}
		}
		if _, err := apply(strings.ReplaceAll(config, "60s", "61s"), k.short); err == nil {
			t.Error("a changed page was not noticed")
		}
	}
	if _, err := block("apache"); err == nil {
		t.Error("a block that is not there was found")
	}
}
