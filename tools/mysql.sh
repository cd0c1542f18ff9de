# A real MySQL 9.7, which the stable distributions do not have: a small Debian unstable in a
# folder, and its mysqld in a chroot of that folder. The folder outlives clones of the project.
# shellcheck shell=bash

MYSQL_ROOT="${XDG_CACHE_HOME:-$HOME/.cache}/sessio/mysql-sid"

# Fails with 3 when the package archive (or the lack of rights) stands in the way, and
# not the project.
mysql_prepare() {
    if [ -e "$MYSQL_ROOT/.ready" ]; then
        return
    fi
    if [ "$(id -u)" != 0 ]; then
        say "MySQL 9.7 needs root: it is unpacked by debootstrap and runs in a chroot"
        return 3
    fi
    (need debootstrap debootstrap) || return 3
    if [ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then
        (apt_install debian-archive-keyring) || return 3
    fi
    local fresh="$MYSQL_ROOT.$$" started=$SECONDS mirror
    mirror="$(debian_mirror)"
    say "unpacking MySQL from Debian unstable into $MYSQL_ROOT, about a minute"
    mkdir -p "$(dirname "$MYSQL_ROOT")"
    # shellcheck disable=SC2086 # no mirror means debootstrap's own
    if ! debootstrap --variant=minbase --include=mysql-server-core,mysql-client-core sid \
        "$fresh" $mirror >"$LOGS/debootstrap.log" 2>&1; then
        tail -n 5 "$LOGS/debootstrap.log" >&2
        rm -rf "$fresh"
        return 3
    fi
    # What was unpacked will not be needed again.
    rm -rf "$fresh"/var/cache/apt/archives/*.deb "$fresh"/var/lib/apt/lists/*
    touch "$fresh/.ready"
    rm -rf "$MYSQL_ROOT"
    mv "$fresh" "$MYSQL_ROOT"
    say "$(chroot "$MYSQL_ROOT" mysqld --version | grep -o 'Ver [0-9.]*') after $((SECONDS - started)) s"
}

# The machine's own mirror of Debian, if it is a Debian.
debian_mirror() {
    local sources
    sources="$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources \
        /etc/apt/sources.list.d/*.list 2>/dev/null || true)"
    echo "$sources" | grep -E '^[^#]*https?://' | grep -oE 'https?://[^ ]+/debian/?( |$)' |
        head -n 1 | tr -d ' ' || true
}

mysql_start() {
    local state="$1" folder
    mysql_prepare
    # One process may start several.
    folder="/tmp/sessio-mysql.$$.$(basename "$state")"
    rm -rf "${MYSQL_ROOT:?}$folder"
    mkdir -p "$MYSQL_ROOT$folder"
    echo "$MYSQL_ROOT$folder" >"$state/folder"
    cp "$CACHE"/db/tls/*.pem "$MYSQL_ROOT$folder/"
    # The chroot's own nobody, who owns nothing else there.
    chroot "$MYSQL_ROOT" chown -R nobody "$folder"
    # A TMPDIR of the host's may not be a place in there.
    env -u TMPDIR chroot "$MYSQL_ROOT" mysqld --no-defaults --user=nobody \
        --datadir="$folder/data" --initialize-insecure >"$state/install.log" 2>&1 || {
        tail -n 20 "$state/install.log" >&2
        die "mysqld --initialize-insecure failed"
    }
    echo "${MYSQL_ARGUMENTS:-}" >"$state/arguments"
    mysql_run "$state"
}

# mysql_run STATE: the server's process, on the data that it has.
mysql_run() {
    local state="$1" folder arguments=()
    read -ra arguments <"$state/arguments" || true
    folder="$(cat "$state/folder")"
    folder="${folder#"$MYSQL_ROOT"}"
    nohup env -u TMPDIR chroot "$MYSQL_ROOT" mysqld --no-defaults --user=nobody \
        --datadir="$folder/data" --secure-file-priv="" --mysqlx=OFF \
        --port="$(cat "$state/port")" --socket="$folder/socket" --pid-file="$folder/pid" \
        --bind-address=127.0.0.1 --skip-name-resolve --max-connections=500 \
        --ssl-ca="$folder/ca.pem" --ssl-cert="$folder/server.pem" \
        --ssl-key="$folder/server-key.pem" "${arguments[@]}" \
        </dev/null >"$state/error.log" 2>&1 &
    echo $! >"$state/pid"
}

mysql_client() {
    local folder
    folder="$(cat "$1/folder")"
    chroot "$MYSQL_ROOT" mysql --no-defaults --socket="${folder#"$MYSQL_ROOT"}/socket" --user=root \
        --batch --skip-column-names
}
