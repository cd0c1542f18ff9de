# What a benchmark needs that does not measure every language.
# shellcheck shell=bash

bench_pressure_build() {
    need_rust
    need cc build-essential
    need_go
    must "building sessio and the proxy" \
        cargo build --release -p sessio --example bench_pressure --example proxy
    must "building SCS" go build -C bench/go -o ../../target/release/bench_go_pressure ./pressure
}
