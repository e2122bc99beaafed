#!/usr/bin/env bash
# Writes a bundle: all that an installation needs, for a shop without a usable line. It is made on a
# Debian 12 of the same processor as the shop's, with a line.
#
#   provisioning/bundle.sh OUT      OUT/regulars-VERSION-PROCESSOR.tar, some 450 MB
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
out=${1:?where to write the bundle to}
python=$source/.venv/bin/python
[ -x "$python" ] || { echo "bundle: $python is missing; run: make venv" >&2; exit 1; }
say() { printf '\033[1m==>\033[0m %s\n' "$*"; }

version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$source/pyproject.toml")
name=regulars-$version-$(uname -m)
draft=$(mktemp -d)
trap 'rm -rf "$draft"' EXIT
bundle=$draft/$name
mkdir -p "$bundle"/{debs,models,wheels}
pip=("$python" -m pip --disable-pip-version-check)

say "Copying what is installed"
cp -r "$source"/{edge,requirements,provisioning,docs,pyproject.toml,README.md,LICENSE,CHANGELOG.md} "$bundle/"
cp "$source"/models/*.* "$bundle/models/"
find "$bundle" -name __pycache__ -prune -exec rm -rf {} +

say "Collecting Python packages"
"${pip[@]}" download --quiet --no-deps --require-hashes --only-binary :all: \
  --dest "$bundle/wheels" --requirement "$source/requirements/run.txt"
"${pip[@]}" wheel --quiet --no-deps --no-build-isolation --wheel-dir "$bundle/wheels" "$bundle"
rm -rf "$bundle"/build "$bundle"/*.egg-info

say "Collecting model files"
REGULARS_CONFIG='' "$source/.venv/bin/regulars" models fetch --models-dir "$draft/models"
mkdir "$bundle/models/files"
find "$draft/models" -maxdepth 1 -type f -exec cp {} "$bundle/models/files/" \;

say "Collecting Debian packages"
# With all that they stand on: apt takes from this small archive what the shop's machine lacks.
command -v apt-ftparchive >/dev/null || { echo "bundle: apt-ftparchive is missing; run: sudo apt-get install apt-utils" >&2; exit 1; }
(
  cd "$bundle/debs"
  apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
    --no-enhances python3-venv libzbar0 nftables restic | grep '^[a-z]' | sort -u | xargs apt-get download
  apt-ftparchive packages . >Packages
) >"$draft/log" 2>"$draft/trouble" ||
  { tail -n 3 "$draft/trouble" >&2; echo "bundle: run apt-get update, then this again" >&2; exit 1; }

say "Writing $out/$name.tar"
(cd "$bundle" && find . -type f -print0 | sort -z | xargs -0 sha256sum) >"$draft/SHA256SUMS"
mv "$draft/SHA256SUMS" "$bundle/"
mkdir -p "$out"
tar --create --sort=name --owner=0 --group=0 --file "$out/$name.tar.draft" --directory "$draft" "$name"
mv "$out/$name.tar.draft" "$out/$name.tar"
du -h "$out/$name.tar"
