#!/usr/bin/env bash
# Writes Debian's package of Regulars, with the tools Debian makes its own with (dpkg-dev, debhelper). It
# is made on a Debian 12 of the same processor as the shop's, with a line, and installed without one.
#
#   provisioning/deb.sh OUT            OUT/regulars_VERSION_PROCESSOR.deb, some 330 MB
#   provisioning/deb.sh OUT BUNDLE     the same from an unpacked bundle, without a line
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
out=${1:?where to write the package to}
command -v dh >/dev/null || stop "debhelper is missing; run: sudo apt-get install dpkg-dev debhelper"
draft=$(mktemp -d)
trap 'rm -rf "$draft"' EXIT
build=$draft/regulars
if [ -n "${2:-}" ]; then cp -r "$2" "$build"; else "$here/collect.sh" "$build"; fi
cp -r "$build/provisioning/package" "$build/debian"
release=$(cat "$build/RELEASE")

# The same bytes whenever it is built: its time is that of the changelog.
cat >"$build/debian/changelog" <<TEXT
regulars (${release%-*}) bookworm; urgency=medium

  * What changed is told in /usr/share/doc/regulars/CHANGELOG.md.

 -- $(sed -n 's/^Maintainer: //p' "$build/debian/control")  $(date --rfc-email --reference="$build/CHANGELOG.md")
TEXT

say "Building Debian's package"
(
  cd "$build"
  REGULARS_DEPENDS=$(IFS=,; echo "${packages[*]}") \
    dpkg-buildpackage --build=binary --no-sign --no-check-builddeps
) >"$draft/log" 2>&1 || { tail -n 20 "$draft/log" >&2; stop "the package could not be built"; }
mkdir -p "$out"
mv "$draft"/regulars_*.deb "$out/"
du -h "$out"/regulars_"${release%-*}"_*.deb
