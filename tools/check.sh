# ./dev check and ./dev fmt, and the small commands that only call others.
# shellcheck shell=bash

run_checks() {
    local language
    PASSED=0 FAILED=0
    build_all
    for language in "${LANGUAGES[@]}"; do
        suite "$language: format, lints, docs" "${language}_check"
    done
    suite "go: format, lints, modules" go_check
    suite "shell scripts" scripts_are_sound
    suite "what was called otherwise in SCS and beego" coming_from_is_current
    suite "the tests of the Go systems have theirs here" go_suites_are_covered
    suite "the codec in docs/go.md is the one that is tested" go_page_has_the_codec
    suite "what is made of api/ is current" generated_is_current
    suite "no circles between files" files_have_no_circles
    suite "one name for a concept, and no retired word" vocabulary_is_kept
    echo "$PASSED passed, $FAILED failed"
    [ "$FAILED" = 0 ]
}

# The tables in docs/sessions.
coming_from_is_current() {
    "$(system_python)" docs/sessions/coming_from.py --check
}

# Each test of SCS, by its name, and what beego's providers do.
go_suites_are_covered() {
    "$(system_python)" tests/go_suites.py --check
}

go_page_has_the_codec() {
    diff <(readme_snippet go docs/go.md) <(sed -n '/^type document/,$p' tests/interop/go/scs/jsoncodec.go)
}

generated_is_current() {
    cargo xtask gen --verify
}

files_have_no_circles() {
    "$(system_python)" tools/circles.py
}

vocabulary_is_kept() {
    "$(system_python)" tools/vocabulary.py
}

scripts_are_sound() {
    bash -n dev tools/*.sh .ci/run
    need shellcheck shellcheck
    shellcheck dev tools/*.sh .ci/run
}

run_formatters() {
    local language
    cargo xtask gen
    cargo fmt --all
    go_fmt
    "$(system_python)" docs/sessions/coming_from.py
    for language in "${LANGUAGES[@]}"; do
        if declare -F "${language}_fmt" >/dev/null; then
            "${language}_fmt"
        fi
    done
}

# run_build LANGUAGE...: as a program, pip or npm takes it.
run_build() {
    local language
    [ $# -gt 0 ] || die "./dev build takes languages: c, python, node"
    for language in "$@"; do
        case "$language" in
            c | python | node) must "building $language" "${language}_build" ;;
            *) die "./dev build takes c, python and node, not '$language'" ;;
        esac
    done
}

# run_install FOLDER ARGUMENT...: as called in that folder, where a relative prefix starts.
run_install() {
    local folder="$1" prefix=""
    shift
    while [ $# -gt 0 ]; do
        case "$1" in
            --prefix) prefix="${2:-}"; shift ;;
            --prefix=*) prefix="${1#*=}" ;;
            *) die "./dev install takes --prefix DIR" ;;
        esac
        shift
    done
    case "$prefix" in
        "") die "./dev install takes --prefix DIR" ;;
        /*) ;;
        *) prefix="$folder/$prefix" ;;
    esac
    # Quotes in sessio.pc carry a space, and none of these.
    if [[ "$prefix" == *[\"\'\\\$\`\#[:cntrl:]]* ]]; then
        die "pkg-config cannot carry this prefix: $prefix"
    fi
    must "building c" c_build
    must "installing into $prefix" c_install "$prefix"
    c_loader "$prefix/lib"
}

# ./dev bench NAME: bench/NAME.py measures; this brings what it needs.
run_bench() {
    local name="${1:-}"
    if [ ! -f "bench/$name.py" ]; then
        die "there is no bench '$name'; there is: $(bench_names)"
    fi
    shift
    venv_python
    if declare -F "bench_${name}_build" >/dev/null; then
        "bench_${name}_build"
    else
        need_rust
        must "building rust" cargo build --release -p sessio --examples
        run_build c python node
    fi
    if [ -z "${SESSIO_TEST_MYSQL_URL:-}" ]; then
        trap 'db_stop "bench-$$"' EXIT
        # In memory where there is a place for it: on a slow disk every figure is the disk's, and
        # peers and ours alike wait for it.
        if [ -w /dev/shm ]; then
            export TMPDIR=/dev/shm
        fi
        db_start "bench-$$" mariadb
        SESSIO_TEST_MYSQL_URL="$(db_fresh "bench-$$" bench)"
        export SESSIO_TEST_MYSQL_URL
    fi
    "$VENV/bin/python" "bench/$name.py" "$@"
}

bench_names() {
    local file
    for file in bench/[a-z]*.py; do
        basename "$file" .py
    done | tr '\n' ' '
}
