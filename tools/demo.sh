# ./dev demo: each language on its own in memory, then all of them with one login in MySQL.
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
    echo "== one login, four languages, one server"
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
    local url="$1" laptop phone
    step "Rust makes the table" rust_story migrate "$url"
    step "Node logs ada in on her laptop" node_story login "$url" laptop
    laptop="$VALUE"
    step "Node logs ada in on her phone" node_story login "$url" phone
    phone="$VALUE"
    step "Python fills the cart of the laptop" python_story cart "$url" "$laptop"
    step "Rust lists where ada is logged in" rust_story list "$url"
    # The server may be the user's own: what the story made does not stay there.
    step "C logs ada out everywhere" c_story logout "$url"
    step "Node finds the laptop logged out" node_story visit "$url" "$laptop"
    step "Node finds the phone logged out" node_story visit "$url" "$phone"
    step "Rust's cleanup removes an expired one" rust_story cleanup "$url"
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
