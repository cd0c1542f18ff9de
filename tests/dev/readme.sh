# The 30-second starts of README.md and Node's own, run as they stand there. (Rust's is a doctest of
# the core.)
# shellcheck shell=bash

readme_starts() {
    local folder="$CACHE/readme" prefix="$CACHE/readme/prefix"
    rm -rf "$folder"
    mkdir -p "$folder/node_modules"

    readme_snippet c >"$folder/start.c"
    need cc build-essential
    need pkg-config pkgconf pkg-config
    c_install "$prefix"
    # shellcheck disable=SC2046 # flags are words
    PKG_CONFIG_PATH="$prefix/lib/pkgconfig" cc -std=c99 -Wall -Wextra -Wpedantic -Werror \
        "$folder/start.c" -o "$folder/start" \
        $(PKG_CONFIG_PATH="$prefix/lib/pkgconfig" pkg-config --cflags --libs sessio)
    LD_LIBRARY_PATH="$prefix/lib" says_hello C "$folder/start"

    readme_snippet python >"$folder/start.py"
    says_hello Python "$VENV/bin/python" "$folder/start.py"

    readme_snippet js >"$folder/start.js"
    ln -s "$PWD/bindings-node" "$folder/node_modules/sessio"
    says_hello Node node "$folder/start.js"
    readme_snippet js bindings-node/README.md >"$folder/own.js"
    says_hello Node node "$folder/own.js"
}

# readme_snippet LANGUAGE [FILE]: the code between its fences.
readme_snippet() {
    awk -v fence="\`\`\`$1" '$0 == fence { on = 1; next } /^```/ { on = 0 } on' "${2:-README.md}"
}

# says_hello LANGUAGE COMMAND...
says_hello() {
    local language="$1" said
    shift
    said="$("$@")"
    echo "$said"
    if [ "$said" != "hello from $language" ]; then
        die "a start for $language in a README printed something else than its greeting"
    fi
}
