#!/usr/bin/env bash
# Runs every test that can run here. Called by `make test`, which installed the clients.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -n "${TIDEWATCH_SHARED:-}" ] && [ -d "$TIDEWATCH_SHARED" ]; then
  cargo test --no-fail-fast -- --include-ignored
else
  echo "The shared real data is not here: tests that need it are reported as ignored." >&2
  cargo test --no-fail-fast
  # Tests that ask other programs are ignored by a plain `cargo test`; here those programs are installed.
  cargo test --no-fail-fast --test it -- --ignored clients push_trial postgis nodes faults store_command
  cargo test --no-fail-fast --lib -- --ignored postgis
fi
