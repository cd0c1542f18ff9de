//! The options in C: the struct of a store's, with what makes the core's of it, and the list of a
//! manager's, which are a text.

use std::fmt::Write;

use crate::Result;

use super::super::options::{
    ApiOption, OptionKind, Options, Wording, duration_in_words, list_as_text,
};
use super::super::text::{Spelling, wrapped};
use super::super::{Extent, File};
use super::{WIDTH, status_name};

const MANAGER: &str = "Made by `cargo xtask gen` from `api/manager_options.toml`: change that.";

/// Of the struct's members.
const MEMBERS: Wording = Wording {
    spelling: Spelling {
        verb: |name| format!("sessio_store_{name}()"),
        error: status_name,
        option: |name| format!("`{name}`"),
        argument: |name| format!("`{name}`"),
        yes: "SESSIO_ON",
        no: "SESSIO_OFF",
        none: "NULL",
    },
    off: "SESSIO_OFF",
    choice: Some(constant),
    kind: |kind| match kind {
        OptionKind::Duration => " In milliseconds.",
        OptionKind::Switch => " SESSIO_ON or SESSIO_OFF.",
        OptionKind::List => " One a line.",
        OptionKind::Text | OptionKind::Number | OptionKind::Path | OptionKind::Choice => "",
    },
    default: Some(default_of),
};

/// Of the text.
const SETTINGS: Wording = Wording {
    spelling: Spelling { yes: "`true`", no: "`false`", ..MEMBERS.spelling },
    off: "`0`",
    choice: Some(|_, value| format!("`{value}`")),
    kind: list_as_text,
    default: Some(|_, default| Ok(format!("`{default}`"))),
};

/// `SESSIO_TLS_VERIFY_CA` for `verify-ca` of `tls`.
fn constant(option: &ApiOption, choice: &str) -> String {
    let upper = |text: &str| text.replace('-', "_").to_ascii_uppercase();
    format!("SESSIO_{}_{}", upper(&option.name), upper(choice))
}

fn default_of(option: &ApiOption, default: &str) -> Result<String> {
    Ok(match option.kind {
        OptionKind::Text | OptionKind::Path | OptionKind::List => format!("`\"{default}\"`"),
        OptionKind::Number => default.to_owned(),
        OptionKind::Switch if default == "true" => MEMBERS.spelling.yes.to_owned(),
        OptionKind::Switch => MEMBERS.spelling.no.to_owned(),
        OptionKind::Choice => constant(option, default),
        OptionKind::Duration => duration_in_words(default)?,
    })
}

pub(super) fn files(options: &Options) -> Result<Vec<File>> {
    let store = "ffi-c/src/generated/options.rs";
    let members = Members::new(options)?;
    Ok(vec![
        File { path: store, extent: Extent::Whole, text: members.file(options)? },
        File {
            path: "ffi-c/src/generated/option_names.rs",
            extent: Extent::Whole,
            text: spelling(&options.store)?,
        },
        File {
            path: "ffi-c/cbindgen.toml",
            extent: Extent::Line("#define SESSIO_OPTIONS_INIT "),
            text: members.initializer(),
        },
        File {
            path: "ffi-c/src/session/options.rs",
            extent: Extent::Part(MANAGER),
            text: settings(&options.manager)?,
        },
    ])
}

fn settings(options: &[ApiOption]) -> Result<String> {
    let mut text = String::new();
    for option in options {
        let doc = format!("`{}`: {}", option.name, SETTINGS.documentation(option)?);
        text += &wrapped(&doc, "    ///   ", WIDTH).replacen("///   ", "/// - ", 1);
    }
    Ok(text)
}

/// A member of the struct.
struct Member {
    name: String,
    of: &'static str,
    doc: String,
}

/// What the members are called that fill gaps.
const RESERVED: &str = "reserved";

/// The size in bytes of a member.
fn size(of: &str) -> usize {
    if of == "i32" { 4 } else { 8 }
}

struct Members(Vec<Member>);

impl Members {
    fn new(options: &Options) -> Result<Self> {
        let mut members = vec![member("struct_size", "usize", "`sizeof(sessio_options)`.")];
        for name in &options.c_members {
            let option = options.store.iter().find(|option| option.name == *name);
            members.push(match (&**name, option) {
                (_, Some(option)) => member_of(option, &options.store)?,
                ("clock", None) => member(
                    "clock",
                    "*const sessio_clock",
                    "A clock to use instead of the system's, for tests.",
                ),
                ("settings", None) => member(
                    "settings",
                    "*mut sessio_settings",
                    "Set by sessio_options_set() and freed by sessio_options_clear(); leave it alone.",
                ),
                (_, None) => return Err(format!("c_members: there is no option {name}").into()),
            });
        }
        Ok(Members(filled(members)))
    }

    /// The line of the macro.
    fn initializer(&self) -> String {
        let values = self.0.iter().map(|member| match member.of {
            "usize" if member.name == "struct_size" => "sizeof(sessio_options)",
            of if of.starts_with('*') => "NULL",
            _ => "0",
        });
        let values: Vec<&str> = values.collect();
        format!("#define SESSIO_OPTIONS_INIT {{{}}}\n", values.join(", "))
    }

    fn file(&self, options: &Options) -> Result<String> {
        let mut text = "\
//! The options of a store as members of a struct.
//!
//! Made by `cargo xtask gen` from `api/options.toml`: change that.

use std::ffi::c_char;

use sessio::{Options, Result};

use crate::clock::sessio_clock;
use crate::option_members::{choice, duration, number, sessio_settings, switch, text};

"
        .to_owned();
        for option in &options.store {
            for (index, (value, doc)) in option.choices.iter().zip(&option.choice_docs).enumerate()
            {
                let name = constant(option, value);
                writeln!(text, "/// {doc}\npub const {name}: i32 = {};", index + 1)?;
            }
        }
        text += "
/// Options of sessio_store_open(). Start with SESSIO_OPTIONS_INIT and set the members you need: a
/// member that is 0 or NULL is as the URL says, or the default. Members take precedence over
/// sessio_options_set(), and that over the URL.
///
/// sessio_store_open() copies the options and everything they point to.
#[repr(C)]
pub struct sessio_options {
";
        for Member { name, of, doc } in &self.0 {
            text += &wrapped(doc, "    /// ", WIDTH);
            writeln!(text, "    pub {name}: {of},")?;
        }
        text += "}\n\n";
        let fillers = self.0.iter().filter(|member| member.name.starts_with(RESERVED));
        let fillers: Vec<&str> = fillers.map(|member| &*member.name).collect();
        if !fillers.is_empty() {
            text = text.replacen(
                "use crate::option_members",
                "use crate::guard::invalid;\nuse crate::option_members",
                1,
            );
        }
        text += &setter(options, &fillers)?;
        Ok(text)
    }
}

/// With a member wherever the compiler would leave a gap, which no program could set to 0 for sure. A
/// later member of that size takes its place.
fn filled(members: Vec<Member>) -> Vec<Member> {
    let (mut filled, mut end, mut gaps) = (Vec::new(), 0, 0);
    let mut fill = |filled: &mut Vec<Member>| {
        gaps += 1;
        let name = if gaps == 1 { RESERVED.to_owned() } else { format!("{RESERVED}_{gaps}") };
        filled.push(member(&name, "i32", "Must be 0."));
    };
    for member in members {
        if end % size(member.of) != 0 {
            fill(&mut filled);
            end += size("i32");
        }
        end += size(member.of);
        filled.push(member);
    }
    if end % size("usize") != 0 {
        fill(&mut filled);
    }
    filled
}

fn member(name: &str, of: &'static str, doc: &str) -> Member {
    Member { name: name.to_owned(), of, doc: doc.to_owned() }
}

fn member_of(option: &ApiOption, all: &[ApiOption]) -> Result<Member> {
    let of = match option.kind {
        OptionKind::Text | OptionKind::Path | OptionKind::List => "*const c_char",
        OptionKind::Switch | OptionKind::Choice => "i32",
        OptionKind::Duration => "i64",
        OptionKind::Number => "usize",
    };
    // The documentation names members, which carry the unit.
    let text = all.iter().fold(MEMBERS.text(option)?, |text, other| {
        let member = format!("{{option {}}}", name_of(other));
        text.replace(&format!("{{option {}}}", other.name), &member)
    });
    let doc = MEMBERS.spelling.spell(&text)?;
    Ok(Member { name: name_of(option), of, doc })
}

fn name_of(option: &ApiOption) -> String {
    match option.kind {
        OptionKind::Duration => format!("{}_ms", option.name),
        OptionKind::Text
        | OptionKind::Switch
        | OptionKind::Number
        | OptionKind::Path
        | OptionKind::Choice
        | OptionKind::List => option.name.clone(),
    }
}

fn setter(options: &Options, fillers: &[&str]) -> Result<String> {
    let mut text = "\
/// Sets what the members say.
///
/// # Safety
/// The pointers are NULL, or what the header demands.
pub(crate) unsafe fn set_members(given: &sessio_options, options: &mut Options) -> Result<()> {
    // SAFETY: passed on from the caller.
    unsafe {
"
    .to_owned();
    let is_text = |option: &&ApiOption| {
        matches!(option.kind, OptionKind::Text | OptionKind::Path | OptionKind::List)
    };
    for option in options.store.iter().filter(is_text) {
        writeln!(text, "        self::text(options, \"{0}\", given.{0})?;", option.name)?;
    }
    text += "    }\n";
    for filler in fillers {
        writeln!(
            text,
            "    if given.{filler} != 0 {{\n        return Err(invalid(\"options->{filler} must be 0; start \
             with SESSIO_OPTIONS_INIT\"));\n    }}"
        )?;
    }
    for option in options.store.iter().filter(|option| !is_text(option)) {
        let (name, member) = (&option.name, name_of(option));
        let call = match option.kind {
            OptionKind::Number => "number",
            OptionKind::Duration => "duration",
            OptionKind::Switch => "switch",
            OptionKind::Choice | OptionKind::Text | OptionKind::Path | OptionKind::List => "choice",
        };
        let more = match option.kind {
            OptionKind::Duration => format!(", {}", option.can_be_off),
            OptionKind::Choice => {
                let pairs = option
                    .choices
                    .iter()
                    .map(|choice| format!("(\"{}\", \"{choice}\")", constant(option, choice)));
                format!(", &[{}]", pairs.collect::<Vec<_>>().join(", "))
            }
            OptionKind::Text
            | OptionKind::Number
            | OptionKind::Switch
            | OptionKind::Path
            | OptionKind::List => String::new(),
        };
        writeln!(text, "    {call}(options, \"{name}\", given.{member}{more})?;")?;
    }
    Ok(text + "    Ok(())\n}\n")
}

/// How messages name an option.
fn spelling(options: &[ApiOption]) -> Result<String> {
    let mut text = "\
//! The options' names in messages.
//!
//! Made by `cargo xtask gen` from `api/options.toml`: change that.

/// The name of an option's member. A manager's options, which have none, keep theirs.
pub(crate) fn member_name(option: &str) -> String {
    match option {
"
    .to_owned();
    let others = options.iter().filter(|option| name_of(option) != option.name);
    let names: Vec<String> = others.map(|option| format!("\"{}\"", option.name)).collect();
    writeln!(text, "        {} => format!(\"{{option}}_ms\"),", names.join(" | "))?;
    Ok(text + "        _ => option.to_owned(),\n    }\n}\n")
}
