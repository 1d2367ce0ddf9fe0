#!/usr/bin/env bash
# Runs the server beside the official one, with the flags of versus:
# scripts/bench.sh -rounds 5 -only echo,idle
# Servers on one processor, the load generator on the next, if there are two.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT

(cd cmd/sio && go build -o "$bin/versus" ./internal/versus)
(cd internal/interop && go build -o "$bin/benchserver" ./benchserver)
node=internal/interop/node
if [ ! -e $node/node_modules/.package-lock.json ] || [ $node/package-lock.json -nt $node/node_modules/.package-lock.json ]; then
	npm --prefix $node ci --no-audit --no-fund
fi
beside=()
if taskset -c 0 true 2>/dev/null && taskset -c 1 true 2>/dev/null; then
	beside=(taskset -c 1)
fi
"${beside[@]}" "$bin/versus" "$@" "$bin/benchserver" -- node "$root/$node/reference/benchserver.js"
