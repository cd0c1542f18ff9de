# ./dev demo: each language on its own in memory, then all of them with one session in MySQL.
# shellcheck shell=bash

demo() {
    local language
    build_all
    for language in "${LANGUAGES[@]}"; do
        echo
        echo "== $language, in memory"
        "${language}_quickstart"
    done
    echo
    echo "== one session, four languages, one server"
    trap stop_demo_server EXIT
    local url="${SESSIO_DEMO_URL:-}"
    if [ -z "$url" ]; then
        db_start "demo-$$" mariadb
        url="$(db_fresh "demo-$$" demo)"
    fi
    story "$url"
    echo
    echo "That was the demo. Next: ./dev test, and README.md for the 30-second start."
}

stop_demo_server() {
    db_stop "demo-$$"
}

story() {
    local url="$1" first second
    step "Rust makes the table" rust_story migrate "$url"
    step "Node creates a session" node_story create "$url"
    first="$VALUE"
    step "Python reads and changes it" python_story change "$url" "$first"
    step "C renames it" c_story rename "$url" "$first"
    second="$VALUE"
    step "Rust lists it" rust_story list "$url"
    step "Node finds the old token dead" node_story find "$url" "$first"
    step "Rust's cleanup removes an expired one" rust_story cleanup "$url"
    # The server may be the user's own: what the story made does not stay there.
    step "Python ends the session" python_story end "$url" "$second"
}

# step TITLE COMMAND...: what it says, with its time. VALUE is what it passes on.
step() {
    local title="$1" output started ended
    shift
    started="$(date +%s%N)"
    ("$@") >"$CACHE/step" &
    wait $! || die "the step '$title' failed"
    ended="$(date +%s%N)"
    output="$(cat "$CACHE/step")"
    printf '\n%s (%d ms with starting the program)\n' "$title" $(((ended - started) / 1000000))
    echo "$output" | sed -e '/^=> */d' -e 's/^/    /'
    VALUE="$(echo "$output" | sed -n 's/^=> *//p' | tail -n 1)"
}
