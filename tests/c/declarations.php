<?php
// include/sessio.ffi.h is loaded by PHP as it is, and the library is called.
$sessio = FFI::cdef(file_get_contents($argv[1]), $argv[2]);
$store = $sessio->new('sessio_store *');
$error = $sessio->new('sessio_error *');
$status = $sessio->sessio_store_open('memory:', null, FFI::addr($store), FFI::addr($error));
if ($status !== $sessio->SESSIO_DONE || $sessio->sessio_store_location($store) !== 'memory:') {
    exit(1);
}
$status = $sessio->sessio_store_find(null, 'a', 1, null, FFI::addr($error));
if ($status >= 0) {
    exit(1);
}
echo 'PHP: ', $sessio->sessio_error_message($error), "\n";
$sessio->sessio_error_free($error);
$sessio->sessio_store_free($store);
