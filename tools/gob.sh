# What sessio writes as gob, read by Go's own decoder.
# shellcheck shell=bash

# gob_against_go [SEED]: the vectors, and 1,000 random sessions.
gob_against_go() {
    local pipe="$PWD/target/release/examples/gob_pipe"
    need_go
    cargo build --release --quiet -p sessio --example gob_pipe
    go run -C tests/gob . vectors ../gob_vectors.json "$pipe"
    go run -C tests/gob . random "$pipe" 1000 "${1:-$RANDOM}"
}
