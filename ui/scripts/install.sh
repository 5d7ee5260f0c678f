#!/usr/bin/env bash
# What the page is built and tested with: Node, its packages as package-lock.json names them, and a browser.
set -euo pipefail
cd "$(dirname "$0")/.."

lacks() { ! command -v "$1" >/dev/null 2>&1; }

wanted=()
if lacks node || lacks npm; then wanted+=(nodejs npm); fi
if lacks chromium && lacks chromium-browser && lacks google-chrome && [ -z "${CHROMIUM:-}" ]; then wanted+=(chromium fonts-dejavu-core); fi
if [ ${#wanted[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && ! lacks apt-get; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
  else
    echo "The tests of the page need ${wanted[*]}; install them (on Debian: apt-get install ${wanted[*]}) and run this again." >&2
    echo "A browser elsewhere can be named in CHROMIUM." >&2
    exit 1
  fi
fi
if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
  echo "The page is built with Node 20.19 or later; this is $(node --version)." >&2
  exit 1
fi
npm ci --no-fund --no-audit --loglevel=error
