# ./dev demo: each language on its own in memory, as soon as it is built; then all of them with one
# login in MySQL. Only what is shown is built, in the profile `demo`: the optimised packages and the
# tests take many times as long.
# shellcheck shell=bash

DEMO="$CACHE/demo"

demo() {
    need_rust
    need cc build-essential
    need pkg-config pkg-config pkgconf
    need_node
    system_python >/dev/null || die "please install Python 3.11 or later"
    mkdir -p "$DEMO"
    SHOWN=""
    trap stop_demo_server EXIT
    start_demo_server &
    DEMO_SERVER=$!
    if demo_is_built; then
        say "the packages that ./dev test built are current: showing those"
        DEMO_LIBRARIES=target/ship DEMO_PROGRAMS=target/release/examples
        demo_show rust c python node
    else
        DEMO_LIBRARIES=target/demo DEMO_PROGRAMS=target/demo/examples
        : >"$LOGS/demo-build.log"
        say "building the core and Rust's program"
        demo_build --example quickstart --example story
        say "building for C, Python and Node"
        demo_build --lib --example quickstart --example story
    fi
    wait "$DEMO_SERVER" || die "the demo has no server"
    echo
    echo "== one login, four languages, one server"
    story "$(cat "$DEMO/url")"
    echo
    echo "That was the demo. Next: ./dev test, and README.md for the 30-second start."
}

start_demo_server() {
    if [ -n "${SESSIO_DEMO_URL:-}" ]; then
        echo "$SESSIO_DEMO_URL" >"$DEMO/url"
    else
        db_start "demo-$$" mariadb
        db_fresh "demo-$$" demo >"$DEMO/url"
    fi
}

# Also when the build failed while the server was being started.
stop_demo_server() {
    wait "$DEMO_SERVER" || true
    db_stop "demo-$$"
}

# demo_is_built: whether the optimised packages are there, and newer than what they are made of.
demo_is_built() {
    demo_is_current target/release/examples/quickstart core/examples/quickstart.rs &&
        demo_is_current target/release/examples/story core/examples/story.rs &&
        demo_is_current target/ship/libsessio_c.so ffi-c/{src,Cargo.toml,build.rs} &&
        demo_is_current target/ship/libsessio_python.so bindings-python/{src,Cargo.toml} &&
        demo_is_current target/ship/libsessio_node.so bindings-node/{src,Cargo.toml,build.rs}
}

# demo_is_current FILE SOURCE...: the core is a source of each.
demo_is_current() {
    local file="$1"
    shift
    [ -e "$file" ] &&
        [ -z "$(find Cargo.{toml,lock} core/{src,Cargo.toml} migrations/ "$@" -newer "$file" -print -quit)" ]
}

# demo_build TARGET...: builds these, and shows each language when what it needs is there.
#
# Each call selects the same packages, whatever it builds of them: so their dependencies have the
# same features in both, and the core is compiled once.
demo_build() {
    local python
    python="$(system_python)"
    # Not a pipe, whose end could not be seen without turning -e off for all that speaks.
    demo_watch < <(PYO3_PYTHON="$python" PYO3_BUILD_EXTENSION_MODULE=1 cargo build --profile demo \
        -p sessio -p sessio-c -p sessio-python -p sessio-node "$@" \
        --message-format json-render-diagnostics 2>>"$LOGS/demo-build.log")
    wait $! || {
        tail -n 40 "$LOGS/demo-build.log" >&2
        die "the build for the demo failed: $LOGS/demo-build.log"
    }
}

# Reads what cargo says of each target that it has made; says where it is, now and then.
demo_watch() {
    local line="" part status
    while true; do
        status=0
        IFS= read -r -t 10 part || status=$?
        line+="$part"
        if ((status > 128)); then
            say "  …$(tail -n 1 "$LOGS/demo-build.log" | tr -s ' ')"
            continue
        fi
        if [[ "$line" =~ ^\{\"reason\":\"compiler-artifact\".*\"target\":\{[^\}]*\"name\":\"([^\"]*)\" ]]; then
            case "${BASH_REMATCH[1]}" in
                quickstart) demo_show rust ;;
                sessio_c) demo_show c ;;
                sessio_python) demo_show python ;;
                sessio_node) demo_show node ;;
            esac
        fi
        line=""
        [ "$status" = 0 ] || return 0
    done
}

# demo_show LANGUAGE...: makes its package ready for use, and lets it speak. Once.
demo_show() {
    local language
    for language in "$@"; do
        # Cargo names what is ready in each of its runs.
        case "$SHOWN" in *" $language "*) continue ;; esac
        SHOWN+=" $language "
        "demo_install_$language"
        say "$language is ready"
        echo
        echo "== $language, in memory"
        demo_run "$language" quickstart
    done
}

# Cargo has linked it already.
demo_install_rust() {
    return
}

demo_install_c() {
    local C_PREFIX="$DEMO/c" program
    c_install_shared "$C_PREFIX" "$DEMO_LIBRARIES"
    for program in quickstart story; do
        c_compile "${C_FLAGS[@]}" "examples/c/$program.c" -o "$DEMO/c/$program"
    done
}

demo_install_python() {
    local package="$DEMO/python/sessio"
    mkdir -p "$package"
    cp "$PYTHON_PACKAGE"/python/sessio/*.py "$package/"
    cp "$DEMO_LIBRARIES/libsessio_python.so" "$package/_native.abi3.so"
}

demo_install_node() {
    local package="$DEMO/node/sessio"
    mkdir -p "$package"
    cp -r "$NODE_PACKAGE"/{index.*,lib,package.json} "$package/"
    node_addon "$DEMO_LIBRARIES" "$package"
    node_link "$package"
}

# demo_run LANGUAGE PROGRAM ARGUMENT...: one of examples/.
demo_run() {
    local language="$1" program="$2"
    shift 2
    case "$language" in
        rust) "$DEMO_PROGRAMS/$program" "$@" ;;
        c) "$DEMO/c/$program" "$@" ;;
        python) PYTHONPATH="$DEMO/python" "$(system_python)" "examples/python/$program.py" "$@" ;;
        node) node "examples/node/$program.mjs" "$@" ;;
    esac
}

story() {
    local url="$1" laptop phone
    step "Rust makes the table" rust migrate "$url"
    step "Node logs ada in on her laptop" node login "$url" laptop
    laptop="$VALUE"
    step "Node logs ada in on her phone" node login "$url" phone
    phone="$VALUE"
    step "Python fills the cart of the laptop" python cart "$url" "$laptop"
    step "Rust lists where ada is logged in" rust list "$url"
    # The server may be the user's own: what the story made does not stay there.
    step "C logs ada out everywhere" c logout "$url"
    step "Node finds the laptop logged out" node visit "$url" "$laptop"
    step "Node finds the phone logged out" node visit "$url" "$phone"
    step "Rust's cleanup removes an expired one" rust cleanup "$url"
}

# step TITLE LANGUAGE ARGUMENT...: what the language's story says, with its time. VALUE is what it
# passes on.
step() {
    local title="$1" language="$2" output started ended
    shift 2
    started="$(date +%s%N)"
    (demo_run "$language" story "$@") >"$CACHE/step" &
    wait $! || die "the step '$title' failed"
    ended="$(date +%s%N)"
    output="$(cat "$CACHE/step")"
    printf '\n%s (%d ms with starting the program)\n' "$title" $(((ended - started) / 1000000))
    echo "$output" | sed -e '/^=> */d' -e 's/^/    /'
    VALUE="$(echo "$output" | sed -n 's/^=> *//p' | tail -n 1)"
}
