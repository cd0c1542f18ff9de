# ./dev test pressure: sessio while its servers are overloaded, stalled, locked, killed or
# read-only. The program is core/examples/pressure; this starts the servers that it ends.
# shellcheck shell=bash

# run_pressure [SCENARIO...]: all of them if none is named.
run_pressure() {
    must "building the pressure test" pressure_build
    pressure_servers
    # Run as it is: cargo would wait for other builds.
    target/release/examples/pressure "$@"
}

# Starts both, until the end.
pressure_servers() {
    trap pressure_stop EXIT
    # In memory where there is a place for it: what a slow disk does is not in question here.
    if [ -w /dev/shm ]; then
        export TMPDIR=/dev/shm
    fi
    SESSIO_PRESSURE_A="$(pressure_server a 1)"
    SESSIO_PRESSURE_B="$(pressure_server b 2)"
    export SESSIO_PRESSURE_A SESSIO_PRESSURE_B
}

pressure_build() {
    need_rust
    need cc build-essential
    cargo build --release -p sessio --example pressure --example proxy
}

# pressure_server NAME NUMBER: starts one that can replicate, and prints its instance, port and
# socket. SESSIO_PRESSURE_KIND=mysql takes MySQL instead of MariaDB.
pressure_server() {
    local instance="pressure-$1-$$" state
    state="$CACHE/db/$instance"
    MARIADB_ARGUMENTS="--server-id=$2 --gtid-domain-id=$2 --log-bin=binlog --binlog-format=ROW \
        --log-slave-updates --max-binlog-size=64M" \
        MYSQL_ARGUMENTS="--server-id=$2 --gtid-mode=ON --enforce-gtid-consistency=ON \
        --max-binlog-size=64M" db_start "$instance" "${SESSIO_PRESSURE_KIND:-mariadb}"
    echo "$instance $(cat "$state/port") $(cat "$state/folder")/socket"
}

# pressure_kill INSTANCE: at once, as a crash does.
pressure_kill() {
    local state="$CACHE/db/$1" tries
    kill -9 "$(cat "$state/pid")"
    for ((tries = 0; tries < 100; tries++)); do
        db_runs "$state" || return 0
        sleep 0.05
    done
    die "the server of $1 does not end"
}

# pressure_start INSTANCE: again, on the data that it has; returns when it answers.
pressure_start() {
    local state="$CACHE/db/$1"
    TZ=UTC "$(cat "$state/kind")_run" "$state"
    db_wait "$state" || die "the server of $1 did not start again: $state/error.log"
}

pressure_stop() {
    db_stop "pressure-a-$$"
    db_stop "pressure-b-$$"
}
