#!/usr/bin/env bash
# Makes sample-data again from its seeds: the same program gives the same bytes. Usage: scripts/sample-data.sh PROGRAM
set -euo pipefail
program=$(realpath "${1:?usage: scripts/sample-data.sh PROGRAM}")
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fresh="$work/sample-data"
mkdir "$fresh"
for scene in north south; do
  "$program" -q simulate --recipe "$scene" --out "$work/$scene" >/dev/null
  mv "$work/$scene"/*.SAFE "$fresh/"
  mv "$work/$scene/ais.nmea" "$fresh/$scene.nmea"
  mv "$work/$scene/truth.json" "$fresh/$scene-truth.json"
  mv "$work/$scene/fixed.geojson" "$fresh/$scene-fixed.geojson"
done

{
  cat <<'EOF'
# What lies in sample-data. Everything is simulated; nothing here was observed.

[north]
what = "Sea around Senkaku / Diaoyu / Tiaoyutai: Sentinel-1 IW GRDH, two polarisations, AIS received"
command = "tidewatch simulate --recipe north"

[south]
what = "Sea around Thitu / Pag-asa / Thị Tứ / Zhongye: Sentinel-1 EW GRDM, two polarisations, AIS receiver down"
command = "tidewatch simulate --recipe south"

[all]
made_by = "scripts/sample-data.sh"
origin = "simulated by tidewatch; land from assets/islands.txt"
licence = "CC0-1.0; island shapes © OpenStreetMap contributors, ODbL 1.0"

[sha256]
EOF
  (cd "$fresh" && find . -type f | LC_ALL=C sort | sed 's|^\./||' | while read -r file; do
    printf '"%s" = "%s"\n' "$file" "$(sha256sum "$file" | cut -d' ' -f1)"
  done)
} > "$work/MANIFEST.toml"
mv "$work/MANIFEST.toml" "$fresh/"
rm -rf sample-data
mv "$fresh" sample-data
du -sh sample-data >&2
