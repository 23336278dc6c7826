#!/usr/bin/env bash
# Installs what is missing on Debian or Ubuntu, and nothing else. Usage: scripts/setup.sh build|test|check|bench|image
#
#   build  what compiling and running need: GDAL's headers, SQLite's headers, a linker
#   test   build, and the programs the tests ask for a second opinion: GDAL's tools, gpsdecode, xmllint, xmlsec1, Mosquitto, NATS,
#          PostgreSQL with PostGIS, and the clients of tests/clients/requirements.txt and package.json in target/clients
#   check  build, and the licence checker
#   image  build, and buildah, for the container's image
#   bench  build, GNU time, GDAL's tools, gpsdecode, and the Python peers of benches/peers/requirements.txt in target/peers
set -euo pipefail
cd "$(dirname "$0")/.."
role=${1:?usage: scripts/setup.sh build|test|check|bench|image}

if ! command -v cargo >/dev/null; then
  echo "setup: cargo is missing; install Rust $(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml) or newer first (https://rustup.rs)" >&2
  exit 2
fi

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs the Debian packages that are not there yet.
need() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if ! command -v apt-get >/dev/null; then
    echo "setup: this is not Debian or Ubuntu; install by hand: ${missing[*]}" >&2
    exit 2
  fi
  echo "setup: installing ${missing[*]}" >&2
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

need build-essential pkg-config libgdal-dev libsqlite3-dev

# A Python of its own in FOLDER with what WANTED lists; further arguments go to venv.
python_with() {
  local wanted=$1 folder=$2
  shift 2
  cmp -s "$wanted" "$folder/.installed" && return
  echo "setup: installing the Python packages of $wanted in $folder" >&2
  rm -rf "$folder"
  /usr/bin/python3 -m venv "$@" "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
  cp "$wanted" "$folder/.installed"
}

# Packages of npm that WANTED lists, in FOLDER.
node_with() {
  local wanted=$1 folder=$2
  cmp -s "$wanted" "$folder/package.json" && [ -d "$folder/node_modules" ] && return
  echo "setup: installing the npm packages of $wanted in $folder" >&2
  mkdir -p "$folder"
  cp "$wanted" "$folder/package.json"
  npm install --prefix "$folder" --silent --no-audit --no-fund >&2
}

if [ "$role" = test ]; then
  need curl gdal-bin gpsd-clients python3-gdal python3-numpy python3-venv libxml2-utils zip binutils
  # Receivers of what is pushed. The tests start private instances; the ones Debian starts are not used.
  need mosquitto mosquitto-clients nats-server openssl xmlsec1
  # Clocks that are wrong.
  need faketime
  # The store's database: likewise private instances.
  need postgresql postgresql-postgis
  command -v npm >/dev/null || need nodejs npm
  # --system-site-packages: Debian's python3-gdal carries the GeoPackage validator.
  python_with tests/clients/requirements.txt target/clients --system-site-packages
  node_with tests/clients/package.json target/clients/node
fi

if [ "$role" = bench ]; then
  need gdal-bin python3-venv time gpsd-clients
  python_with benches/peers/requirements.txt target/peers
fi

if [ "$role" = image ]; then
  need buildah util-linux binutils
fi

if [ "$role" = check ] && ! command -v cargo-deny >/dev/null; then
  echo "setup: building cargo-deny (three minutes)" >&2
  cargo install --quiet --locked --version 0.20.2 cargo-deny
fi
