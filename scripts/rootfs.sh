#!/usr/bin/env bash
# Puts what the program needs to run, and nothing else, into a folder: the root of a container image without shell or package
# manager. The same program on the same system gives the same files, with the same times. Usage: scripts/rootfs.sh PROGRAM FOLDER
#
#   SOURCE_DATE_EPOCH  time of every file, seconds since 1970; 0 unless set
set -euo pipefail
program=${1:?usage: scripts/rootfs.sh PROGRAM FOLDER}
into=${2:?usage: scripts/rootfs.sh PROGRAM FOLDER}
cd "$(dirname "$0")/.."
umask 022
mkdir -p "$into"

# Copies a file to the same path, with what a link leads to in its place.
take() { for path in "$@"; do mkdir -p "$into$(dirname "$path")" && cp -L "$path" "$into$path"; done; }

install -D -m 755 "$program" "$into/usr/local/bin/tidewatch"
mapfile -t libraries < <(ldd "$program" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }' | sort -u)
take "${libraries[@]}"
# Coordinate systems without their grids, GDAL's tables, authorities' certificates.
take /usr/share/proj/proj.db /etc/ssl/certs/ca-certificates.crt
mkdir -p "$into/usr/share/gdal" && cp -RL /usr/share/gdal/. "$into/usr/share/gdal/"

# Which packages that was, with their licences.
doc="$into/usr/share/doc"
mkdir -p "$doc/tidewatch"
# A file is known to dpkg under the name it came with: through no link, with or without the /usr that was merged into it.
mapfile -t names < <(for library in "${libraries[@]}"; do
  real=$(realpath "$library")
  printf '%s\n' "$library" "$real" "${real#/usr}"
done | sort -u)
# It tells which names it does not know, and ends with 1: every file has one that it does.
{ dpkg -S "${names[@]}" 2>/dev/null || true; printf '%s: \n' proj-data gdal-data ca-certificates; } | cut -d: -f1 | sort -u |
  while read -r package; do
    dpkg-query -W -f='${Package} ${Version}\n' "$package"
    install -D -m 644 "/usr/share/doc/$package/copyright" "$doc/$package/copyright"
  done > "$doc/tidewatch/debian-packages.txt"
cp LICENSE-MIT LICENSE-APACHE assets/README.md "$doc/tidewatch/"

mkdir -p "$into/etc" "$into/tmp" "$into/srv/tidewatch/out"
echo 'tidewatch:x:10001:10001::/srv/tidewatch:/usr/sbin/nologin' > "$into/etc/passwd"
echo 'tidewatch:x:10001:' > "$into/etc/group"
echo 'hosts: files dns' > "$into/etc/nsswitch.conf"
cp -R pipelines sample-data "$into/srv/tidewatch/"
chmod -R a+rX "$into/srv"
chmod 1777 "$into/tmp"
chown -R 10001:10001 "$into/srv/tidewatch/out" 2>/dev/null || true
find "$into" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:-0}" {} +
