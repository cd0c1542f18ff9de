# The Node package: built, tested, checked and shown.
# shellcheck shell=bash

NODE_PACKAGE=bindings-node

need_node() {
    need node nodejs
    node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' ||
        die "please install Node 20.9 or later; this is $(node --version)"
}

node_build() {
    need_rust
    need_node
    need npm npm
    # What is only for tests and types; the package itself has no dependencies.
    if [ "$NODE_PACKAGE/package-lock.json" -nt "$NODE_PACKAGE/node_modules/.package-lock.json" ]; then
        npm --prefix "$NODE_PACKAGE" ci
    fi
    cargo build --profile ship -p sessio-node
    node_addon target/ship "$NODE_PACKAGE"
    node_link "$PWD/$NODE_PACKAGE"
}

# node_link PACKAGE: so that the examples say `from 'sessio'`, as the program of a user does.
node_link() {
    mkdir -p examples/node/node_modules
    ln -sfn "$1" examples/node/node_modules/sessio
}

# node_addon FOLDER PACKAGE: what cargo made in the folder, where the package's lib/native.js looks
# for it. A file in use is not written over: a program that runs would crash.
node_addon() {
    local built="$1/libsessio_node.so" platform addon
    if [ "$(uname)" = Darwin ]; then
        built="$1/libsessio_node.dylib"
    fi
    platform="$(node -p 'process.platform + "-" + process.arch')"
    case "$platform" in
        linux-*) if ldd --version 2>&1 | grep -qi musl; then platform+=-musl; else platform+=-gnu; fi ;;
    esac
    addon="$2/native.$platform.node"
    if ! cmp --silent "$built" "$addon"; then
        cp "$built" "$addon.new"
        mv "$addon.new" "$addon"
    fi
}

node_vectors() {
    node "$NODE_PACKAGE/test/vectors.mjs"
}

# A test that is skipped would be a test that hides something.
node_tests() {
    local report="$CACHE/node-tests.tap" status=0
    (cd "$NODE_PACKAGE" && node --test --test-reporter tap test/*.test.mjs) >"$report" || status=$?
    grep -v -e '^# Subtest' -e '^  duration_ms' -e '^  type' "$report"
    grep -q '^# skipped 0$' "$report" && return "$status"
}

node_check() {
    # Its Rust is checked with all other Rust, by rust_check. The types as strict programs of both
    # module systems see them, and the JavaScript itself:
    local tsc="$NODE_PACKAGE/node_modules/.bin/tsc"
    "$tsc" --project "$NODE_PACKAGE/test/types/tsconfig.json"
    "$tsc" --project "$NODE_PACKAGE/test/types/lint.json"
}

node_round_trip() {
    node "$NODE_PACKAGE/test/round_trip.mjs" "$@"
}

node_bench() {
    node bench/node/bench.mjs "$@"
}
