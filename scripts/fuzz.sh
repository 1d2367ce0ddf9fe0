#!/usr/bin/env bash
# Runs every fuzz target of the root module for the given time each.
# FUZZ_PARALLEL limits the workers of one target (default: all processors).
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-5s}
found=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
while IFS=: read -r file target; do
	found=1
	echo "fuzz $(dirname "$file") $target $time"
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -parallel "${FUZZ_PARALLEL:-$(nproc)}" "./$(dirname "$file")" >"$log" 2>&1 || {
		cat "$log" >&2
		exit 1
	}
	grep '^fuzz: elapsed' "$log" | tail -n 1
done < <(git ls-files '*_test.go' | xargs grep -Eo '^func Fuzz[A-Za-z0-9_]*' | sed 's/func //')
[ $found = 1 ] || { echo "no fuzz target found" >&2; exit 1; }
