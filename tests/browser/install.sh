#!/bin/sh
# See to it that there is a Chromium for the browser tests: sh tests/browser/install.sh PYTHON
# Ends with 0 when there is one. When there is none to be had, the tests say so by name.
python=${1:-python3}
have() { "$python" -m tests.browser.chromium; }
have && exit 0

echo "Installing a Chromium for the browser tests"
if [ "$(id -u)" = 0 ]; then
	root=""
elif sudo -n true 2>/dev/null; then
	root="sudo -n"
else
	root="false"
fi

# Debian has it as a package; Ubuntu's package of that name needs snapd, which containers lack.
if [ "$root" != false ] && command -v apt-get >/dev/null && grep -qs '^ID=debian' /etc/os-release; then
	export DEBIAN_FRONTEND=noninteractive
	$root apt-get update -qq
	$root apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null
	have && exit 0
fi

if [ "$root" = false ]; then
	timeout 300 "$python" -m playwright install chromium
else
	timeout 600 "$python" -m playwright install --with-deps chromium
	command -v apt-get >/dev/null && $root apt-get install -y -qq --no-install-recommends fonts-noto-cjk >/dev/null
fi
have
