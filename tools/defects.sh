# ./dev call put_back pressure|session [NAME...]: puts old defects back, one by one, and looks
# whether the tests notice them. Each is a patch in tests/defects/pressure or tests/defects/session,
# which says what must fail. Not for CI: it builds the core for each.
# shellcheck shell=bash

# All of the set if none is named. Prints a line for each thing that must fail.
put_back() {
    local set="${1:-}" name names=("${@:2}")
    case "$set" in
        pressure | session) ;;
        *) die "say which defects: pressure or session" ;;
    esac
    if [ "${#names[@]}" = 0 ]; then
        mapfile -t names < <(cd "tests/defects/$set" && printf '%s\n' *.patch | sed 's/\.patch$//')
    fi
    need_rust
    need cc build-essential
    need git git
    DEFECTS="$CACHE/defects" NOTICED=0 UNNOTICED=0
    defects_tree
    if [ "$set" = pressure ]; then
        pressure_servers
        SESSIO_TEST_MYSQL_URL="$(db_fresh "pressure-a-$$" defects)"
        export SESSIO_TEST_MYSQL_URL
    fi
    echo "defect | by | what came of it"
    for name in "${names[@]}"; do
        defect "$set" "$name"
    done
    echo "$NOTICED failed as they should, $UNNOTICED did not"
    [ "$UNNOTICED" = 0 ]
}

# A copy of the working tree, as a repository of its own, so that what is changed can be undone.
defects_tree() {
    rm -rf "$DEFECTS/tree"
    mkdir -p "$DEFECTS/tree"
    git ls-files -z --cached --others --exclude-standard |
        tar -c --null --files-from=- | tar -x -C "$DEFECTS/tree"
    defects_git init --quiet
    defects_git add --all
    defects_git -c user.name=defects -c user.email=defects commit --quiet --message=before
    if [ ! -e "$DEFECTS/target" ] && [ -e target/release ]; then
        # The dependencies need not be built again.
        mkdir "$DEFECTS/target"
        cp -a target/release "$DEFECTS/target/"
    fi
}

defects_git() {
    git -C "$DEFECTS/tree" "$@"
}

# In the copy. Only what has changed is compiled again.
defects_cargo() {
    (cd "$DEFECTS/tree" &&
        CARGO_INCREMENTAL=1 CARGO_TARGET_DIR="$DEFECTS/target" cargo "$@" --release -p sessio)
}

# defect SET NAME
defect() {
    local name="$2" patch="$PWD/tests/defects/$1/$2.patch" kind what filter
    [ -e "$patch" ] || die "there is no defect '$name' in tests/defects/$1"
    defects_git checkout --quiet .
    if ! defects_git apply "$patch"; then
        defect_line "$name" - no "THE PATCH DOES NOT APPLY to the tree as it is: correct the patch"
        return
    fi
    while read -r -u 3 kind what filter; do
        logged "defect $name $what, build" "defect_build_$kind" "$what"
        if [ "$STATUS" != 0 ]; then
            defect_line "$name" "$what" no "THE PATCH DOES NOT COMPILE"
            continue
        fi
        say "$name: $what"
        # That it fails is what is wanted.
        logged "defect $name $what" "defect_$kind" "$what" "$filter" 2>/dev/null
        defect_verdict "$name" "$what${filter:+ $filter}"
    done 3< <(sed -n 's/^noticed by: //p' "$patch")
}

defect_build_scenario() {
    defects_cargo build --example pressure
}

defect_build_test() {
    defects_cargo test --no-run "$(defect_target "$1")"
}

defect_target() {
    if [ "$1" = lib ]; then echo --lib; else echo "--test=$1"; fi
}

defect_scenario() {
    timeout 300 "$DEFECTS/target/release/examples/pressure" "$1"
}

defect_test() {
    defects_cargo test "$(defect_target "$1")" "$2"
}

# Of what was logged last.
defect_verdict() {
    local why
    if [ "$STATUS" = 0 ]; then
        defect_line "$1" "$2" no "NOT NOTICED"
        return
    fi
    why="$(sed -n -e 's/^ *FAILED: //p' -e 's/^[^ ]* | FAILED: //p' -e 's/^thread .* panicked at //p' \
        "$LOG" | head -n 1 | cut -c 1-100)"
    if [ -n "$why" ]; then
        defect_line "$1" "$2" yes "failed as it should: $why"
    else
        defect_line "$1" "$2" no "BROKE, see $LOG"
    fi
}

# defect_line DEFECT BY yes|no TEXT
defect_line() {
    if [ "$3" = yes ]; then
        NOTICED=$((NOTICED + 1))
    else
        UNNOTICED=$((UNNOTICED + 1))
    fi
    echo "$1 | $2 | $4"
}
