#!/usr/bin/env bash
# Makes the image's root from a built program, twice, and tells: whether both images are the same, how large one is, and
# whether the program runs in it as user 10001 with a read-only root, no rights and no network. Needs root, buildah and
# util-linux; the base image is none, so that nothing is fetched. Usage: scripts/image-trial.sh PROGRAM
set -euo pipefail
program=$(realpath "${1:?usage: scripts/image-trial.sh PROGRAM}")
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "image-trial: needs root, for mounts and owners" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export STORAGE_DRIVER=vfs SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-0}
buildah=(buildah --root "$work/images" --runroot "$work/runs")

strip -o "$work/program" "$program"
for n in 1 2; do
  scripts/rootfs.sh "$work/program" "$work/root$n"
  container=$("${buildah[@]}" from scratch)
  "${buildah[@]}" add -q "$container" "$work/root$n" / >/dev/null
  "${buildah[@]}" config --user 10001:10001 --workingdir /srv/tidewatch --entrypoint '["tidewatch"]' "$container"
  "${buildah[@]}" commit -q --timestamp "$SOURCE_DATE_EPOCH" "$container" "trial$n" >/dev/null
done
digests=$("${buildah[@]}" images --format '{{.Digest}}' | sort -u)
[ "$(wc -l <<<"$digests")" = 1 ] || { echo "image-trial: two builds are two images: $digests" >&2; exit 1; }
echo "same image twice: $digests"
size=$("${buildah[@]}" images --format '{{.Size}}' trial1 | head -n 1)
echo "size: $size"
[ "$(du -sm "$work/root1" | cut -f1)" -le 250 ] || { echo "image-trial: more than 250 MB" >&2; exit 1; }

mkdir "$work/out" && chown 10001:10001 "$work/out"
confined() {
  unshare --mount --pid --net --fork bash -euc '
    root=$1 out=$2; shift 2
    mount --make-rprivate /
    mount --bind "$root" "$root"
    mount -t tmpfs -o size=256m,mode=1777 tmpfs "$root/tmp"
    mount --bind "$out" "$root/srv/tidewatch/out"
    mount -o remount,ro,bind "$root"
    exec setpriv --no-new-privs --bounding-set=-all,+sys_chroot,+setuid,+setgid \
      chroot --userspec=10001:10001 "$root" /usr/local/bin/tidewatch "$@"' confined "$work/root1" "$work/out" "$@"
}
confined -q run /srv/tidewatch/pipelines/demo.yaml --out /srv/tidewatch/out/demo
[ -s "$work/out/demo/report.html" ] || { echo "image-trial: no report" >&2; exit 1; }
confined check /srv/tidewatch/pipelines/demo.yaml
if confined -q run /srv/tidewatch/pipelines/demo.yaml --out /srv/tidewatch/elsewhere 2>"$work/told"; then
  echo "image-trial: wrote outside of its folder" >&2; exit 1
fi
grep -q "Read-only file system" "$work/told"
echo "ran the demo as user 10001 with a read-only root, without rights and network"
