# What install.sh and Debian's package do alike, step by step; sourced, and nothing happens by that.
# Each step leaves alone what is right already, and says how to undo what it did.
# shellcheck shell=bash
# shellcheck disable=SC2034  # some of these names are for those who source this

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(dirname "$here")                 # what is installed: a checkout, an unpacked bundle, or the package's
etc=/etc/regulars opt=/opt/regulars var=/var/lib/regulars
updates=/var/lib/regulars-update fetched=/var/lib/regulars-fetch # the updater's; nothing of the shop's
needed_mb=2500                            # a release with its wheels while they are unpacked
# What Debian 12 does not bring by itself; the last two let systemd speak to a TPM.
packages=(python3-venv libzbar0 nftables restic lego libtss2-esys-3.0.2-0 libtss2-rc0)
port=8443 udev=/run/udev/control
release=                                  # what name_release says, once somebody asked

say() { printf '\033[1m==>\033[0m %s\n' "$*"; }
stop() { printf '\033[1;31mregulars:\033[0m %s\n' "$*" >&2; exit 1; }
booted() { [ -d /run/systemd/system ]; }

# --- what this run did, to be undone if it fails -----------------------------------------

undo=()
undoing() { undo+=("$1"); }
finish() {
  local status=$? index
  trap - EXIT
  if [ "$status" -ne 0 ] && [ ${#undo[@]} -gt 0 ]; then
    say "Putting the machine back as it was"
    for ((index = ${#undo[@]} - 1; index >= 0; index--)); do
      eval "${undo[index]}" >/dev/null 2>&1 || true
    done
  fi
  rm -rf "$work"
  exit "$status"
}

# Alone on this machine, with a folder to work in, and with a way back.
begin() {
  exec 9>/run/lock/regulars-install
  flock --nonblock 9 || stop "another install is running on this machine; wait for it to end"
  work_undoing
}

work_undoing() {
  work=$(mktemp -d)
  chmod 755 "$work"
  trap finish EXIT
  trap 'exit 130' INT TERM HUP
}

# --- before anything is touched ----------------------------------------------------------

look_for_room() {
  local place free_mb
  for place in /opt /var; do
    free_mb=$(df --output=avail -m "$place" | tail -n 1)
    [ -e "$opt/releases/$release/.complete" ] || [ "$free_mb" -ge "$needed_mb" ] ||
      stop "$place has $((free_mb)) MB free; make room until it has $needed_mb MB"
  done
  [ -e "$opt/current" ] || port_is_free ||
    stop "another program listens on port $port; stop it, or move it to another port"
}

port_is_free() {
  python3 - "$port" <<'PY'
import socket, sys
with socket.socket() as probe:
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("0.0.0.0", int(sys.argv[1])))
    except OSError:
        sys.exit(1)
PY
}

offline() { [ -d "$source/wheels" ]; }

# The name of what is installed: its version and what it is made of. collect.sh wrote it down.
name_release() {
  local version
  if [ -f "$source/RELEASE" ]; then cat "$source/RELEASE"; return 0; fi
  version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$source/pyproject.toml" 2>/dev/null || true)
  [ -n "$version" ] || stop "$source is neither a checkout nor a bundle; run install.sh where it came"
  printf '%s-%s' "$version" "$(cd "$source" && find edge models requirements/run.txt pyproject.toml \
    -name __pycache__ -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-8)"
}

# --- the steps ---------------------------------------------------------------------------

make_user() {
  id regulars >/dev/null 2>&1 && return 0
  say "Making the user regulars"
  undoing "userdel regulars"
  useradd --system --user-group --home-dir "$var" --no-create-home --shell /usr/sbin/nologin regulars
}

build_release() {
  local folder=$opt/releases/$release
  [ ! -e "$folder/.complete" ] || return 0
  say "Installing Regulars $release"
  rm -rf "$folder"
  [ -d "$opt" ] || undoing "rmdir $opt/releases $opt"
  install -d -m 755 "$opt" "$opt/releases"
  undoing "rm -rf '$folder'"
  if ! link_packages "$folder"; then
    rm -rf "$folder"
    python3 -m venv "$folder"
    install_with_pip "$folder" --require-hashes --only-binary :all: -r "$source/requirements/run.txt"
  fi
  if offline; then
    install_with_pip "$folder" "$source"/wheels/regulars-*.whl
  else
    mkdir "$work/source" # building writes beside what it builds, and a checkout stays as it is
    cp -r "$source"/{edge,models,pyproject.toml,README.md,LICENSE} "$work/source/"
    install_with_pip "$folder" --no-build-isolation "$work/source"
  fi
  cp "$source/requirements/run.txt" "$folder/requirements.txt"
  cp -r "$here" "$folder/provisioning"
  "$folder/bin/python" -m compileall -q "$folder/lib" >/dev/null 2>&1 || true
  sync -f "$folder" # a release is whole on the disk, or it is none
  touch "$folder/.complete"
}

# Where the good release has the same locked packages, they are linked instead of unpacked again. A
# release that is complete is never written to, so that two may share their files.
link_packages() {
  local folder=$1 good=$opt/good site
  [ -e "$good/.complete" ] && cmp -s "$source/requirements/run.txt" "$good/requirements.txt" || return 1
  python3 -m venv --without-pip "$folder" || return 1
  site=$(echo "$folder"/lib/python3*/site-packages)
  rmdir "$site" && cp -al "$good/${site#"$folder/"}" "$site" && rm -rf "$site"/edge "$site"/regulars-*.dist-info
} 2>/dev/null

install_with_pip() {
  local folder=$1 where=()
  shift
  if offline; then where=(--no-index --find-links "$source/wheels"); fi
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --root-user-action=ignore "${where[@]}" "$@" >"$work/log" 2>&1 ||
    { grep -v '^WARNING' "$work/log" | tail -n 3 >&2; stop "the Python packages could not be installed; check the line, then run this again: what was fetched is kept"; }
}

install_models() {
  [ -d "$var" ] || undoing "rm -rf $var"
  install -d -m 700 -o regulars -g regulars "$var" "$var/models"
  if offline; then add_models; fi
  as_regulars "$opt/releases/$release/bin/regulars" models fetch --models-dir "$var/models" ||
    stop "the model files are not complete; check the line, then run this again"
}

# The release that runs uses the same folder: a model that changes has another name. Root reads what
# only root may, on a stick; the gateway's user writes, so that no link of theirs leads root elsewhere.
add_models() {
  local file there
  for file in "$source"/models/files/*; do
    there=$var/models/$(basename "$file")
    # shellcheck disable=SC2016 # the inner shell knows the names
    [ -e "$there" ] || as_regulars sh -c 'umask 077; cat >"$1.part" && mv "$1.part" "$1"' sh "$there" <"$file"
  done
}

as_regulars() { (cd / && runuser -u regulars -- env HOME="$var" "$@"); }

# The configuration lies where the gateway may write, and is found where people look: a link leads
# there. A file that stands in the link's place, from before or put there by an editor, is taken along.
place_configuration() {
  local file=$var/regulars.toml link=$etc/regulars.toml before=$work/regulars.toml.before
  if [ -L "$link" ] && [ -e "$file" ]; then return 0; fi
  if [ -e "$file" ]; then
    cp -p "$file" "$before"
    undoing "cp -p '$before' '$file'"
  else
    undoing "rm -f '$file'"
  fi
  if [ -f "$link" ]; then
    cp -p "$link" "$work/regulars.toml.written"
    undoing "rm -f '$link'; cp -p '$work/regulars.toml.written' '$link'"
    install -m 600 -o regulars -g regulars "$link" "$file"
  elif [ ! -e "$file" ]; then
    first_configuration >"$work/regulars.toml"
    install -m 600 -o regulars -g regulars "$work/regulars.toml" "$file"
  fi
  [ -e "$link" ] || undoing "rm -f '$link'"
  ln -sfn ../../var/lib/regulars/regulars.toml "$link"
}

# The example, with what this machine knows already: its time zone, and no devices that are not there.
first_configuration() {
  local zone
  zone=$(readlink /etc/localtime 2>/dev/null | sed -n 's|.*/zoneinfo/||p')
  sed -e "s|@TIMEZONE@|${zone:-UTC}|" "$here/regulars.toml"
}

switch_release() {
  local current=$opt/current before good
  good=$(readlink "$opt/good" 2>/dev/null || true)
  if [ "$good" != "releases/$release" ]; then # whoever installs by hand says that it is good
    undoing "if [ -n '$good' ]; then ln -sfn '$good' '$opt/good'; else rm -f '$opt/good'; fi"
    ln -sfn "releases/$release" "$opt/good.new"
    mv -T "$opt/good.new" "$opt/good"
    rm -f "$updates/journal.json"
  fi
  before=$(readlink "$current" 2>/dev/null || true)
  [ "$before" != "releases/$release" ] || return 0
  undoing "if [ -n '$before' ]; then ln -sfn '$before' '$current'; else rm -f '$current'; fi"
  ln -sfn "releases/$release" "$current.new"
  mv -T "$current.new" "$current"
  if [ -n "$before" ]; then changed=yes; fi
}

# The program reads its configuration, or the last line says what is wrong with it.
check_configuration() {
  local said
  said=$(as_regulars "$opt/releases/$release/bin/regulars" config check "$etc/regulars.toml" 2>&1) ||
    stop "$(tail -n 1 <<<"$said")"
}

# A machine without devices of its own, as a container, has no udev to tell.
reload_rules() { [ ! -S "$udev" ] || udevadm control --reload; }

# Let the running machine know of files that came for it.
tell_machine() {
  systemctl daemon-reload
  reload_rules
  if [ -S "$udev" ]; then udevadm trigger --subsystem-match=hidraw; fi
  systemctl try-restart systemd-journald.service
  systemctl reload-or-restart regulars-firewall.service
}

start_gateway() {
  if [ -e "$var/keys/gateway.key" ]; then # the next start seals it, and the release before knows no sealed one
    undoing "$opt/releases/$release/bin/regulars keys unseal"
  fi
  [ -n "${changed:-}" ] || undoing "systemctl stop regulars.service"
  if [ -n "${changed:-}" ]; then systemctl restart regulars.service; else systemctl start regulars.service; fi ||
    stop "the gateway does not start: $(journalctl --unit regulars.service --lines 1 --output cat 2>/dev/null)"
}

say_where_to_look() {
  echo "  To set the shop up in a browser, once it runs: sudo regulars setup"
  echo "  The shop's configuration: $etc/regulars.toml, then: systemctl restart regulars"
  echo "  How it is: regulars doctor, and journalctl --unit regulars"
}
