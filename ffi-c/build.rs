//! How the shared library is linked.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    // Rises when a program must be recompiled; SESSIO_ABI_VERSION says the same to programs.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libsessio.so.0");
    // Its threads outlive every store, so the library must stay where it is after dlclose.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
}
