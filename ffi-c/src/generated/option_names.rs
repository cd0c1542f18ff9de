//! The options' names in messages.
//!
//! Made by `cargo xtask gen` from `api/options.toml`: change that.

/// The name of an option's member. A manager's options, which have none, keep theirs.
pub(crate) fn member_name(option: &str) -> String {
    match option {
        "max_lifetime" | "cleanup_interval" | "timeout" => format!("{option}_ms"),
        _ => option.to_owned(),
    }
}
