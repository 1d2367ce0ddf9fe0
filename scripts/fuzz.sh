#!/usr/bin/env bash
# Runs every fuzz target for the given time each (5s, 10m), or for a number of
# inputs (20000x). A number ends by itself, whatever the load of the machine.
# All targets run, even if one fails. FUZZ_PARALLEL limits the workers of one
# target (default: all processors).
set -euo pipefail
cd "$(dirname "$0")/.."
amount=${1:-20000x}
case $amount in
[1-9]*x | [1-9]*[smh]) ;;
*) echo "fuzz.sh: $amount is neither a time (5s, 10m) nor a number of inputs (20000x)" >&2; exit 2 ;;
esac
found=0
failed=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Under load Go's coordinator can mistake the end of -fuzztime for a failure of
# its workers. That is a failure without an input and without a line of a test.
out_of_time() {
	[[ $amount != *x ]] &&
		grep -q '^ *context deadline exceeded' "$log" &&
		! grep -Eq 'Failing input written|panic:|_test\.go:[0-9]+|hung or terminated' "$log"
}

while IFS=: read -r file target; do
	found=1
	dir=$(dirname "$file")
	echo "fuzz $dir $target $amount"
	if (cd "$dir" && go test -run '^$' -fuzz "^$target\$" -fuzztime "$amount" \
		-parallel "${FUZZ_PARALLEL:-$(nproc)}" .) >"$log" 2>&1 </dev/null; then
		grep '^fuzz: elapsed' "$log" | tail -n 1
	elif out_of_time; then
		echo "no finding; the time ran out within a worker"
	else
		cat "$log" >&2
		failed+=("$dir $target")
	fi
done < <(git ls-files '*_test.go' | xargs grep -EHo '^func Fuzz[A-Za-z0-9_]*' | sed 's/func //')

[ $found = 1 ] || { echo "no fuzz target found" >&2; exit 1; }
if [ ${#failed[@]} -gt 0 ]; then
	printf 'FAILED: %s\n' "${failed[@]}" >&2
	exit 1
fi
