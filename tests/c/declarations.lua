-- include/sessio.ffi.h is loaded by LuaJIT as it is, and with a library it is called.
local ffi = require("ffi")
local file = assert(io.open(arg[1]))
ffi.cdef(file:read("*a"))
file:close()
assert(ffi.sizeof("sessio_completion") == 12 * ffi.sizeof("void *"))
if arg[2] then
    local sessio = ffi.load(arg[2])
    local store, error = ffi.new("sessio_store *[1]"), ffi.new("sessio_error *[1]")
    assert(sessio.sessio_store_open("memory:", nil, store, error) == sessio.SESSIO_DONE)
    assert(ffi.string(sessio.sessio_store_location(store[0])) == "memory:")
    assert(sessio.sessio_store_find(nil, "a", 1, nil, error) < 0)
    print("LuaJIT: " .. ffi.string(sessio.sessio_error_message(error[0])))
    sessio.sessio_error_free(error[0])
    sessio.sessio_store_free(store[0])
end
