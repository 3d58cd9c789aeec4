#!/bin/sh
# Puts the parts beside this file together: sh unpack.sh [FOLDER]. Needs tar, and xz or a Python 3.
set -eu
parts=$(cd "$(dirname "$0")" && pwd)
to=${1:-$parts/thaw-gpu}
(cd "$parts" && sha256sum -c SHA256SUMS >/dev/null)
mkdir -p "$to"
if command -v xz >/dev/null; then
  cat "$parts"/thaw-gpu.tar.xz.* | xz -dc | tar -xof - -C "$to"
else
  cat "$parts"/thaw-gpu.tar.xz.* |
    python3 -c 'import sys, tarfile; tarfile.open(fileobj=sys.stdin.buffer, mode="r|xz").extractall(sys.argv[1])' "$to"
fi
echo "Ready. Run: $to/bench.sh --out gpu.json"
