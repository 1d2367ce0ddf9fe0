//go:build race

package client

const race = true
