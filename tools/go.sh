# The Go programs that share a table with sessio: built, checked and run beside the others.
# shellcheck shell=bash

GO_PROGRAMS=(scs beego beego1 sql)

go_build() {
    need_go
    mkdir -p "$CACHE/interop"
    (cd tests/interop/go && go build -o "$CACHE/interop/" "${GO_PROGRAMS[@]/#/./}")
}

# Every module of ours.
go_modules() {
    git ls-files --cached --others --exclude-standard '*go.mod' | xargs -n 1 dirname
}

go_check() {
    local module unformatted
    need_go
    for module in $(go_modules); do
        (cd "$module" && go vet ./...)
    done
    unformatted="$(go_modules | xargs gofmt -l)"
    [ -z "$unformatted" ] || die "./dev fmt is wanted by $unformatted"
}

go_fmt() {
    need_go
    go_modules | xargs gofmt -w
}

# interop URL ARGUMENT…: Go, C, Python and Node take turns on the tables of that database.
interop() {
    interop_python marks.py "$1"
    interop_python live.py "$@"
}

# defects URL NEW_YORK_URL: what goes wrong in Go, and not here.
defects() {
    interop_python defects.py "$@"
}

interop_python() {
    local program="$1"
    shift
    PYTHONPATH="$PYTHON_PACKAGE/tests" "$VENV/bin/python" "tests/interop/$program" "$@"
}
