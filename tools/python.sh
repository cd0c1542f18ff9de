# The Python package: built, tested, checked and shown.
# shellcheck shell=bash

PYTHON_PACKAGE=bindings-python
# From there: everything in Python, the project's own programs too.
PYTHON_SOURCES=(python tests stub_docstrings.py page_types.py ../examples/python ../bench ../docs/sessions
    ../tests/round_trip ../tests/interop ../tests/go_suites.py ../tools)

python_tools() {
    local wanted="$PYTHON_PACKAGE/requirements-dev.txt"
    venv_python
    if ! cmp -s "$wanted" "$VENV/installed.txt"; then
        "$VENV/bin/python" -m pip install --quiet --requirement "$wanted"
        cp "$wanted" "$VENV/installed.txt"
    fi
}

# Runs a tool of the venv in the package's folder, where its settings are.
python_in_package() {
    (cd "$PYTHON_PACKAGE" && VIRTUAL_ENV="$VENV" PATH="$VENV/bin:$PATH" "$@")
}

python_build() {
    need_rust
    need cc build-essential
    python_tools
    python_in_package maturin develop --profile ship
}

# One wheel for every CPython from 3.11 on.
python_wheel() {
    need_rust
    python_tools
    python_in_package maturin build --profile ship --out "$CACHE/wheels"
}

python_vectors() {
    "$VENV/bin/python" "$PYTHON_PACKAGE/tests/run_vectors.py" sync
}

python_async_vectors() {
    "$VENV/bin/python" "$PYTHON_PACKAGE/tests/run_vectors.py" async
}

# python_round_trip write URL, or read URL TOKEN WRITER
python_round_trip() {
    "$VENV/bin/python" "$PYTHON_PACKAGE/tests/round_trip.py" "$@"
}

python_tests() {
    python_in_package python -m pytest --quiet "$@"
}

python_check() {
    python_in_package ruff format --check "${PYTHON_SOURCES[@]}"
    python_in_package ruff check "${PYTHON_SOURCES[@]}"
    python_in_package mypy "${PYTHON_SOURCES[@]}"
    (cd "$PYTHON_PACKAGE/python" && "$VENV/bin/python" -m mypy.stubtest sessio \
        --allowlist ../stubtest-allowlist.txt --ignore-unused-allowlist)
    "$VENV/bin/python" "$PYTHON_PACKAGE/stub_docstrings.py" --check
    python_page_is_typed
    python_wheel_is_complete
}

# The examples of its page, each on its own.
python_page_is_typed() {
    local folder="$CACHE/page"
    rm -rf "$folder"
    mkdir -p "$folder"
    "$VENV/bin/python" "$PYTHON_PACKAGE/page_types.py" "$folder"
    python_in_package mypy python "$folder"
}

# What is published works in a Python that has nothing else, and its types with it.
python_wheel_is_complete() {
    local wheel alone="$CACHE/wheel-venv"
    rm -rf "$CACHE/wheels" "$alone"
    python_wheel
    wheel="$(echo "$CACHE"/wheels/sessio-*-cp311-abi3-*.whl)"
    "$VENV/bin/python" -m venv "$alone"
    "$alone/bin/python" -m pip install --quiet --no-index "$wheel"
    cmp LICENSE "$alone"/lib/python*/site-packages/sessio-*.dist-info/licenses/LICENSE
    "$alone/bin/python" examples/python/quickstart.py
    "$VENV/bin/mypy" --strict --python-executable "$alone/bin/python" examples/python/typed.py
}

# Docstrings of the stub only where the package has been built.
python_fmt() {
    python_tools
    if "$VENV/bin/python" -c 'import sessio' 2>/dev/null; then
        "$VENV/bin/python" "$PYTHON_PACKAGE/stub_docstrings.py"
    fi
    python_in_package ruff format "${PYTHON_SOURCES[@]}"
}

python_bench() {
    "$VENV/bin/python" bench/python/bench.py "$@"
}
