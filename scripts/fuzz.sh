#!/usr/bin/env bash
# Usage: scripts/fuzz.sh [SECONDS [TARGET...]]: runs the fuzz targets (default: all) for SECONDS each (default 600) from their seeds, one
# after the other; stops at the first finding.
set -euo pipefail
cd "$(dirname "$0")/../fuzz"
seconds=${1:-600}
targets=("${@:2}")
((${#targets[@]})) || targets=(sentence tag_block groups heading json parquet file)
if ! command -v cargo-fuzz >/dev/null; then
  echo "fuzz: installing cargo-fuzz" >&2
  cargo install --quiet cargo-fuzz
fi
# cargo-fuzz asks for a nightly compiler's switches; this lets a stable one take them.
export RUSTC_BOOTSTRAP=1
for target in "${targets[@]}"; do
  mkdir -p "corpus/$target" "artifacts/$target"
  log="corpus/$target.log"
  status=0
  cargo fuzz run "$target" "corpus/$target" "seeds/$target" -- -max_total_time="$seconds" -max_len=4096 -print_final_stats=1 \
    >"$log" 2>&1 || status=$?
  grep -E '^error|stat::|ERROR|panicked|Done' "$log" || true
  if ((status != 0)); then
    echo "fuzz: $target ended with status $status: its output is fuzz/$log, findings are in fuzz/artifacts/$target" >&2
    exit "$status"
  fi
done
