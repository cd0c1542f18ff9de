//! The subjects of the C API: a header each.

/// A header, and the Rust modules whose declarations are in it.
pub(super) struct Subject {
    pub(super) file: &'static str,
    /// What it is about: the first line of the header and of its part in the index.
    pub(super) title: &'static str,
    /// In the order of the header.
    pub(super) modules: &'static [&'static str],
}

/// In the order of the index.
pub(super) const SUBJECTS: &[Subject] = &[
    Subject {
        file: "version.h",
        title: "Versions of the header and of the linked library.",
        modules: &["version"],
    },
    Subject {
        file: "error.h",
        title: "Statuses that calls return, and errors.",
        modules: &["status", "error"],
    },
    Subject {
        file: "store.h",
        title: "Stores: bytes under a token, with an expiry.",
        modules: &[
            "option_members",
            "options",
            "generated/options",
            "token",
            "store",
            "content",
            "key",
            "generated/store",
        ],
    },
    Subject {
        file: "record.h",
        title: "What a store returns: records, pages, and the issues of a check.",
        modules: &["record", "page", "check_issues"],
    },
    Subject {
        file: "manager.h",
        title: "Managers: load the session of a request, and commit it.",
        modules: &[
            "session/options",
            "session/manager",
            "generated/manager",
            "session/transact",
            "session/commit_result",
            "session/cookie",
            "session/page",
            "session/cursor",
        ],
    },
    Subject {
        file: "session.h",
        title: "Sessions: values by key, and their lifetime.",
        modules: &[
            "session/lifecycle",
            "generated/session",
            "session/read",
            "session/read_buffer",
            "session/write",
        ],
    },
    Subject {
        file: "value.h",
        title: "Values of sessions: scalars, text, bytes, times, lists and maps.",
        modules: &["session/value", "session/build", "session/elements"],
    },
    Subject {
        file: "queue.h",
        title: "Completion queues, for event loops and language bindings.",
        modules: &["queue", "generated/queue", "generated/session_queue", "completion"],
    },
    Subject { file: "log.h", title: "The log of the library.", modules: &["log"] },
    Subject { file: "clock.h", title: "Clocks for tests.", modules: &["clock"] },
];
