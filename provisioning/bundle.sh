#!/usr/bin/env bash
# Writes a bundle: all that an installation needs, for a shop without a usable line. It is made on a
# Debian 12 of the same processor as the shop's, with a line.
#
#   provisioning/bundle.sh OUT      OUT/regulars-VERSION-PROCESSOR.tar, some 450 MB
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
out=${1:?where to write the bundle to}
draft=$(mktemp -d)
trap 'rm -rf "$draft"' EXIT
release=$(name_release)
name=regulars-${release%-*}-$(uname -m)
bundle=$draft/$name
"$here/collect.sh" "$bundle"

say "Collecting Debian packages"
# With all that they stand on: apt takes from this small archive what the shop's machine lacks.
command -v apt-ftparchive >/dev/null || stop "apt-ftparchive is missing; run: sudo apt-get install apt-utils"
mkdir "$bundle/debs"
(
  cd "$bundle/debs"
  apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
    --no-enhances "${packages[@]}" | grep '^[a-z]' | sort -u | xargs apt-get download
  apt-ftparchive packages . >Packages
) >"$draft/log" 2>"$draft/trouble" ||
  { tail -n 3 "$draft/trouble" >&2; stop "Debian's packages could not be had; run apt-get update, then this again"; }

say "Writing $out/$name.tar"
(cd "$bundle" && find . -type f -print0 | sort -z | xargs -0 sha256sum) >"$draft/SHA256SUMS"
mv "$draft/SHA256SUMS" "$bundle/"
mkdir -p "$out"
tar --create --sort=name --owner=0 --group=0 --file "$out/$name.tar.draft" --directory "$draft" "$name"
mv "$out/$name.tar.draft" "$out/$name.tar"
du -h "$out/$name.tar"
