#!/usr/bin/env bash
# Puts Regulars on this machine, or brings what is there up to date: from a checkout, or from an
# unpacked bundle without any line to the world. Run it as often as you like; what is right stays.
#
#   sudo provisioning/install.sh                       install, start, say what to do next
#   sudo provisioning/install.sh --uninstall           take it away again, the shop's data stay
#   sudo provisioning/install.sh --uninstall --erase   the shop's data too
#
# Where it cannot go on it says why in one line, and leaves the machine as it found it.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source=$(dirname "$here")                 # what is installed: a checkout or an unpacked bundle
etc=/etc/regulars opt=/opt/regulars var=/var/lib/regulars
needed_mb=2500                            # a release with its wheels while they are unpacked
# What Debian 12 does not bring by itself; the last two let systemd speak to a TPM.
packages=(python3-venv libzbar0 nftables restic libtss2-esys-3.0.2-0 libtss2-rc0)
started=(regulars.service regulars-firewall.service regulars-backup.timer regulars-verify.timer)
port=8443

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
work=$(mktemp -d)
chmod 755 "$work"
trap finish EXIT
trap 'exit 130' INT TERM HUP

# --- before anything is touched ----------------------------------------------------------

look_first() {
  # shellcheck source=/dev/null
  . /etc/os-release
  [ "${ID:-} ${VERSION_ID:-}" = "debian 12" ] ||
    stop "this is ${PRETTY_NAME:-another system}; Regulars is installed on Debian 12"
  case $(uname -m) in
    x86_64 | aarch64) ;;
    *) stop "this processor is $(uname -m); take a machine with x86_64 or aarch64" ;;
  esac
  if [ -f "$source/SHA256SUMS" ]; then
    (cd "$source" && sha256sum --quiet --strict --check SHA256SUMS) >"$work/log" 2>&1 ||
      stop "the bundle is damaged: copy it again ($(head -n 1 "$work/log"))"
  fi
  local place free_mb
  for place in /opt /var; do
    free_mb=$(df --output=avail -m "$place" | tail -n 1)
    [ -e "$opt/releases/$release/.complete" ] || [ "$free_mb" -ge "$needed_mb" ] ||
      stop "$place has $((free_mb)) MB free; make room until it has $needed_mb MB"
  done
  [ -e /etc/systemd/system/regulars.service ] || port_is_free ||
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

# The name of what is installed: its version and what it is made of.
name_release() {
  local version
  version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$source/pyproject.toml")
  [ -n "$version" ] || stop "$source is neither a checkout nor a bundle; run install.sh where it came"
  printf '%s-%s' "$version" "$(cd "$source" && find edge models requirements/run.txt pyproject.toml \
    -type f ! -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c 1-8)"
}

# --- the steps ---------------------------------------------------------------------------

install_packages() {
  local name missing=()
  for name in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q '^install ok' || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "Installing from Debian: ${missing[*]}"
  local apt=(apt-get)
  dpkg-query -W -f '${Package}\n' | sort >"$work/packages"
  undoing "dpkg-query -W -f '\${Package}\n' | sort | comm -13 '$work/packages' - | xargs -r dpkg --purge"
  export DEBIAN_FRONTEND=noninteractive
  if offline; then
    mkdir "$work/lists" "$work/cache"
    # What the bundle holds was checked above, so apt need not ask who signed it.
    echo "deb [trusted=yes] file:$source/debs ./" >"$work/sources.list"
    apt+=(-o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
      -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache")
  fi
  { "${apt[@]}" update && "${apt[@]}" install --yes --no-install-recommends "${missing[@]}"; } >"$work/log" 2>&1 ||
    { tail -n 3 "$work/log" >&2; stop "Debian's packages could not be installed; check the line, then run this again"; }
}

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
  python3 -m venv "$folder"
  local pip=("$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --root-user-action=ignore)
  if offline; then
    "${pip[@]}" --no-index --find-links "$source/wheels" --require-hashes --only-binary :all: -r "$source/requirements/run.txt" &&
      "${pip[@]}" --no-index "$source"/wheels/regulars-*.whl
  else
    mkdir "$work/source" # building writes beside what it builds, and a checkout stays as it is
    cp -r "$source"/{edge,models,pyproject.toml,README.md,LICENSE} "$work/source/"
    "${pip[@]}" --require-hashes --only-binary :all: -r "$source/requirements/run.txt" &&
      "${pip[@]}" --no-build-isolation "$work/source"
  fi >"$work/log" 2>&1 || { grep -v '^WARNING' "$work/log" | tail -n 3 >&2; stop "the Python packages could not be installed; check the line, then run this again: what was fetched is kept"; }
  "$folder/bin/python" -m compileall -q "$folder/lib" >/dev/null 2>&1 || true
  touch "$folder/.complete"
}

install_models() {
  [ -d "$var" ] || undoing "rm -rf $var"
  install -d -m 700 -o regulars -g regulars "$var" "$var/models"
  if offline; then
    install -m 600 -o regulars -g regulars "$source"/models/files/* "$var/models/"
  fi
  as_regulars "$opt/releases/$release/bin/regulars" models fetch --models-dir "$var/models" ||
    stop "the model files are not complete; check the line, then run this again"
}

as_regulars() { (cd / && runuser -u regulars -- env HOME="$var" "$@"); }

# Put a file where it belongs; one that somebody has changed since we put it there stays, and ours lies
# beside it. KEPT says so in the summary.
kept=()
put() {
  local from=$1 to=$2 mode=$3 group=${4:-root} sums=$opt/installed.sha256
  if [ -e "$to" ] && ! cmp -s "$from" "$to" && ! (sha256sum "$to" | grep -qxFf "$sums" 2>/dev/null); then
    install -m "$mode" -g "$group" "$from" "$to.new"
    kept+=("$to")
    return 0
  fi
  if [ -e "$to" ] && ! cmp -s "$from" "$to"; then
    cp -p "$to" "$work/$(basename "$to").before"
    undoing "cp -p '$work/$(basename "$to").before' '$to'"
  fi
  [ -e "$to" ] || undoing "rm -f '$to'"
  cmp -s "$from" "$to" || install -D -m "$mode" -g "$group" "$from" "$to"
  sha256sum "$to" | grep -qxFf - "$sums" 2>/dev/null || sha256sum "$to" >>"$sums"
}

install_files() {
  [ -d "$etc" ] || undoing "rm -rf $etc"
  install -d -m 750 -g regulars "$etc"
  place_configuration
  put "$here/nftables/firewall.nft" "$etc/firewall.nft" 644
  local unit
  for unit in "$here"/systemd/*.service "$here"/systemd/*.timer; do
    put "$unit" "/etc/systemd/system/$(basename "$unit")" 644
  done
  if [ "$(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')" -ge 254 ]; then
    put "$here/systemd/regulars.service.d/backoff.conf" /etc/systemd/system/regulars.service.d/backoff.conf 644
  fi
  put "$here/udev/60-regulars.rules" /etc/udev/rules.d/60-regulars.rules 644
  put "$here/journald/regulars.conf" /etc/systemd/journald.conf.d/regulars.conf 644
  put "$here/bin/regulars" /usr/local/bin/regulars 755
}

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
  local current=$opt/current before
  before=$(readlink "$current" 2>/dev/null || true)
  [ "$before" != "releases/$release" ] || return 0
  undoing "if [ -n '$before' ]; then ln -sfn '$before' '$current'; else rm -f '$current'; fi"
  ln -sfn "releases/$release" "$current.new"
  mv -T "$current.new" "$current"
  if [ -n "$before" ]; then changed=yes; fi
}

start_services() {
  undoing "systemctl disable ${started[*]}"
  systemctl --quiet enable "${started[@]}"
  as_regulars "$opt/current/bin/regulars" config check "$etc/regulars.toml" >/dev/null 2>&1 ||
    stop "$(as_regulars "$opt/current/bin/regulars" config check "$etc/regulars.toml" 2>&1 | tail -n 1)"
  if ! booted; then
    say "systemd does not run here; the services start with the machine"
    return 0
  fi
  systemctl daemon-reload
  udevadm control --reload
  udevadm trigger --subsystem-match=hidraw
  systemctl try-restart systemd-journald.service
  systemctl reload-or-restart regulars-firewall.service
  systemctl start regulars-backup.timer regulars-verify.timer
  if [ -e "$var/keys/gateway.key" ]; then # the next start seals it, and the release before knows no sealed one
    undoing "$opt/releases/$release/bin/regulars keys unseal"
  fi
  if [ -n "${changed:-}" ]; then systemctl restart regulars.service; else systemctl start regulars.service; fi ||
    stop "the gateway does not start: $(journalctl --unit regulars.service --lines 1 --output cat 2>/dev/null)"
}

summary() {
  local file
  say "Regulars $release is installed"
  for file in "${kept[@]}"; do echo "  $file was changed on this machine and stays; the new one is $file.new"; done
  if booted; then
    regulars pair --name Manager --role manager
  else
    echo "  After the next start: regulars pair --name Manager --role manager"
  fi
  echo "  The shop's configuration: $etc/regulars.toml, then: systemctl restart regulars"
  echo "  How it is: regulars doctor, and journalctl --unit regulars"
}

uninstall() {
  say "Taking Regulars away"
  if booted; then systemctl disable --now "${started[@]}" >/dev/null 2>&1 || true
  else systemctl --quiet disable "${started[@]}" 2>/dev/null || true; fi
  rm -f /etc/systemd/system/regulars{,-firewall,-keys,-backup,-verify}.{service,timer} /etc/udev/rules.d/60-regulars.rules \
    /etc/systemd/journald.conf.d/regulars.conf /usr/local/bin/regulars
  rm -rf /etc/systemd/system/regulars.service.d "$opt"
  rmdir /etc/systemd/journald.conf.d 2>/dev/null || true
  if booted; then systemctl daemon-reload; udevadm control --reload; fi
  if [ "${1:-}" = --erase ]; then
    rm -rf "$etc" "$var"
    if id regulars >/dev/null 2>&1; then userdel regulars; fi
    say "Regulars is gone, and the shop's data with it"
  else
    say "Regulars is gone; the shop's data stay in $var and $etc (--erase removes them)"
  fi
}

# --- the whole ---------------------------------------------------------------------------

[ "$(id -u)" -eq 0 ] || stop "only root may install; run: sudo $0"
exec 9>/run/lock/regulars-install
flock --nonblock 9 || stop "another install is running on this machine; wait for it to end"
case ${1:-} in
  --uninstall) uninstall "${2:-}"; exit 0 ;;
  "") ;;
  *) stop "unknown word $1; it takes --uninstall, and --erase behind it, or nothing" ;;
esac
release=$(name_release)
look_first
install_packages
make_user
build_release
install_models
install_files
switch_release
start_services
summary
