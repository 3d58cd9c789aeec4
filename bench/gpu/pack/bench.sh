#!/bin/sh
# `deno task bench-gpu` with what was packed, and with nothing from a network: ./bench.sh --minutes 9 --out gpu.json
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export DENO_DIR="$here/deno" THAW_CACHE="$here/cache" THAW_BENCH_PACK="$here" DENO_NO_UPDATE_CHECK=1
deno() { "$here/bin/deno" run -A --quiet --no-check --cached-only --config "$here/thaw/deno.json" "$@"; }
deno "$here/thaw/bench/gpu/pack/settle.ts" "$@"
deno "$here/thaw/bench/gpu/bench.ts" "$@"
