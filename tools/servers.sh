# Private servers. An instance lives in a temporary folder, because the server's own user must be
# able to reach it; what is known of it is kept in $CACHE/db/INSTANCE.
# shellcheck shell=bash

DB_USER=sessio
DB_PASSWORD=sessio-dev-pw

# A time zone that leaves an hour out in spring, as a rule: no files of zones are needed for it.
# shellcheck disable=SC2034 # for test.sh
NEW_YORK=EST5EDT,M3.2.0,M11.1.0

# db_start INSTANCE KIND [TZ]: starts a server unless it runs already. KIND is mariadb or mysql; TZ
# is its time zone, UTC if none is given. MARIADB_ARGUMENTS and MYSQL_ARGUMENTS, if there are any,
# are more for the server's command line.
db_start() {
    local state="$CACHE/db/$1" kind="$2" zone="${3:-UTC}"
    if db_alive "$1"; then
        return
    fi
    db_stop "$1"
    mkdir -p "$state"
    make_certificates
    echo "$kind" >"$state/kind"
    free_port >"$state/port"
    TZ="$zone" "${kind}_start" "$state"
    if ! db_wait "$state"; then
        tail -n 20 "$state/error.log" >&2 || true
        db_stop "$1"
        die "the private $kind did not start"
    fi
    db_users "$1"
    say "$(db_version "$1") runs on port $(cat "$state/port")"
}

# db_users INSTANCE: makes the user of the tests.
db_users() {
    local host
    for host in localhost %; do
        echo "CREATE USER '$DB_USER'@'$host' IDENTIFIED BY '$DB_PASSWORD';
            GRANT ALL ON *.* TO '$DB_USER'@'$host' WITH GRANT OPTION;"
    done | db_sql "$1"
}

# db_sql INSTANCE: runs the SQL of stdin as root, over the socket.
db_sql() {
    "$(cat "$CACHE/db/$1/kind")_client" "$CACHE/db/$1"
}

db_alive() {
    db_runs "$CACHE/db/$1" && echo 'SELECT 1' | db_sql "$1" >/dev/null 2>&1
}

# Whether the process is there, and is the server: after a crash its number may be another's.
db_runs() {
    local state="$1"
    [ -e "$state/pid" ] && [ -e "$state/folder" ] &&
        grep -qF "$(basename "$(cat "$state/folder")")" "/proc/$(cat "$state/pid")/cmdline" 2>/dev/null
}

db_wait() {
    local state="$1" tries
    for ((tries = 0; tries < 300; tries++)); do
        if echo 'SELECT 1' | "$(cat "$state/kind")_client" "$state" >/dev/null 2>&1; then
            return
        fi
        db_runs "$state" || return 1
        sleep 0.2
    done
    return 1
}

# As people call it: MariaDB 10.11, MySQL 9.7.
db_version() {
    local version name=MySQL
    version="$(echo 'SELECT VERSION()' | db_sql "$1")"
    case "$version" in *[Mm]aria*) name=MariaDB ;; esac
    echo "$name $(echo "$version" | cut -d . -f 1,2)"
}

# db_fresh INSTANCE NAME: an empty database; prints its URL.
db_fresh() {
    echo "DROP DATABASE IF EXISTS sessio_$2; CREATE DATABASE sessio_$2" | db_sql "$1"
    echo "mysql://$DB_USER:$DB_PASSWORD@127.0.0.1:$(cat "$CACHE/db/$1/port")/sessio_$2"
}

# db_stop INSTANCE: ends it and removes its data. Nothing to do is fine.
db_stop() {
    local state="$CACHE/db/$1" tries
    if db_runs "$state"; then
        kill "$(cat "$state/pid")"
        for ((tries = 0; tries < 300; tries++)); do
            db_runs "$state" || break
            sleep 0.1
        done
        if db_runs "$state"; then
            kill -9 "$(cat "$state/pid")"
        fi
    fi
    if [ -e "$state/folder" ]; then
        rm -rf "$(cat "$state/folder")"
    fi
    rm -rf "$state"
}

# --- MariaDB, from the distribution's package ---------------------------------------------------

# The -core packages bring the programs and start no service of their own.
mariadb_prepare() {
    need mariadbd mariadb-server-core mariadb-server-core-10.6 mariadb-server
    need mariadb-install-db mariadb-server-core mariadb-server
    need mariadb mariadb-client-core mariadb-client-core-10.6 mariadb-client
    need openssl openssl
}

mariadb_start() {
    mariadb_install "$1"
    mariadb_run "$1"
}

# mariadb_install STATE: a server's folder with fresh tables, and the arguments it will have.
mariadb_install() {
    local state="$1" folder user=()
    mariadb_prepare
    folder="$(mktemp -d "${TMPDIR:-/tmp}/sessio-mariadb.XXXXXX")"
    echo "$folder" >"$state/folder"
    cp "$CACHE"/db/tls/*.pem "$folder/"
    if [ "$(id -u)" = 0 ]; then
        # It refuses to run as root. Only the full server package makes the user mysql.
        user=(--user="$(id -un mysql 2>/dev/null || echo nobody)")
        chown -R "${user[0]#--user=}" "$folder"
    fi
    mariadb-install-db --no-defaults "${user[@]}" --datadir="$folder/data" --skip-test-db \
        --auth-root-authentication-method=normal >"$state/install.log" 2>&1 || {
        tail -n 20 "$state/install.log" >&2
        die "mariadb-install-db failed"
    }
    echo "${MARIADB_ARGUMENTS:-}" >"$state/arguments"
}

# mariadb_run STATE: the server's process, on the data that it has.
mariadb_run() {
    local state="$1" folder user=() arguments=()
    read -ra arguments <"$state/arguments"
    folder="$(cat "$state/folder")"
    if [ "$(id -u)" = 0 ]; then
        user=(--user="$(stat -c %U "$folder")")
    fi
    nohup mariadbd --no-defaults "${user[@]}" --datadir="$folder/data" --socket="$folder/socket" \
        --port="$(cat "$state/port")" --bind-address=127.0.0.1 --pid-file="$folder/pid" \
        --skip-name-resolve --max-connections=500 --ssl-ca="$folder/ca.pem" \
        --ssl-cert="$folder/server.pem" --ssl-key="$folder/server-key.pem" "${arguments[@]}" \
        </dev/null >"$state/error.log" 2>&1 &
    echo $! >"$state/pid"
}

mariadb_client() {
    mariadb --no-defaults --socket="$(cat "$1/folder")/socket" --user=root --batch \
        --skip-column-names
}

# --- certificates -------------------------------------------------------------------------------

# An authority of our own, a certificate for 127.0.0.1 and localhost, and one for a client, for the
# tests of tls=. The client's lies beside the authority.
make_certificates() {
    local folder="$CACHE/db/tls"
    export SESSIO_TEST_CA="$folder/ca.pem"
    if [ -e "$folder/server.pem" ] && [ -e "$folder/client.pem" ] &&
        openssl x509 -checkend 86400 -noout -in "$folder/server.pem" >/dev/null 2>&1; then
        return
    fi
    need openssl openssl
    mkdir -p "$folder"
    (
        cd "$folder"
        openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=sessio test authority" \
            -keyout ca-key.pem -out ca.pem
        openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" \
            -keyout server-key.pem -out server.csr
        printf '%s\n' 'subjectAltName = DNS:localhost, IP:127.0.0.1' \
            'basicConstraints = CA:FALSE' 'extendedKeyUsage = serverAuth' >server.ext
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 30 \
            -extfile server.ext -out server.pem
        openssl req -newkey rsa:2048 -nodes -days 30 -subj "/CN=sessio test client" \
            -keyout client-key.pem -out client.csr
        printf '%s\n' 'basicConstraints = CA:FALSE' 'extendedKeyUsage = clientAuth' >client.ext
        openssl x509 -req -in client.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 30 \
            -extfile client.ext -out client.pem
    ) >"$LOGS/certificates.log" 2>&1 || die "openssl made no certificates: $LOGS/certificates.log"
}

# --- ./dev db -----------------------------------------------------------------------------------

db_command() {
    local action="${1:-}" kind=mariadb
    shift || true
    while [ $# -gt 0 ]; do
        case "$1" in
            --server) kind="${2:-}"; shift ;;
            --server=*) kind="${1#*=}" ;;
            *) die "./dev db does not know '$1'" ;;
        esac
        shift
    done
    case "$kind" in mariadb | mysql) ;; *) die "--server takes mariadb or mysql" ;; esac
    case "$action" in
        start) db_start "$kind" "$kind"; db_url "$kind" ;;
        env) db_env "$kind" ;;
        stop) db_stop "$kind"; db_stop "$kind-new-york"; say "stopped" ;;
        url) db_alive "$kind" || die "no private $kind runs; ./dev db start"; db_url "$kind" ;;
        prepare) "${kind}_prepare" ;;
        *) die "./dev db takes start, stop, url or env" ;;
    esac
}

# db_env KIND: the environment of a test that needs a server, as commands of a shell. The database of
# the tests is empty each time; the second server has the time zone of New York.
db_env() {
    db_start "$1" "$1"
    db_start "$1-new-york" "$1" "$NEW_YORK"
    printf 'export %s=%q\n' SESSIO_TEST_MYSQL_URL "$(db_fresh "$1" test)" \
        SESSIO_TEST_NEW_YORK_URL "$(db_fresh "$1-new-york" zones)" \
        SESSIO_TEST_CA "$CACHE/db/tls/ca.pem"
}

# The database for playing is kept until the server stops.
db_url() {
    echo 'CREATE DATABASE IF NOT EXISTS sessio_dev' | db_sql "$1"
    echo "mysql://$DB_USER:$DB_PASSWORD@127.0.0.1:$(cat "$CACHE/db/$1/port")/sessio_dev"
}
