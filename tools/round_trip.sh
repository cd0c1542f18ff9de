# Every value, written in every language and by hand, is read in every language and by hand.
# shellcheck shell=bash

WRITERS=(rust c python node hand)

hand_round_trip() {
    need mariadb mariadb-client-core mariadb-client-core-10.6 mariadb-client
    "$VENV/bin/python" tests/round_trip/by_hand.py "$@"
}

# round_trips URL: on a table of sessio's. Every reader must find the same number of values.
round_trips() {
    local url="$1" writer reader token found
    rust_story migrate "$url"
    for writer in "${WRITERS[@]}"; do
        token="$("${writer}_round_trip" write "$url" | sed -n 's/^=> //p')"
        for reader in "${WRITERS[@]}"; do
            found="$("${reader}_round_trip" read "$url" "$token" "$writer")"
            echo "written in $writer, read in $reader: $found"
        done
    done | tee "$CACHE/round_trips"
    [ "$(wc -l <"$CACHE/round_trips")" = $((${#WRITERS[@]} * ${#WRITERS[@]})) ]
    [ "$(sed 's/.*: //' "$CACHE/round_trips" | sort | uniq | wc -l)" = 1 ]
}
