//! `cargo xtask header`: the C headers, which cbindgen makes from the sources of ffi-c.
//!
//! cbindgen writes one file. Here it is taken apart into its declarations, and each goes into the
//! header of the subject to which its Rust module belongs. The same declarations, without comments
//! and preprocessor, make `include/sessio.ffi.h`.

mod declaration;
mod layout;
mod subject;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::{Result, put, workspace};

use declaration::{Declaration, Kind};
use subject::{SUBJECTS, Subject};

/// Makes the headers, or with `verify` sees whether they are current.
pub(crate) fn run(verify: bool) -> Result {
    let mut config = cbindgen::Config::from_file(workspace("ffi-c/cbindgen.toml"))?;
    let introduction = config.header.take().unwrap_or_default();
    let bindings =
        cbindgen::Builder::new().with_crate(workspace("ffi-c")).with_config(config).generate()?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    let declarations = declaration::parse(&String::from_utf8(text)?)?;
    let placed = place(&declarations)?;
    for (subject, declarations) in &placed {
        let used = used_headers(subject, declarations, &placed);
        let text = layout::subject(subject, &used, declarations);
        put(&format!("include/sessio/{}", subject.file), text.as_bytes(), verify)?;
    }
    no_other_headers()?;
    put("include/sessio.h", layout::umbrella(&introduction, &placed).as_bytes(), verify)?;
    put("include/sessio.ffi.h", layout::plain(&declarations).as_bytes(), verify)
}

/// The declarations of each subject, in the order of its modules.
type Placed<'a> = Vec<(&'static Subject, Vec<&'a Declaration>)>;

fn place(declarations: &[Declaration]) -> Result<Placed<'_>> {
    let mut modules = BTreeMap::new();
    let sources = workspace("ffi-c/src");
    find_modules(&sources, &sources, &mut modules)?;
    let mut placed: Vec<(&Subject, Vec<(usize, &Declaration)>)> =
        SUBJECTS.iter().map(|subject| (subject, Vec::new())).collect();
    for declaration in declarations {
        let name = declaration.defined_as();
        let module = modules.get(&name).ok_or_else(|| format!("no source of ffi-c has {name}"))?;
        let place = placed.iter_mut().find_map(|(subject, all)| {
            Some((subject.modules.iter().position(|one| one == module)?, all))
        });
        let (position, all) = place.ok_or_else(|| {
            format!("{name} is in the module {module}, which no subject in xtask/src/header has")
        })?;
        all.push((position, declaration));
    }
    let in_order = |(subject, mut all): (_, Vec<(usize, _)>)| {
        // Stable: within a module the order of the source stays.
        all.sort_by_key(|(position, declaration): &(usize, &Declaration)| {
            (declaration.kind, *position)
        });
        (subject, all.into_iter().map(|(_, declaration)| declaration).collect())
    };
    Ok(placed.into_iter().map(in_order).collect())
}

/// In which module each name is defined: a path below `src`, without the extension.
fn find_modules(root: &Path, folder: &Path, modules: &mut BTreeMap<String, String>) -> Result {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find_modules(root, &path, modules)?;
            continue;
        }
        let module = path.strip_prefix(root)?.with_extension("");
        let module = module.to_string_lossy().replace('\\', "/");
        let module = module.strip_suffix("/mod").unwrap_or(&module).to_owned();
        for line in fs::read_to_string(&path)?.lines() {
            if let Some(name) = defined_name(line) {
                modules.insert(name.to_owned(), module.clone());
            }
        }
    }
    Ok(())
}

/// The name that a line of Rust defines for C, if it does.
fn defined_name(line: &str) -> Option<&str> {
    let starts = ["pub const ", "pub struct ", "pub type ", "pub unsafe extern \"C\" fn "];
    let rest = starts.iter().chain(&["pub extern \"C\" fn "]).find_map(|s| line.strip_prefix(s))?;
    let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    name.to_lowercase().starts_with("sessio_").then_some(name)
}

/// The headers whose types these declarations use.
fn used_headers(
    subject: &Subject,
    declarations: &[&Declaration],
    placed: &Placed<'_>,
) -> BTreeSet<&'static str> {
    let words: BTreeSet<&str> = declarations
        .iter()
        .flat_map(|declaration| declaration.code.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .collect();
    let others = placed.iter().filter(|(other, _)| other.file != subject.file);
    let used = others.filter(|(_, theirs)| {
        let mut types = theirs.iter().filter(|declaration| declaration.kind.is_type());
        types.any(|declaration| words.contains(declaration.name.as_str()))
    });
    used.map(|(other, _)| other.file).collect()
}

/// A header that is made no more would still be installed.
fn no_other_headers() -> Result {
    for entry in fs::read_dir(workspace("include/sessio"))? {
        let name = entry?.file_name();
        if !SUBJECTS.iter().any(|subject| name == subject.file) {
            return Err(format!("include/sessio/{} is not made here", name.display()).into());
        }
    }
    Ok(())
}

impl Kind {
    fn is_type(self) -> bool {
        matches!(self, Kind::Opaque | Kind::Callback | Kind::Struct)
    }
}
