# The first programs of README.md, Node's own and docs/sessions, run as they stand there. (Rust's are
# doctests of the core.)
# shellcheck shell=bash

readme_starts() {
    local folder="$CACHE/readme" prefix="$CACHE/readme/prefix" page=docs/sessions
    rm -rf "$folder"
    mkdir -p "$folder/node_modules"
    need cc build-essential
    need pkg-config pkgconf pkg-config
    c_install "$prefix"
    ln -s "$PWD/bindings-node" "$folder/node_modules/sessio"

    readme_c "$folder" start README.md
    says "hello from C" "$folder/start"
    readme_c "$folder" session "$page/c.md"
    says "hello ada from C" "$folder/session"

    readme_snippet python >"$folder/start.py"
    says "hello from Python" "$VENV/bin/python" "$folder/start.py"
    readme_snippet python "$page/python.md" >"$folder/session.py"
    says "hello ada from Python" "$VENV/bin/python" "$folder/session.py"

    readme_snippet js >"$folder/start.js"
    says "hello from Node" node "$folder/start.js"
    readme_snippet js bindings-node/README.md >"$folder/own.js"
    says "hello from Node" node "$folder/own.js"
    readme_snippet js "$page/node.md" >"$folder/session.js"
    says "hello ada from Node" node "$folder/session.js"
}

# readme_beside_go URL: the programs of docs/go.md, on one table with the Go services.
readme_beside_go() {
    local folder="$CACHE/beside-go"
    mkdir -p "$folder/node_modules"
    need pkg-config pkgconf pkg-config
    c_install "$folder/prefix"
    ln -sfn "$PWD/bindings-node" "$folder/node_modules/sessio"
    cargo build --release --quiet -p sessio --lib
    PKG_CONFIG_PATH="$folder/prefix/lib/pkgconfig" interop_python page.py "$1" "$folder"
}

# readme_c FOLDER NAME FILE: the first program in C of a page, built as the page says.
readme_c() {
    local flags
    readme_snippet c "$3" >"$1/$2.c"
    read -ra flags <<<"$(PKG_CONFIG_PATH="$1/prefix/lib/pkgconfig" pkg-config --cflags --libs sessio)"
    cc -std=c99 -Wall -Wextra -Wpedantic -Werror "$1/$2.c" -o "$1/$2" "${flags[@]}" \
        -Wl,-rpath,"$1/prefix/lib"
}

# readme_snippet LANGUAGE [FILE]: its first code between fences.
readme_snippet() {
    awk -v fence="\`\`\`$1" '$0 == fence { on = 1; next } on && /^```/ { exit } on' "${2:-README.md}"
}

# says GREETING COMMAND...
says() {
    local greeting="$1" said
    shift
    said="$("$@")"
    echo "$said"
    if [ "$said" != "$greeting" ]; then
        die "a start in README.md or docs printed something else than: $greeting"
    fi
}
