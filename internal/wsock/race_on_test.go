//go:build race

package wsock_test

const raceEnabled = true
