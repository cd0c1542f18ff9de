# ./dev test: the same vectors through every runner on every backend, then each language's own.
# ./dev test pressure is another thing: see pressure.sh.
# shellcheck shell=bash

RUNNERS=(rust c python python-async node)
LANGUAGES=(rust c python node)

run_tests() {
    local all=no
    if [ "${1:-}" = pressure ]; then
        shift
        run_pressure "$@"
        return
    fi
    while [ $# -gt 0 ]; do
        case "$1" in
            --all) all=yes ;;
            *) die "./dev test takes --all, or pressure [SCENARIO...]" ;;
        esac
        shift
    done
    # One vector is for running a runner by hand.
    unset SESSIO_VECTOR
    PASSED=0 FAILED=0
    TABLE="$(mktemp)"
    trap stop_test_servers EXIT
    if declare -F c_queue_vectors >/dev/null; then
        RUNNERS=(rust c c-queue python python-async node)
    fi
    build_all
    must "building go" go_build
    start_test_server mariadb
    all_vectors memory memory:
    test_server mariadb
    if [ "$all" = yes ]; then
        start_test_server mysql
        test_server mysql
    fi
    report
}

build_all() {
    local language
    for language in "${LANGUAGES[@]}"; do
        # Named for people, called by its function.
        must "building $language" "${language}_build"
    done
}

# What was given replaces the private MariaDB; MySQL 9.7 is what --all asks for by name.
start_test_server() {
    INSTANCE="test-$1-$$"
    unset SESSIO_TEST_TLS_URL
    if [ "$1" = mariadb ] && [ -n "${SESSIO_TEST_MYSQL_URL:-}" ]; then
        # Its authority and the names in its certificate are not known: TLS is tested on our own.
        db_start "$INSTANCE" mariadb
        SESSIO_TEST_TLS_URL="$(db_fresh "$INSTANCE" tls)"
        export SESSIO_TEST_TLS_URL
        INSTANCE=""
        GIVEN_URL="$SESSIO_TEST_MYSQL_URL"
        BACKEND="given server"
    else
        db_start "$INSTANCE" "$1"
        BACKEND="$(db_version "$INSTANCE")"
    fi
    # Of the same kind, for what a server's time zone does to a TIMESTAMP.
    db_start "test-new-york-$1-$$" "$1" "$NEW_YORK"
    SESSIO_TEST_NEW_YORK_URL="$(db_fresh "test-new-york-$1-$$" zones)"
    export SESSIO_TEST_NEW_YORK_URL
}

stop_test_servers() {
    rm -f "$TABLE"
    local kind
    for kind in mariadb mysql; do
        db_stop "test-$kind-$$"
        db_stop "test-new-york-$kind-$$"
    done
}

# test_url NAME: an empty database of the suite's own, or the one that was given.
test_url() {
    if [ -n "$INSTANCE" ]; then
        db_fresh "$INSTANCE" "$1"
    else
        echo "$GIVEN_URL"
    fi
}

# Everything that wants a server, on the one that runs.
test_server() {
    local language
    all_vectors "$BACKEND"
    for language in "${LANGUAGES[@]}"; do
        SESSIO_TEST_MYSQL_URL="$(test_url "tests_$language")"
        export SESSIO_TEST_MYSQL_URL
        suite "$language's own tests, $BACKEND" "${language}_tests"
    done
    suite "Go and all other languages on one table, $BACKEND" interop "$(test_url interop)"
    suite "what goes wrong in Go, $BACKEND" defects "$(test_url defects)" "$SESSIO_TEST_NEW_YORK_URL"
    if [ "$1" = mariadb ]; then
        suite "gob, against Go's own" gob_against_go
        suite "the starts in README.md" readme_starts
        suite "docs/go.md beside Go" readme_beside_go "$(test_url beside_go)"
        suite "values, from every language to every other" round_trips "$(test_url round_trips)"
        suite "two nodes of Galera" galera_tests
    fi
}

# all_vectors BACKEND [URL]: every runner.
all_vectors() {
    local backend="$1" runner url status counts
    for runner in "${RUNNERS[@]}"; do
        url="${2:-$(test_url "vectors_${runner//-/_}")}"
        export SESSIO_VECTORS_URL="$url"
        logged "vectors, $runner, $backend" "${runner//-/_}_vectors"
        status="$(verdict)"
        counts="$(sed -n 's/^vectors: \([0-9]*\) cases, \([0-9]*\) steps$/\1 \2/p' "$LOG" | tail -n 1)"
        if [ -z "$counts" ]; then
            status=FAILED counts="- -"
        fi
        count_suite "$status"
        say "$status: vectors, $runner, $backend ($TOOK s)"
        echo "$runner|$backend|${counts% *}|${counts#* }|$TOOK" >>"$TABLE"
    done
}

# suite NAME COMMAND...
suite() {
    logged "$@"
    count_suite "$(verdict)"
    say "$(verdict): $1 ($TOOK s)"
}

# Of what was logged last.
verdict() {
    # shellcheck disable=SC2153 # logged sets it
    if [ "$STATUS" = 0 ]; then echo ok; else echo FAILED; fi
}

count_suite() {
    if [ "$1" = ok ]; then
        PASSED=$((PASSED + 1))
    else
        FAILED=$((FAILED + 1))
    fi
}

# The table, and whether every line of it has the same counts.
report() {
    local different
    {
        echo "runner|backend|cases|steps|seconds"
        cat "$TABLE"
    } | awk -F '|' '{ printf "%-14s %-14s %6s %6s %8s\n", $1, $2, $3, $4, $5 }'
    different="$(cut -d '|' -f 3,4 "$TABLE" | sort -u | wc -l)"
    if [ "$different" = 1 ] && ! grep -q '|-|' "$TABLE"; then
        count_suite ok
        echo "equal counts everywhere"
    else
        count_suite FAILED
        echo "the counts DIFFER: a runner is missing, failed, or skipped something"
    fi
    echo "$PASSED passed, $FAILED failed"
    [ "$FAILED" = 0 ]
}
