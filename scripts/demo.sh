#!/usr/bin/env bash
# Runs the main job on sample-data and scores it against its truth. Usage: scripts/demo.sh PROGRAM
set -euo pipefail
program=${1:?usage: scripts/demo.sh PROGRAM}
cd "$(dirname "$0")/.."

"$program" run pipelines/demo.yaml --out out/demo
echo
echo "Against the truth of the simulated scenes:"
"$program" score --truth sample-data --run out/demo
cat <<'EOF'

Open these:
  out/demo/report.html        everything, without a network
  out/demo/tidewatch.gpkg     in QGIS, or: ogrinfo -so -al out/demo/tidewatch.gpkg
  out/demo/cap/               alerts as CAP 1.2
  out/demo/quicklook/         the scenes with markers and watch distances
EOF
