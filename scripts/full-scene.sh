#!/usr/bin/env bash
# A full-size dual-pol product under a real annotation: simulated, run, scored. Prints time, peak memory and F1.
# Usage: scripts/full-scene.sh PROGRAM ANNOTATION_SAFE   (needs 5 GB of disk in out/full-scene and GNU time)
set -euo pipefail
program=$(realpath "${1:?usage: scripts/full-scene.sh PROGRAM ANNOTATION_SAFE}")
annotation=$(realpath "${2:?name a real product folder: make full-scene ANNOTATION=…SAFE}")
cd "$(dirname "$0")/.."
command -v /usr/bin/time >/dev/null || { echo "full-scene: GNU time is missing (package time)" >&2; exit 2; }

folder=out/full-scene
rm -rf "$folder"
mkdir -p "$folder"
measured() {
  echo "== $1" >&2
  shift
  /usr/bin/time -f '%e s, peak memory %M KiB' "$@"
}
measured "simulate" "$program" -q simulate --annotation "$annotation" --seed 1 --no-land --out "$folder/made" > "$folder/simulated.json"
cat > "$folder/pipeline.yaml" <<'EOF'
name: full-scene
status: Test
scenes:
  - made/*.SAFE
ais:
  - made/ais.nmea
infrastructure:
  - made/fixed.geojson
output: result
EOF
measured "run" "$program" run "$folder/pipeline.yaml"
"$program" score --truth "$folder/made" --run "$folder/result"
