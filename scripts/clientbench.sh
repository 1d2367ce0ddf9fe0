#!/usr/bin/env bash
# Runs the Go client beside the least that can be called a client, with the
# flags of clientbench:
# scripts/clientbench.sh -rounds 5
# scripts/clientbench.sh -idle 10000
# scripts/clientbench.sh -memory 50000
# Server on one processor, clients on the next, if there are two.
set -euo pipefail
cd "$(dirname "$0")/../internal/interop"
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT

go build -o "$bin/clientbench" ./clientbench
go build -o "$bin/benchserver" ./benchserver
ulimit -n "$(ulimit -Hn)"
"$bin/clientbench" "$@" "$bin/benchserver"
