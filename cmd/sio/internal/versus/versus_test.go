package main

import (
	"strings"
	"testing"
	"time"
)

func TestParseStat(t *testing.T) {
	got, err := parseStat("7 (a (b) c) S 1 7 7 0 -1 4194560 100 0 0 0 12 30 0 0 20 0 9 0 55 1 2 3\n")
	if err != nil || got != 420*time.Millisecond {
		t.Errorf("parseStat: %v, %v; want 420ms", got, err)
	}
	for _, text := range []string{"", "7", "7 (a) S 1", "7 (a) S 1 7 7 0 -1 1 1 0 0 0 x y 0"} {
		if _, err := parseStat(text); err == nil {
			t.Errorf("parseStat(%q) finds no error", text)
		}
	}
}

// The time up to the first sample has its units counted elsewhere.
func TestMeter(t *testing.T) {
	var m meter
	if _, err := m.each(); err == nil {
		t.Error("no error, though nothing was measured")
	}
	m.note(5*time.Second, 1_000_000)
	m.note(6*time.Second, 60_000)
	m.note(7*time.Second, 40_000)
	if got, err := m.each(); err != nil || got != 20 {
		t.Errorf("%v µs each, %v; want 20", got, err)
	}
}

func TestMedian(t *testing.T) {
	if got := median([]figure{9, 1, 4}); got != 4 {
		t.Errorf("median of three is %v", got)
	}
	if got := median([]figure{9, 1, 4, 6}); got != 5 {
		t.Errorf("median of four is %v", got)
	}
}

func TestParse(t *testing.T) {
	o, err := parse([]string{"-only", "echo,idle", "a", "-x", "--", "node", "b.js"})
	if err != nil || strings.Join(o.sides[0], " ") != "a -x" || strings.Join(o.sides[1], " ") != "node b.js" {
		t.Errorf("%+v, %v", o, err)
	}
	for _, args := range [][]string{{}, {"a"}, {"a", "--"}, {"a", "b"}, {"-only", "nothing", "a", "--", "b"}, {"-rounds", "0", "a", "--", "b"}} {
		if _, err := parse(args); err == nil {
			t.Errorf("parse(%q) finds no error", args)
		}
	}
}
