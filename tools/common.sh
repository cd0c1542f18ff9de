# What every part of ./dev uses: progress, logs, tools and the project's Python.
# shellcheck shell=bash

CACHE="$PWD/.cache"
VENV="$PWD/.venv"
LOGS="$CACHE/logs"
mkdir -p "$LOGS"
# The servers of Debian lie where an ordinary user's PATH does not lead.
export PATH="$PATH:/usr/sbin:/sbin"
export CARGO_TERM_PROGRESS_WHEN=never PIP_DISABLE_PIP_VERSION_CHECK=1

# Progress, with the seconds since the start. On stderr: stdout is for results.
say() {
    printf '[%4ds] %s\n' "$SECONDS" "$*" >&2
}

die() {
    printf './dev: %s\n' "$*" >&2
    exit 1
}

# need COMMAND PACKAGE...: makes sure of a command of the system; of several packages the first
# that the archive has is taken.
need() {
    local command="$1"
    shift
    if command -v "$command" >/dev/null; then
        return
    fi
    apt_install "$@"
    command -v "$command" >/dev/null || die "$command is still missing after installing $*"
}

# apt_install PACKAGE...: the first of them that can be had.
apt_install() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        die "please install $1, for example: sudo apt-get install $1"
    fi
    local package
    for package in "$@"; do
        say "installing $package"
        if apt_get install "$package"; then
            return
        fi
    done
    apt_update_once
    for package in "$@"; do
        if apt_get install "$package"; then
            return
        fi
    done
    tail -n 5 "$LOGS/apt.log" >&2
    die "the package archive does not deliver $*; install it by hand"
}

apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get --quiet --yes --no-install-recommends "$@" \
        >>"$LOGS/apt.log" 2>&1
}

apt_update_once() {
    if [ -z "${APT_UPDATED:-}" ]; then
        say "updating the list of packages"
        # A foreign source that is broken does not matter if the package is found.
        apt_get update || true
        APT_UPDATED=yes
    fi
}

# A Python of the project's own, in .venv.
venv_python() {
    if "$VENV/bin/python" -c 'import pip' 2>/dev/null; then
        return
    fi
    local python
    python="$(system_python)" || die "please install Python 3.11 or later"
    say "making .venv with $("$python" --version)"
    if ! "$python" -m venv --clear "$VENV" >"$LOGS/venv.log" 2>&1; then
        # Debian keeps venv in a package of its own.
        apt_install "$(basename "$(readlink -f "$(command -v "$python")")")-venv" python3-venv
        "$python" -m venv --clear "$VENV" >"$LOGS/venv.log" 2>&1 || {
            tail -n 5 "$LOGS/venv.log" >&2
            die "$python makes no virtual environment"
        }
    fi
}

system_python() {
    local python
    for python in python3 python3.13 python3.12 python3.11 python3.14; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
    return 1
}

need_rust() {
    local wanted version
    wanted="$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)"
    command -v cargo >/dev/null ||
        die "please install Rust $wanted or later (https://rustup.rs)"
    version="$(cargo --version | cut -d ' ' -f 2)"
    [ "$(printf '%s\n' "$wanted" "$version" | sort -V | head -n 1)" = "$wanted" ] ||
        die "please install Rust $wanted or later (rustup update); this is $version"
}

need_go() {
    local wanted=1.23 version
    command -v go >/dev/null || die "please install Go $wanted or later (https://go.dev/dl)"
    version="$(go env GOVERSION | sed 's/^go//')"
    [ "$(printf '%s\n' "$wanted" "$version" | sort -V | head -n 1)" = "$wanted" ] ||
        die "please install Go $wanted or later (https://go.dev/dl); this is $version"
}

# A port on which no program listens.
free_port() {
    "$(system_python)" -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# logged NAME COMMAND...: runs it with its output in a log; shows the log's end if it fails, and
# a line now and then if it takes long. Leaves STATUS, LOG and TOOK (seconds).
#
# It never fails itself: a function that is called as a condition loses -e in all its depth, and
# would go on after an error.
logged() {
    local name="$1" started=$SECONDS last=$SECONDS job
    shift
    LOG="$LOGS/${name//[^a-zA-Z0-9.-]/-}.log"
    STATUS=0
    ("$@") >"$LOG" 2>&1 &
    job=$!
    while kill -0 "$job" 2>/dev/null; do
        sleep 0.2
        if ((SECONDS - last >= 30)); then
            last=$SECONDS
            say "  … $name, $((SECONDS - started)) s: $(tail -n 1 "$LOG" | cut -c 1-90)"
        fi
    done
    wait "$job" || STATUS=$?
    TOOK=$((SECONDS - started))
    if [ "$STATUS" != 0 ]; then
        say "$name FAILED after $TOOK s; the end of $LOG:"
        tail -n 40 "$LOG" >&2
    fi
}

# must NAME COMMAND...: the same, and the end of everything if it fails.
must() {
    say "$1"
    logged "$@"
    if [ "$STATUS" != 0 ]; then
        exit 1
    fi
}
