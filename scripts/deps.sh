#!/usr/bin/env bash
# Installs what the whole test suite needs beside Go, as far as it is missing:
# Debian packages by name. npm packages are installed by the tests themselves,
# from their lock files.
set -euo pipefail

packages=()
need() { command -v "$1" >/dev/null 2>&1 || packages+=("${@:2}"); }
need gcc gcc libc6-dev # the race detector
need node nodejs
need npm npm
need chromium chromium
PATH=$PATH:/usr/sbin # where these two are, and not everybody looks
need nginx nginx
need haproxy haproxy

if [ ${#packages[@]} -gt 0 ]; then
	echo "installing: ${packages[*]}"
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	# The tests start nginx and HAProxy themselves; as services they would only
	# be in the way, on port 80.
	policy=/usr/sbin/policy-rc.d
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' | $sudo tee $policy >/dev/null
		$sudo chmod +x $policy
		trap '$sudo rm -f $policy' EXIT
	fi
	$sudo apt-get update -q
	DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends "${packages[@]}"
fi
major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
if [ "$major" -lt 18 ]; then
	echo "node $(node --version) is too old: the tests need 18 or newer" >&2
	exit 1
fi
