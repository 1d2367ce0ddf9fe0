#!/usr/bin/env bash
# Lints the modules whose folders are given.
set -euo pipefail
cd "$(dirname "$0")/.."
staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2
govulncheck=golang.org/x/vuln/cmd/govulncheck@v1.9.0

bad=$(git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0 gofmt -l)
if [ -n "$bad" ]; then
	printf 'not gofmt-ed:\n%s\n' "$bad" >&2
	exit 1
fi

for m in "$@"; do
	(
		cd "$m"
		echo "lint $m"
		go vet ./...
		go run "$staticcheck" ./...
	)
done

# What people get builds where it cannot be tested from here.
for platform in windows/amd64 darwin/arm64 linux/386 linux/arm js/wasm; do
	echo "vet $platform"
	GOOS=${platform%/*} GOARCH=${platform#*/} CGO_ENABLED=0 \
		go vet ./... ./cmd/sio/... ./fasthttpbridge/... ./packet/msgpack/...
done

# Without its database there is nothing to compare with, and the rest of the
# suite should run on a closed network too.
if out=$(go run "$govulncheck" ./... 2>&1); then
	echo "$out" | tail -n 1
elif grep -q 'fetching vulnerabilities' <<<"$out"; then
	echo "govulncheck: NOT RUN, its database cannot be reached from here"
else
	echo "$out" >&2
	exit 1
fi
