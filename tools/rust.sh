# The Rust core: built, tested, checked and shown.
# shellcheck shell=bash

rust_build() {
    need_rust
    need cc build-essential
    # The library, its tests and its examples, all in the one profile that is used here.
    cargo test --release -p sessio --no-run
}

rust_vectors() {
    cargo test --release --quiet -p sessio --test vectors
}

rust_tests() {
    # All of them, so that one that fails hides no other.
    SESSIO_VECTORS_URL=memory: cargo test --release -p sessio --no-fail-fast
}

rust_check() {
    cargo fmt --all -- --check
    cargo clippy --release --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --release --workspace --no-deps --document-private-items
    # Also proves that the packaged crate holds what is a symlink here: the SQL and the licence. It is
    # built once and never debugged.
    CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0 \
        cargo package -p sessio --allow-dirty --target-dir "$CACHE/package"
    cargo package -p sessio --allow-dirty --list >"$CACHE/package.list"
    grep '^migrations/.*\.sql$' "$CACHE/package.list"
    grep -x LICENSE "$CACHE/package.list"
}

rust_story() {
    cargo run --release --quiet -p sessio --example story -- "$@"
}

rust_round_trip() {
    cargo run --release --quiet -p sessio --example round_trip -- "$@"
}

# rust_fuzz TARGET SECONDS
rust_fuzz() {
    cargo run --release --quiet -p sessio --example fuzz -- "$@"
}
