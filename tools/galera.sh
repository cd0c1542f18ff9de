# A private Galera cluster of two MariaDB nodes on loopback, and the test that runs against it.
# shellcheck shell=bash

# Where Debian's galera-4 puts its library.
GALERA_LIBRARY=/usr/lib/galera/libgalera_smm.so

galera_prepare() {
    mariadb_prepare
    if [ ! -e "$GALERA_LIBRARY" ]; then
        apt_install galera-4
    fi
    [ -e "$GALERA_LIBRARY" ] || die "$GALERA_LIBRARY is still missing after installing galera-4"
}

# galera_start: two nodes that are in step, and the user of the tests; sets GALERA_1 and GALERA_2,
# their instances. A function that calls it also traps its exit: galera_stop.
#
# Both begin with the same fresh tables, and nothing is written until both are there: so no data is
# transferred when node 2 joins. (The programs for that are in the package that also starts a
# service of its own.)
galera_start() {
    local ports
    galera_prepare
    GALERA_1="galera-1-$$" GALERA_2="galera-2-$$"
    ports=("$(free_port)" "$(free_port)")
    # In memory where there is a place for it.
    if [ -w /dev/shm ]; then
        local -x TMPDIR=/dev/shm
    fi
    galera_install "$GALERA_1" "$(galera_arguments 1 "${ports[@]}") --wsrep-new-cluster"
    galera_install "$GALERA_2" "$(galera_arguments 2 "${ports[1]}" "${ports[0]}")"
    galera_run "$GALERA_1"
    galera_is_as "$GALERA_2" "$(galera_status "$GALERA_1" wsrep_cluster_state_uuid)" \
        "$(galera_status "$GALERA_1" wsrep_last_committed)"
    galera_run "$GALERA_2"
    galera_wait "$GALERA_1"
    galera_wait "$GALERA_2"
    db_users "$GALERA_1"
    say "Galera: two nodes of $(db_version "$GALERA_2") are in step"
}

# galera_arguments NUMBER PORT OTHER: for the server's command line.
#
# Node 2 has two votes, so that it goes on alone when node 1 dies; of two equal nodes the other
# would take itself for the minority, and refuse everything.
galera_arguments() {
    echo "--wsrep-on=ON --wsrep-provider=$GALERA_LIBRARY --wsrep-cluster-name=sessio-$$" \
        "--wsrep-cluster-address=gcomm://127.0.0.1:$2,127.0.0.1:$3" \
        "--wsrep-node-address=127.0.0.1:$2 --wsrep-sst-method=skip --server-id=$1" \
        "--binlog-format=ROW --innodb-autoinc-lock-mode=2 --innodb-flush-log-at-trx-commit=2" \
        "--wsrep-provider-options=gmcast.listen_addr=tcp://127.0.0.1:$2;pc.weight=$1;gcache.size=32M"
}

# galera_install INSTANCE ARGUMENTS: a server's tables, and how it will be started.
galera_install() {
    local state="$CACHE/db/$1"
    db_stop "$1"
    mkdir -p "$state"
    make_certificates
    echo mariadb >"$state/kind"
    free_port >"$state/port"
    MARIADB_ARGUMENTS="$2" mariadb_install "$state"
}

# galera_is_as INSTANCE CLUSTER NUMBER: its data is what the cluster's is at that write.
galera_is_as() {
    local data
    data="$(cat "$CACHE/db/$1/folder")/data"
    printf '%s\n' '# GALERA saved state' 'version: 2.1' "uuid:    $2" "seqno:   $3" \
        'safe_to_bootstrap: 0' >"$data/grastate.dat"
    chown --reference="$data" "$data/grastate.dat"
}

galera_run() {
    TZ=UTC mariadb_run "$CACHE/db/$1"
    if ! db_wait "$CACHE/db/$1"; then
        tail -n 20 "$CACHE/db/$1/error.log" >&2
        die "the server of $1 did not start"
    fi
}

# galera_status INSTANCE NAME
galera_status() {
    echo "SHOW GLOBAL STATUS LIKE '$2'" | db_sql "$1" | cut -f 2
}

# galera_wait INSTANCE: until it is in step with a cluster of two.
galera_wait() {
    local tries state
    for ((tries = 0; tries < 300; tries++)); do
        state="$(galera_status "$1" wsrep_local_state_comment) $(galera_status "$1" wsrep_cluster_size)"
        if [ "$state" = "Synced 2" ]; then
            return
        fi
        sleep 0.2
    done
    tail -n 20 "$CACHE/db/$1/error.log" >&2
    die "the nodes of Galera do not get in step: $1 says $state"
}

galera_stop() {
    db_stop "galera-2-$$"
    db_stop "galera-1-$$"
}

# What ./dev test runs: on a cluster of its own, which it stops.
galera_tests() {
    trap galera_stop EXIT
    galera_start
    SESSIO_TEST_GALERA_1="$(db_fresh "$GALERA_1" galera)"
    # The same database, which came by way of the cluster.
    SESSIO_TEST_GALERA_2="$(galera_url "$GALERA_2")"
    SESSIO_TEST_GALERA_PID="$(cat "$CACHE/db/$GALERA_1/pid")"
    export SESSIO_TEST_GALERA_1 SESSIO_TEST_GALERA_2 SESSIO_TEST_GALERA_PID
    cargo test --release -p sessio --test galera -- --ignored --exact two_nodes --nocapture |
        tee "$LOGS/galera-figures.log"
    # A name that no test has would pass as well.
    grep -q '^test result: ok. 1 passed' "$LOGS/galera-figures.log"
}

galera_url() {
    echo "mysql://$DB_USER:$DB_PASSWORD@127.0.0.1:$(cat "$CACHE/db/$1/port")/sessio_galera"
}
