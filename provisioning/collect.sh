#!/usr/bin/env bash
# Collects what an installation without a line needs, for bundle.sh and deb.sh: the locked Python
# packages, the program as one more of them, the model files, and the installer.
#
#   provisioning/collect.sh FOLDER      some 320 MB in FOLDER
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
folder=${1:?where to collect to}
python=$source/.venv/bin/python
[ -x "$python" ] || stop "$python is missing; run: make venv"
draft=$(mktemp -d)
trap 'rm -rf "$draft"' EXIT
pip=("$python" -m pip --disable-pip-version-check)

say "Copying what is installed"
mkdir -p "$folder"/{models/files,requirements,wheels}
cp -rp "$source"/{provisioning,docs,README.md,LICENSE,CHANGELOG.md} "$folder/"
cp "$source"/models/*.* "$folder/models/"
cp "$source/requirements/run.txt" "$folder/requirements/"
name_release >"$folder/RELEASE"

say "Collecting Python packages"
"${pip[@]}" download --quiet --no-deps --require-hashes --only-binary :all: \
  --dest "$folder/wheels" --requirement "$source/requirements/run.txt"
mkdir "$draft/source" # building writes beside what it builds, and a checkout stays as it is
# What Python keeps beside it comes and goes while somebody runs the program.
(cd "$source" && find edge models pyproject.toml README.md LICENSE -name __pycache__ -prune -o \
  -type f -exec cp --parents --target-directory "$draft/source" {} +)
"${pip[@]}" wheel --quiet --no-deps --no-build-isolation --wheel-dir "$folder/wheels" "$draft/source"

say "Collecting model files"
REGULARS_CONFIG='' "$source/.venv/bin/regulars" models fetch --models-dir "$draft/models"
find "$draft/models" -maxdepth 1 -type f -exec cp {} "$folder/models/files/" \;
