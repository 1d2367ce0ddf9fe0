#!/usr/bin/env bash
# Installs what the whole test suite needs beside Go and git, as far as it is
# missing: Debian packages by name. npm packages are installed by the tests
# themselves, from their lock files.
set -euo pipefail

fail() {
	printf 'deps.sh: %s\n' "$@" >&2
	exit 1
}
command -v go >/dev/null || fail "there is no go in PATH: the tests need Go 1.26 or newer, https://go.dev/dl"
command -v git >/dev/null || fail "there is no git in PATH: install it first"

packages=()
need() { command -v "$1" >/dev/null || packages+=("${@:2}"); }
need make make
# The race detector wants a C compiler, which Debian has without the headers too.
gcc -E -include stdlib.h - </dev/null >/dev/null 2>&1 || packages+=(gcc libc6-dev)
need node nodejs
need npm npm
need chromium chromium
need firefox-esr firefox-esr
PATH=$PATH:/usr/sbin # where these two are, and not everybody looks
need nginx nginx
need haproxy haproxy

if [ ${#packages[@]} -gt 0 ]; then
	command -v apt-get >/dev/null || fail "missing, and there is no apt-get to install it: ${packages[*]}"
	as_root=()
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || fail "missing: ${packages[*]}" \
			"only root can install it, and there is no sudo; as root, run:" \
			"apt-get update && apt-get install --no-install-recommends ${packages[*]}"
		as_root=(sudo)
	fi
	echo "installing: ${packages[*]}"
	# The tests start nginx and HAProxy themselves; as services they would only
	# be in the way, on port 80.
	policy=/usr/sbin/policy-rc.d
	if [ ! -e $policy ]; then
		trap '"${as_root[@]}" rm -f $policy' EXIT
		printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
		"${as_root[@]}" chmod +x $policy
	fi
	"${as_root[@]}" apt-get update -q
	# sudo drops the environment.
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${packages[@]}"
fi
major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
[ "$major" -ge 18 ] || fail "node $(node --version) is too old: the tests need 18 or newer"
