# make run     the demo: a chat at http://127.0.0.1:3000
# make test    everything, after installing what is missing
# make lint    gofmt, vet (several platforms), staticcheck, govulncheck
# make bench   Go benchmarks, fit for benchstat with BENCHCOUNT=10, and, ROUNDS
#              times, the server beside the official one (needs npm) and the
#              Go client beside the least that can be called a client
# make fuzz    each fuzz target for FUZZTIME (default 10m)
#
# `go test ./...` alone needs nothing but Go.

FUZZTIME ?= 10m
BENCHCOUNT ?= 1
BENCHTIME  ?= 100ms
ROUNDS     ?= 3
MODULES   = . browser/build cmd/sio engine/webtransport examples fasthttpbridge internal/interop packet/msgpack

# Tests with clocks do not share the processors, even with -j.
.NOTPARALLEL:
.PHONY: run test lint bench fuzz deps test-go test-race test-fuzz test-386 test-modules test-interop

run:
	go run ./cmd/sio demo

test: deps lint test-go test-race test-386 test-fuzz test-modules test-interop

deps:
	scripts/deps.sh

test-go:
	go test -shuffle=on ./...

test-race:
	go test -race -shuffle=on ./...

# 64-bit atomics must be aligned on 32-bit machines too.
test-386:
	CGO_ENABLED=0 GOARCH=386 go test ./...

test-fuzz:
	scripts/fuzz.sh 20000x

test-modules:
	cd browser/build && go test ./...
	cd browser && npm ci --no-audit --no-fund && npm run check && npm test && npm run test:page
	cd cmd/sio && go test -race ./...
	cd engine/webtransport && go test -race ./...
	cd fasthttpbridge && go test -race ./...
	cd packet/msgpack && go test -race ./...

# Real official clients, real browsers, real programs.
test-interop:
	cd internal/interop && go test -count=1 -timeout 30m ./...
	cd examples && go test -count=1 ./...

lint:
	scripts/lint.sh $(MODULES)

bench:
	go test -p 1 -run '^$$' -bench . -benchmem -count=$(BENCHCOUNT) -benchtime=$(BENCHTIME) \
		. ./packet ./engine ./client/engine ./internal/eio ./internal/wsock
	scripts/bench.sh -rounds $(ROUNDS)
	scripts/clientbench.sh -rounds $(ROUNDS)

fuzz:
	scripts/fuzz.sh $(FUZZTIME)
