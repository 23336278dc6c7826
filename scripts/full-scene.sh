#!/usr/bin/env bash
# A full-size dual-pol product under a real annotation: simulated, run, scored; then as DEFLATE COGs. Prints time and peak
# memory beside GDAL's own reading of both rasters, interleaved, and F1.
# Usage: scripts/full-scene.sh PROGRAM ANNOTATION_SAFE   (needs 5 GB of disk in out/full-scene; scripts/setup.sh bench)
set -euo pipefail
program=$(realpath "${1:?usage: scripts/full-scene.sh PROGRAM ANNOTATION_SAFE}")
annotation=$(realpath "${2:?name a real product folder: make full-scene ANNOTATION=…SAFE}")
cd "$(dirname "$0")/.."
for tool in /usr/bin/time gdal_translate; do
  command -v "$tool" >/dev/null || { echo "full-scene: $tool is missing (scripts/setup.sh bench)" >&2; exit 2; }
done

folder=out/full-scene
rm -rf "$folder"
mkdir -p "$folder"
echo "== simulate" >&2
"$program" -q simulate --annotation "$annotation" --seed 1 --no-land --out "$folder/made" > "$folder/simulated.json"
cat > "$folder/pipeline.yaml" <<'YAML'
name: full-scene
status: Test
scenes:
  - made/*.SAFE
ais:
  - made/ais.nmea
infrastructure:
  - made/fixed.geojson
output: result
YAML

# Best of five interleaved rounds: the program, product to alerts; GDAL as it comes, a thread a raster, rows 512 at a time.
cargo bench -q --bench read_floor --no-run
measured() {
  local most=0 best="" floor="" took peak
  for _ in 1 2 3 4 5; do
    rm -rf "$folder/result"
    /usr/bin/time -q -f '%e %M' -o "$folder/run.time" "$program" -q run "$folder/pipeline.yaml" > /dev/null
    read -r took peak < "$folder/run.time"
    best=$(printf '%s\n' $best "$took" | sort -g | head -1)
    most=$(printf '%s\n' "$most" "$peak" | sort -g | tail -1)
    took=$(GTIFF_DIRECT_IO=NO cargo bench -q --bench read_floor -- "$folder"/made/*.SAFE/measurement/*.tiff)
    floor=$(printf '%s\n' $floor "$took" | sort -g | head -1)
  done
  awk -v name="$1" -v best="$best" -v floor="$floor" -v most="$most" 'BEGIN {
    printf "%s: product to alerts %.2f s, GDAL reading both rasters on two threads %.2f s, ratio %.2f; peak memory %.0f MiB\n",
      name, best, floor, best / floor, most / 1024 }'
}
measured "uncompressed strips"
"$program" score --truth "$folder/made" --run "$folder/result"

echo "== compress" >&2
for raster in "$folder"/made/*.SAFE/measurement/*.tiff; do
  gdal_translate -q -of COG -co COMPRESS=DEFLATE -co PREDICTOR=2 -co BLOCKSIZE=512 -co NUM_THREADS=ALL_CPUS \
    "$raster" "$raster.cog" 2> /dev/null
  mv "$raster.cog" "$raster"
done
measured "DEFLATE COGs"
