#!/bin/sh
# Installs the Holdfast agent on this computer, updates it, or removes it. Needs nothing but a POSIX shell and the usual small
# programs (those of BusyBox will do). The server that serves this script fills in the archives and their checksums.
set -eu
umask 022

VERSION=''
# One line for each system: system, file, SHA-256, bytes.
ARCHIVES=''

PREFIX=/opt/holdfast-agent
STATE=
ADDRESS=
ARCHIVE=
FORCE=
TASK=install
SERVICE=auto
WORK=
# The service was stopped by this script, and has not been started again.
STOPPED=

say() { printf '%s\n' "$*"; }

# Exit code, sentence, what to do.
fail() {
  printf 'holdfast: %s\n' "$2" >&2
  if [ -n "${3-}" ]; then printf '  → %s\n' "$3" >&2; fi
  exit "$1"
}

usage() {
  cat <<END
Installs the Holdfast agent $VERSION.

  sh install.sh ADDRESS                   downloads the agent from the server at ADDRESS, such as https://host:8443
  sh install.sh --archive FILE            installs from an archive that was brought by hand; needs no network
  sh install.sh --uninstall               removes the agent; its key and its state stay

The enrolment token is read from standard input, or asked for. Nothing is asked where the computer belongs to the server already.

  --prefix FOLDER   where the agent is put; /opt/holdfast-agent unless told
  --home FOLDER     where it keeps its state; /var/lib/holdfast-agent for root unless told
  --no-service      do not make a service of it; say how to run it
  --run             do not make a service of it; run it in the foreground
  --force           leave the server to which this computer belongs for that of the token

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 verification failed, 4 server not reachable.
END
}

clean_up() {
  if [ -n "$WORK" ]; then rm -rf "$WORK"; fi
  WORK=
  if [ -n "$STOPPED" ]; then systemctl start holdfast-agent.service || :; fi
  STOPPED=
}

read_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --archive | --prefix | --home)
        if [ $# -lt 2 ] || [ -z "$2" ]; then fail 2 "The option $1 needs a value." 'Run: sh install.sh --help'; fi
        case $1 in
          --archive) ARCHIVE=$2 ;;
          --prefix) PREFIX=$2 ;;
          --home) STATE=$2 ;;
        esac
        shift
        ;;
      --force) FORCE=--force ;;
      --run) SERVICE=run ;;
      --no-service) SERVICE=no ;;
      --uninstall) TASK=uninstall ;;
      -h | --help) TASK=help ;;
      https://?*) ADDRESS=${1%/} ;;
      # It may be a token in the wrong place, so it is not shown.
      *) fail 2 'An argument is unknown.' 'Run: sh install.sh --help' ;;
    esac
    shift
  done
  for path in "$PREFIX" "${STATE:-/}"; do
    case $path in
      /*) ;;
      *) fail 2 "The folder $path must be named from the root, with a / in front." 'Run: sh install.sh --help' ;;
    esac
    case $path in
      *[!A-Za-z0-9._/-]* | */../*)
        fail 2 'A folder may have letters, digits, dots, hyphens and underscores in its name, and nothing else.' \
          'Choose another folder.'
        ;;
    esac
  done
  if [ "$TASK" = install ] && [ -z "$ADDRESS$ARCHIVE" ]; then
    fail 2 'Neither the address of a server nor an archive was named.' 'Run: sh install.sh --help'
  fi
}

need() {
  for tool in "$@"; do
    if ! command -v "$tool" >/dev/null 2>&1; then
      fail 1 "This computer has no program called $tool." "Install it, e.g. with the package coreutils, tar, gzip or curl, and run the line again."
    fi
  done
}

find_platform() {
  system=$(uname -s)
  machine=$(uname -m)
  if [ "$system" != Linux ]; then
    fail 1 "This script installs the agent on Linux, and this is $system." 'Holdfast has no installation for this system yet.'
  fi
  case $machine in
    x86_64 | amd64) PLATFORM=linux-x64 ;;
    aarch64 | arm64) PLATFORM=linux-arm64 ;;
    *) fail 1 "There is no agent for a processor of the kind $machine." 'There is one for x86_64 and aarch64.' ;;
  esac
}

# Sets FILE, DIGEST and BYTES of the archive for this system.
find_archive() {
  FILE=
  while read -r platform file digest bytes; do
    if [ "$platform" = "$PLATFORM" ]; then
      FILE=$file
      DIGEST=$digest
      BYTES=$bytes
    fi
  done <<END
$ARCHIVES
END
  if [ -z "$FILE" ]; then
    fail 1 "The server has no agent for this system ($PLATFORM)." \
      'An administrator can add it: the guide on installing agents says how.'
  fi
}

require_rights() {
  if [ "$(id -u)" -eq 0 ]; then return; fi
  if [ "$PREFIX" = /opt/holdfast-agent ]; then
    fail 1 'Only root can install the agent for the whole computer.' \
      'Run the line as root, e.g. with sudo. To try it as yourself, without sudo, add: --prefix "$HOME/holdfast-agent" --run'
  fi
}

# What root runs may lie only where nobody else can exchange it: PREFIX, all that it lies in, and all that links on the way lead to.
require_safe_way() {
  if [ "$(id -u)" -eq 0 ]; then check_way "$PREFIX"; fi
}

check_way() (
  way=$1
  # Behind a slash a link would count as what it leads to.
  while [ "$way" != / ] && [ "$way" != "${way%/}" ]; do way=${way%/}; done
  while :; do
    if [ -L "$way" ] && [ -e "$way" ]; then
      target=$(readlink "$way")
      case $target in
        /*) ;;
        *) target=$(cd -P "$(dirname "$way")" && pwd -P)/$target ;;
      esac
      check_way "$target" || exit $?
    fi
    if [ -e "$way" ] || [ -L "$way" ]; then
      read -r mode _ owner _ <<END
$(ls -ldnL "$way" 2>/dev/null)
END
      # Others may write where the sticky bit keeps them from exchanging what is not theirs.
      case $owner:$mode in
        0:d????-??-* | 0:d????????[tT]*) ;;
        *)
          fail 1 "The folder $way is not root's alone: somebody else could exchange the agent, which runs as root." \
            'Choose a folder with --prefix that only root can write to, with all that it lies in; or, to try it as yourself, run the line without sudo.'
          ;;
      esac
    fi
    if [ "$way" = / ] || [ "$way" = . ]; then break; fi
    way=$(dirname "$way")
  done
)

# Nothing of the token is shown, and it stands in no list of processes: printf and read are parts of the shell.
read_token() {
  TOKEN=
  if [ -t 0 ]; then
    printf 'Enrolment token (nothing is shown; Enter alone if this computer belongs to the server already): ' >&2
    stty -echo 2>/dev/null || :
    read -r TOKEN || :
    stty echo 2>/dev/null || :
    printf '\n' >&2
  else
    read -r TOKEN || :
  fi
}

# The work folder lies beside the target: on another volume nothing could be run, or there would be no room.
make_work_folder() {
  parent=$(dirname "$PREFIX")
  mkdir -p "$parent" || fail 1 "The folder $parent cannot be made." 'Choose another folder with --prefix.'
  # Again: until now somebody could have made in /tmp, say, what was not there.
  require_safe_way
  WORK=$(mktemp -d "$parent/.holdfast-install.XXXXXX") ||
    fail 1 "Nothing can be written in $parent." 'Choose another folder with --prefix, or make room.'
}

# Whoever stands in between may change what arrives: the checksum decides, not the connection. Nothing secret is sent.
download() {
  say "Downloading the agent $VERSION for $PLATFORM from $ADDRESS ($((BYTES / 1048576)) MiB)."
  url=$ADDRESS/agent/$FILE
  # Whatever arrives takes no more room than the archive.
  blocks=$((BYTES / 512 + 1))
  if command -v curl >/dev/null 2>&1; then
    progress='-sS'
    if [ -t 2 ]; then progress='--progress-bar'; fi
    (ulimit -f "$blocks" && exec curl -fk "$progress" --connect-timeout 20 --max-time 1260 --retry 5 \
      --max-filesize "$BYTES" -o "$WORK/archive" "$url") && return
  else
    need wget
    (ulimit -f "$blocks" && exec wget -q -T 60 --no-check-certificate -O "$WORK/archive" "$url") && return
  fi
  fail 4 "The agent could not be downloaded from $url." \
    'Check that the server can be reached from here at this address and has not been updated meanwhile; then copy a new line from the console.'
}

# Checked and unpacked is a copy that nobody else can write to, of what is not longer than the archive.
bring() {
  if [ ! -f "$ARCHIVE" ] || [ ! -r "$ARCHIVE" ]; then
    fail 1 "The archive $ARCHIVE cannot be read." 'Bring it along, beside this script.'
  fi
  head -c "$((BYTES + 1))" "$ARCHIVE" >"$WORK/archive" ||
    fail 1 "The archive cannot be copied to $WORK." "Make room on the volume of $WORK, and run the line again."
}

verify() {
  actual=$(sha256sum "$WORK/archive" | cut -d ' ' -f 1)
  if [ "$actual" != "$DIGEST" ]; then
    fail 3 "The archive is not the one that this script is for: its SHA-256 is $actual, and it must be $DIGEST. Nothing was installed." \
      'Download script and archive again, both from the same server. If it happens again, somebody may be changing what you download.'
  fi
}

unpack() {
  tar -xzf "$WORK/archive" -C "$WORK" || fail 1 'The archive cannot be unpacked.' "Make room on the volume of $WORK, and run the line again."
  rm -f "$WORK/archive"
  NODE=$WORK/holdfast-agent/node
  AGENT=$WORK/holdfast-agent/agent.mjs
  if ! fault=$("$NODE" --version 2>&1); then
    fail 1 "The runtime of the agent does not start here: $(printf '%s' "$fault" | head -n 1)" \
      'It needs glibc 2.28 or newer, libstdc++ and libgcc (packages libstdc++6 or libstdc++), and a volume on which programs may run. Systems with musl, such as Alpine, are not supported.'
  fi
}

# Runs the agent that was just unpacked, on the state of this computer.
agent() {
  HOLDFAST_AGENT_HOME=$STATE HOLDFAST_AGENT_CALLED_AS=$PREFIX/holdfast-agent \
    "$NODE" --disable-sigusr1 "$AGENT" "$@"
}

is_enrolled() {
  agent status --json 2>/dev/null | grep -q '"isEnrolled": true'
}

# Before anything of this computer is changed: an agent of another server keeps both its files and its registration.
enrol() {
  if [ -z "$TOKEN" ]; then
    if is_enrolled; then return; fi
    fail 2 'No enrolment token was given, and this computer belongs to no server yet.' \
      'Copy the whole line from the console again: the token stands in it.'
  fi
  if [ -n "$FORCE" ] && runs_as_service; then
    STOPPED=yes
    systemctl stop holdfast-agent.service || :
  fi
  code=0
  # shellcheck disable=SC2086 -- empty, or one option
  printf '%s\n' "$TOKEN" | agent enroll - --keep-token $FORCE || code=$?
  if [ "$code" -ne 0 ]; then exit "$code"; fi
}

# The agent that has the state folder open.
runs_as_service() {
  [ -d /run/systemd/system ] && systemctl is-active --quiet holdfast-agent.service &&
    grep -qF "HOLDFAST_AGENT_HOME=$STATE " /etc/systemd/system/holdfast-agent.service
}

set_up() {
  if [ "$SERVICE" = auto ]; then
    if [ "$(id -u)" -eq 0 ] && [ -d /run/systemd/system ]; then SERVICE=yes; else SERVICE=no; fi
  fi
  case $SERVICE in
    yes) agent install --prefix "$PREFIX" ;;
    *) agent install --prefix "$PREFIX" --no-service --json >/dev/null ;;
  esac
  # Where no service was wanted, the one that there was goes on, unless the agent is about to run here in its place.
  if [ "$SERVICE" != no ]; then STOPPED=; fi
  clean_up
  case $SERVICE in
    yes) say "The agent $VERSION is installed and runs as a service. How it stands: $PREFIX/holdfast-agent status" ;;
    no)
      say "The agent $VERSION is installed in $PREFIX, and does not run yet: there is no systemd here, or no service was wanted."
      say "Have it run at every start of this computer, as root: $PREFIX/holdfast-agent run"
      ;;
    run)
      say "The agent $VERSION is installed in $PREFIX and runs now, until Ctrl-C."
      exec "$PREFIX/holdfast-agent" run
      ;;
  esac
}

uninstall() {
  if [ ! -e "$PREFIX/holdfast-agent" ]; then fail 1 "There is no agent in $PREFIX." 'Name its folder with --prefix.'; fi
  require_safe_way
  exec "$PREFIX/holdfast-agent" uninstall --prefix "$PREFIX"
}

main() {
  read_arguments "$@"
  if [ -z "$STATE" ]; then
    if [ "$(id -u)" -eq 0 ]; then STATE=/var/lib/holdfast-agent; else STATE=${XDG_STATE_HOME:-${HOME:-/root}/.local/state}/holdfast-agent; fi
  fi
  case $TASK in
    help) usage && exit 0 ;;
    uninstall) uninstall ;;
  esac
  need uname id ls readlink mktemp mkdir rm dirname cut head grep tar gzip sha256sum
  find_platform
  find_archive
  require_rights
  require_safe_way
  read_token
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  make_work_folder
  if [ -n "$ARCHIVE" ]; then bring; else download; fi
  verify
  unpack
  enrol
  set_up
}

# Behind everything, so that a script that was cut off does nothing.
main "$@"
