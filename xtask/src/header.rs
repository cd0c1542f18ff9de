//! `cargo xtask header`: the C header, which cbindgen makes from the sources of ffi-c.

use crate::{Result, put, workspace};

/// Makes `include/sessio.h`, or with `verify` sees whether it is current.
pub(crate) fn run(verify: bool) -> Result {
    let config = cbindgen::Config::from_file(workspace("ffi-c/cbindgen.toml"))?;
    let bindings =
        cbindgen::Builder::new().with_crate(workspace("ffi-c")).with_config(config).generate()?;
    let mut header = Vec::new();
    bindings.write(&mut header);
    put("include/sessio.h", &header, verify)
}
