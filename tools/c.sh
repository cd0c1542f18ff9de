# The C ABI: built, installed as a program finds it, tested, checked and shown.
# shellcheck shell=bash

# This file is read before the one that sets CACHE.
C_PREFIX="$PWD/.cache/c/prefix"
C_BIN="$PWD/.cache/c/bin"
C_FLAGS=(-std=gnu11 -O2 -g -Wall -Wextra -Wpedantic -Wconversion -Werror)
CPP_FLAGS=(-std=c++17 -O2 -g -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
# Fair: or threads that only compute keep another one from its turn, for minutes sometimes.
VALGRIND=(valgrind --fair-sched=yes --leak-check=full --show-leak-kinds=definite
    --errors-for-leak-kinds=definite --error-exitcode=99 --suppressions=tests/c/valgrind.supp)

c_build() {
    need_rust
    need cc build-essential
    need pkg-config pkg-config pkgconf
    pkg-config --exists jansson || apt_install libjansson-dev
    cargo build --profile ship -p sessio-c
    if c_is_older "$C_PREFIX/lib/libsessio.so" target/ship/libsessio_c.so \
        include/sessio.* include/sessio/*.h; then
        c_install "$C_PREFIX"
    fi
    mkdir -p "$C_BIN"
    c_programs
}

# Each program of ours: its name, and what it is made of.
c_programs() {
    c_program vectors tests/c/{vectors,values,answers,steps,drive_calls,drive_queue}.c \
        tests/c/session_{steps,values,calls,queue}.c tests/c/{tagged,built,encodings}.c
    c_program documents tests/c/{documents,tagged,built,encodings}.c
    c_program round_trip tests/c/{round_trip,tagged,built,encodings}.c
    c_program peer tests/interop/peer.c tests/c/{tagged,built,encodings}.c
    c_program misuse tests/c/{misuse,misuse_open,misuse_verbs,misuse_lists,misuse_queue,check}.c \
        tests/c/misuse_{sessions,values,built,session_queue}.c
    c_program servers tests/c/{servers,network,check}.c
    c_program forks tests/c/{forks,session_forks,check}.c
    c_program threads tests/c/{threads,check}.c
    c_program sessions tests/c/{sessions,things,check}.c
    c_program merged tests/c/{merged,things,check}.c
    c_program bindings tests/c/{bindings,network,check}.c
    c_program quickstart examples/c/quickstart.c
    c_program event_loop examples/c/event_loop.c
    c_program story examples/c/story.c
    c_program bench bench/c/bench.c
    cpp_program cpp tests/c/cpp.cpp
}

# c_program NAME SOURCE...: with the flags that a user would have from pkg-config. The tests are
# built a second time with the compiler's own watch over addresses and undefined behaviour.
c_program() {
    local name="$1" extra=()
    shift
    if ! c_is_older "$C_BIN/$name" "$@" tests/c/*.h "$C_PREFIX/lib/libsessio.so"; then
        return
    fi
    case "$name" in
        vectors | documents | round_trip | peer)
            read -ra extra <<<"-Itests/c $(pkg-config --cflags --libs jansson)"
            ;;
    esac
    c_compile "${C_FLAGS[@]}" "$@" "${extra[@]}" -o "$C_BIN/$name"
    case "$1" in
        tests/*)
            c_compile "${C_FLAGS[@]}" -fsanitize=address,undefined -fno-sanitize-recover "$@" \
                "${extra[@]}" -o "$C_BIN/$name-sanitized"
            ;;
    esac
}

# cpp_program NAME SOURCE: the same for the C++ layer.
cpp_program() {
    need g++ build-essential
    if c_is_older "$C_BIN/$1" "$2" include/sessio.hpp "$C_PREFIX/lib/libsessio.so"; then
        c_compile -x c++ "${CPP_FLAGS[@]}" "$2" -o "$C_BIN/$1" -lstdc++
        c_compile -x c++ "${CPP_FLAGS[@]}" -fsanitize=address,undefined -fno-sanitize-recover "$2" \
            -o "$C_BIN/$1-sanitized" -lstdc++
    fi
}

# c_compile ARGUMENT...: against the installed library.
c_compile() {
    local library
    read -ra library <<<"$(c_pkg_config --cflags --libs sessio)"
    cc "$@" "${library[@]}" -pthread -Wl,-rpath,"$C_PREFIX/lib"
}

c_pkg_config() {
    PKG_CONFIG_PATH="$C_PREFIX/lib/pkgconfig" pkg-config "$@"
}

# c_is_older TARGET SOURCE...: whether a target is missing or older than a source.
c_is_older() {
    local target="$1" source
    shift
    [ -e "$target" ] || return 0
    for source in "$@"; do
        if [ "$source" -nt "$target" ]; then
            return 0
        fi
    done
    return 1
}

# c_install PREFIX: libraries, headers and pkg-config file.
c_install() {
    c_install_shared "$1" target/ship
    c_static_library "$1/lib/libsessio.a"
}

# c_install_shared PREFIX FOLDER: without the static library; what cargo made is in the folder.
c_install_shared() {
    local prefix version
    mkdir -p "$1/lib/pkgconfig" "$1/include"
    prefix="$(cd "$1" && pwd)"
    version="$(cargo pkgid -p sessio-c | sed 's/.*[#@]//')"
    # Renamed into place, so that a program that has the old one mapped goes on with it.
    install -m 755 "$2/libsessio_c.so" "$prefix/lib/libsessio.so.$version.new"
    mv "$prefix/lib/libsessio.so.$version.new" "$prefix/lib/libsessio.so.$version"
    ln -sf "libsessio.so.$version" "$prefix/lib/libsessio.so.0"
    ln -sf libsessio.so.0 "$prefix/lib/libsessio.so"
    mkdir -p "$prefix/include/sessio"
    install -m 644 include/sessio.{h,hpp,ffi.h} "$prefix/include"
    install -m 644 include/sessio/*.h "$prefix/include/sessio"
    cat >"$prefix/lib/pkgconfig/sessio.pc" <<TEXT
prefix=$prefix
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: sessio
Description: Server-side web sessions for every language, on MySQL
Version: $version
Cflags: -I"\${includedir}"
Libs: -L"\${libdir}" -lsessio
Libs.private: -lpthread -ldl -lm
TEXT
}

# c_loader FOLDER: makes the installed library known to the dynamic loader, or says who can.
c_loader() {
    local folder
    folder="$(realpath "$1")"
    case "$folder" in
        /usr/lib | /usr/local/lib)
            # A loader without ldconfig, as musl's, reads these folders themselves.
            command -v ldconfig >/dev/null || return 0
            if [ "$(id -u)" = 0 ]; then
                ldconfig
            else
                say "so that programs find the library: sudo ldconfig"
            fi
            ;;
        *)
            say "so that programs find the library: link them with -Wl,-rpath,'$folder'," \
                "or run them with LD_LIBRARY_PATH='$folder'"
            ;;
    esac
}

# c_static_library FILE: one object whose only global names are sessio_*, so that a program can
# link another library that is written in Rust as well.
c_static_library() {
    local folder
    need objcopy binutils
    folder="$(mktemp -d)"
    ld -r --whole-archive target/ship/libsessio_c.a -o "$folder/sessio.o"
    objcopy --wildcard --keep-global-symbol='sessio_*' --strip-debug --remove-section=.llvmbc \
        --remove-section=.llvmcmd --remove-section=.llvm_addrsig "$folder/sessio.o"
    ar rcs "$folder/libsessio.a" "$folder/sessio.o"
    install -m 644 "$folder/libsessio.a" "$1"
    rm -r "$folder"
}

c_vectors() {
    "$C_BIN/vectors" tests/vectors calls
}

c_queue_vectors() {
    "$C_BIN/vectors" tests/vectors queue
}

c_tests() {
    local how url
    cargo test --release -p sessio-c
    c_exports
    c_installation
    c_declarations_load
    need valgrind valgrind
    c_programs_behave
    for how in calls queue; do
        for url in memory: "$SESSIO_TEST_MYSQL_URL"; do
            say "vectors under valgrind, $how"
            SESSIO_VECTORS_URL="$url" "${VALGRIND[@]}" "$C_BIN/vectors" tests/vectors "$how"
        done
    done
}

# Each as it is, with the compiler's watch, and under valgrind.
c_programs_behave() {
    local program token
    say documents
    "$C_BIN/documents" tests/documents.json
    "$C_BIN/documents-sanitized" tests/documents.json
    "${VALGRIND[@]}" "$C_BIN/documents" tests/documents.json
    for program in misuse servers threads bindings sessions merged cpp; do
        say "$program"
        "$C_BIN/$program"
        "$C_BIN/$program-sanitized"
        "${VALGRIND[@]}" "$C_BIN/$program"
    done
    # The sanitizer's allocator keeps its locks through a fork and hangs the child. And a child
    # leaves alone what is the parent's, which looks like a leak.
    say forks
    "$C_BIN/forks"
    "${VALGRIND[@]}" --leak-check=no --trace-children=yes "$C_BIN/forks"
    "${VALGRIND[@]}" "$C_BIN/quickstart"
    "${VALGRIND[@]}" "$C_BIN/event_loop"
    "$C_BIN/event_loop" "$SESSIO_TEST_MYSQL_URL"
    say round_trip
    # The table is there now.
    token="$(c_round_trip write "$SESSIO_TEST_MYSQL_URL" | sed -n 's/^=> //p')"
    c_round_trip read "$SESSIO_TEST_MYSQL_URL" "$token" c
    "$C_BIN/round_trip-sanitized" read "$SESSIO_TEST_MYSQL_URL" "$token" node
    "${VALGRIND[@]}" "$C_BIN/round_trip" read "$SESSIO_TEST_MYSQL_URL" "$token" c
}

# sessio.ffi.h as cffi, LuaJIT and PHP read it, with the library. PHP is not installed for that.
c_declarations_load() {
    local python="$CACHE/c/cffi/bin/python" object="$C_PREFIX/lib/libsessio.so.0"
    [ -x "$python" ] || python3 -m venv "$CACHE/c/cffi"
    "$python" -c 'import cffi' 2>/dev/null || "$python" -m pip install --quiet cffi==2.0.0
    "$python" tests/c/declarations.py include/sessio.ffi.h "$object"
    need luajit luajit
    luajit tests/c/declarations.lua include/sessio.ffi.h "$object"
    if command -v php >/dev/null && php -m | grep -qx FFI; then
        php -d ffi.enable=1 tests/c/declarations.php include/sessio.ffi.h "$object"
    fi
}

# Both libraries have the functions of the header and nothing else that is global.
c_exports() {
    local library
    need nm binutils
    sed -n 's/^[^ #*\/].*[ *]\(sessio_[a-z_]*\)(.*/\1/p' include/sessio/*.h |
        sort >"$CACHE/c/declared"
    [ "$(wc -l <"$CACHE/c/declared")" -gt 100 ]
    for library in "-D $C_PREFIX/lib/libsessio.so" "-g $C_PREFIX/lib/libsessio.a"; do
        # shellcheck disable=SC2086 # an option and a file
        nm --defined-only --format=posix $library | sed -n 's/^\([^ ]*\) [A-Z] .*/\1/p' | sort |
            diff "$CACHE/c/declared" -
    done
    readelf --dynamic "$C_PREFIX/lib/libsessio.so" >"$CACHE/c/dynamic"
    grep -q 'Library soname: \[libsessio.so.0\]' "$CACHE/c/dynamic"
    grep -q 'NODELETE' "$CACHE/c/dynamic"
}

# What a user does after ./dev install: dynamic, static, and all static. The prefix is as awkward
# as it may be: relative to where the user stands, and with a space.
c_installation() {
    local folder prefix dev="$PWD/dev" source="$PWD/examples/c/quickstart.c"
    folder="$(mktemp -d)"
    prefix="$folder/a prefix"
    (cd "$folder" && "$dev" install --prefix "a prefix")
    export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
    # xargs reads the flags as a shell does.
    pkg-config --cflags --libs sessio | xargs cc "$source" -o "$prefix/dynamic"
    LD_LIBRARY_PATH="$prefix/lib" "$prefix/dynamic" | tail -n 1
    LD_LIBRARY_PATH="$prefix/lib" ldd "$prefix/dynamic" >"$CACHE/c/libraries"
    grep -q "libsessio.so.0 => $prefix/lib" "$CACHE/c/libraries"
    pkg-config --cflags --libs --static sessio | sed 's/-lsessio/-l:libsessio.a/' |
        xargs cc "$source" -o "$prefix/static"
    "$prefix/static" | tail -n 1
    # glibc warns that names cannot be looked up without the same glibc at run time.
    pkg-config --cflags --libs --static sessio |
        xargs cc -static "$source" -o "$prefix/all_static" \
            2>"$CACHE/c/static.log" || cat "$CACHE/c/static.log"
    "$prefix/all_static" | tail -n 1
    unset PKG_CONFIG_PATH
    rm -r "$folder"
}

c_check() {
    local standard
    c_header --verify
    need g++ build-essential
    for standard in c99 c11 c2x; do
        c_header_is_clean "cc -x c -std=$standard -Wstrict-prototypes -Wmissing-prototypes"
    done
    c_header_is_clean "g++ -x c++ -std=c++17"
    c_each_header_is_clean
}

# Each header alone, and the C++ layer.
c_each_header_is_clean() {
    local header
    for header in include/sessio/*.h; do
        cc -x c -std=c99 -Wall -Wextra -Wpedantic -Wconversion -Wundef -Werror -fsyntax-only \
            -include "$header" /dev/null
    done
    g++ -x c++ "${CPP_FLAGS[@]}" -Wold-style-cast -Iinclude -fsyntax-only -include sessio.hpp /dev/null
}

# c_header [--verify]: makes the headers, or sees whether they are current.
c_header() {
    need_rust
    cargo xtask header "$@"
}

# The header alone, and with everything that it offers to fill structs.
c_header_is_clean() {
    local compile
    read -ra compile <<<"$1"
    "${compile[@]}" -Wall -Wextra -Wpedantic -Wconversion -Wundef -Wcast-qual -Werror -Iinclude \
        -fsyntax-only - <<'TEXT'
#include "sessio.h"
#include "sessio.h"
int main(void) {
    sessio_options options = SESSIO_OPTIONS_INIT;
    sessio_content content = SESSIO_CONTENT_INIT;
    sessio_row row = SESSIO_ROW_INIT;
    sessio_manager_options manager = SESSIO_MANAGER_OPTIONS_INIT;
    manager.settings = "lifetime=1h";
    content.expires_at_us = SESSIO_NEVER;
    sessio_options_clear(&options);
    sessio_manager_open(NULL, &manager, NULL, NULL);
    return content.data_len == row.data_len && SESSIO_VERSION_NUMBER > 0 ? SESSIO_DONE : SESSIO_OFF;
}
TEXT
}

c_fmt() {
    c_header
}

c_round_trip() {
    "$C_BIN/round_trip" "$@"
}

c_bench() {
    "$C_BIN/bench" "$@"
}
