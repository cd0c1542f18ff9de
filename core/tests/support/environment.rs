//! What a test is given by the environment, and what it says without.

/// The value of a variable that `./dev db env` prints. Without it the test fails: a test that is
/// skipped proves nothing.
pub(crate) fn given(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        eprintln!("this test needs a server, but {name} is not set; {HELP}");
        // Fails the test without the report of a panic, which says where and not what to do.
        std::panic::resume_unwind(Box::new("no server"))
    })
}

const HELP: &str = "./dev test starts one, or run: eval \"$(./dev db env)\"";
