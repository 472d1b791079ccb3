#!/usr/bin/env bash
# Runs one fuzz target, or all of them, for some seconds each: tools/fuzz.sh [TARGET] [SECONDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${2:-30}
# DuckDB's plans lie in an arena that frees their bytes and not what they point at.
export LSAN_OPTIONS=suppressions=$PWD/tools/lsan.supp
targets=("${1:-}")
[ -n "${1:-}" ] || mapfile -t targets < <(find build/fuzz/src -maxdepth 1 -name '*_fuzz' -type f)
for target in "${targets[@]}"; do
  name=$(basename "$target")
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  echo "== $name for $seconds s"
  "build/fuzz/src/$name" -max_total_time="$seconds" -print_final_stats=0 -verbosity=0 \
    -artifact_prefix=build/fuzz/ "$corpus"
done
