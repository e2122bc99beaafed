#!/usr/bin/env bash
# Puts Regulars on this machine, or brings what is there up to date: from a checkout, or from an
# unpacked bundle without any line to the world. Run it as often as you like; what is right stays.
#
#   sudo provisioning/install.sh                       install, start, say what to do next
#   sudo provisioning/install.sh --uninstall           take it away again, the shop's data stay
#   sudo provisioning/install.sh --uninstall --erase   the shop's data too
#
# An update calls its own release's with --stage (build it beside) and --files (units, rules, command).
#
# Where it cannot go on it says why in one line, and leaves the machine as it found it.
set -euo pipefail
umask 022

# shellcheck source-path=SCRIPTDIR source=steps.sh
. "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
timers=(regulars-backup.timer regulars-verify.timer regulars-certificate.timer regulars-update.timer)
started=(regulars.service regulars-firewall.service regulars-update-recover.service "${timers[@]}")

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
  look_for_room
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
  put_files
}

put_files() {
  put "$here/nftables/firewall.nft" "$etc/firewall.nft" 644
  [ ! -e "$source/authority.sha256" ] || put "$source/authority.sha256" "$etc/authority.sha256" 644
  [ ! -e "$here/publisher.json" ] || put "$here/publisher.json" "$etc/publisher.json" 644
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

start_services() {
  undoing "systemctl disable ${started[*]}"
  systemctl --quiet enable "${started[@]}"
  check_configuration
  if ! booted; then
    say "systemd does not run here; the services start with the machine"
    return 0
  fi
  tell_machine
  systemctl start "${timers[@]}"
  start_gateway
}

summary() {
  local file
  say "Regulars $release is installed"
  for file in "${kept[@]}"; do echo "  $file was changed on this machine and stays; the new one is $file.new"; done
  if booted; then regulars setup; fi
  say_where_to_look
}

# --- what an update asks of a release, as root and holding the lock; its output is read ---

stage() {
  local name
  for name in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q '^install ok' ||
      stop "$release needs $name from Debian; run: apt-get install $name"
  done
  build_release
  add_models
  as_regulars "$opt/releases/$release/bin/regulars" models fetch --models-dir "$var/models" ||
    stop "the model files are not complete"
  echo "$release"
}

refresh_files() {
  put_files
  systemctl --quiet enable "${started[@]}"
  booted || return 0
  systemctl daemon-reload
  reload_rules
  systemctl --no-block reload-or-restart regulars-firewall.service
  systemctl --no-block start "${timers[@]}"
}

uninstall() {
  say "Taking Regulars away"
  if booted; then systemctl disable --now "${started[@]}" regulars-keys.service >/dev/null 2>&1 || true
  else systemctl --quiet disable "${started[@]}" 2>/dev/null || true; fi
  rm -f /etc/systemd/system/regulars{,-firewall,-keys,-certificate,-backup,-verify}.{service,timer} \
    /etc/systemd/system/regulars-update{,-fetch,-recover}.{service,timer} \
    /etc/systemd/system/regulars-stick@.service /etc/udev/rules.d/60-regulars.rules \
    /etc/systemd/journald.conf.d/regulars.conf /usr/local/bin/regulars
  rm -rf /etc/systemd/system/regulars.service.d "$opt" "$updates" "$fetched"
  rm -f /var/lib/systemd/timers/stamp-regulars-*.timer
  rmdir /etc/systemd/journald.conf.d 2>/dev/null || true
  if booted; then systemctl daemon-reload; reload_rules; fi
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
if dpkg-query -W -f '${Status}' regulars 2>/dev/null | grep -q '^install'; then
  stop "Debian's package regulars is on this machine; bring that up to date (apt install ./regulars_*.deb), or take it away first (apt remove regulars; the shop's data stay)"
fi
case ${1:-} in
  --stage) work_undoing; release=$(name_release); stage; exit 0 ;;
  --files) work_undoing; refresh_files; exit 0 ;;
esac
begin
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
