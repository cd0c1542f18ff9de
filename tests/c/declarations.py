"""include/sessio.ffi.h is loaded by cffi as it is, and with a library it is called."""

import sys

import cffi

ffi = cffi.FFI()
with open(sys.argv[1], encoding="utf-8") as declarations:
    ffi.cdef(declarations.read())
assert ffi.sizeof("sessio_completion") == 12 * ffi.sizeof("void *")
if len(sys.argv) > 2:
    sessio = ffi.dlopen(sys.argv[2])
    assert sessio.sessio_version_number() == sessio.SESSIO_VERSION_NUMBER
    store, error = ffi.new("sessio_store **"), ffi.new("sessio_error **")
    assert sessio.sessio_store_open(b"memory:", ffi.NULL, store, error) == sessio.SESSIO_DONE
    assert ffi.string(sessio.sessio_store_location(store[0])) == b"memory:"
    assert sessio.sessio_store_find(ffi.NULL, b"a", 1, ffi.NULL, error) < 0
    print("cffi:", ffi.string(sessio.sessio_error_message(error[0])).decode())
    sessio.sessio_error_free(error[0])
    sessio.sessio_store_free(store[0])
