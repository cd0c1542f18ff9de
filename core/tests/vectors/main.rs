//! Runs the shared vectors (`tests/README.md` says what they are) against the Rust API, on the
//! store that `SESSIO_VECTORS_URL` names: `memory:` if it names none. `SESSIO_VECTOR` names one file
//! or one case, where not all are wanted.

// One arm for each step.
#![allow(clippy::unwrap_used, clippy::too_many_lines)]

mod session;
mod step;
mod values;

use std::path::Path;
use std::process::ExitCode;

use serde_json::Value;
use sessio::{ManualClock, Options, SessionManager, SessionOptions, Store, Timestamp};

use session::Sessions;
use step::Context;
use values::Fields;

/// 2024-01-01T00:00:00Z.
const START: Timestamp = Timestamp::from_micros(1_704_067_200_000_000);

#[derive(Default)]
struct Counts {
    cases: usize,
    steps: usize,
    failed: usize,
}

fn main() -> ExitCode {
    let url = std::env::var("SESSIO_VECTORS_URL").unwrap_or_else(|_| "memory:".to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime that only polls");
    match runtime.block_on(run(&url)) {
        Ok(counts) => {
            println!("vectors: {} cases, {} steps", counts.cases, counts.steps);
            if counts.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

async fn run(url: &str) -> Result<Counts, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let listing = std::fs::read_dir(&folder).map_err(|error| format!("{folder:?}: {error}"))?;
    let mut files: Vec<_> = listing.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let wanted = std::env::var("SESSIO_VECTOR").ok();
    let mut counts = Counts::default();
    for path in files {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{path:?}: {error}"))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let file = serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
        run_file(url, &name, wanted.as_deref(), file, &mut counts)
            .await
            .map_err(|error| format!("{name}: {error}"))?;
    }
    if counts.cases == 0 {
        let wanted = wanted.unwrap_or_default();
        return Err(format!("no file in {folder:?} and no case has the name {wanted:?}"));
    }
    Ok(counts)
}

async fn run_file(
    url: &str,
    name: &str,
    wanted: Option<&str>,
    file: Value,
    counts: &mut Counts,
) -> Result<(), String> {
    let mut file = Fields::of(file)?;
    if file.need("format")? != 1 {
        return Err("a format that this runner does not know".to_owned());
    }
    file.text("about")?;
    for case in file.array("cases")? {
        let mut case = Fields::of(case)?;
        let title = case.text("name")?;
        if wanted.is_some_and(|wanted| wanted != name && wanted != title) {
            continue;
        }
        counts.cases += 1;
        if let Err(error) = run_case(url, case, counts).await {
            counts.failed += 1;
            eprintln!("{name}, \"{title}\": {error}");
        }
    }
    file.end()
}

async fn run_case(url: &str, mut case: Fields, counts: &mut Counts) -> Result<(), String> {
    let clock = ManualClock::new(START);
    let mut options = Options::new().clock(clock.clone());
    let set = |options: &mut Options, name: &str, value: &str| {
        options.set(name, value).map_err(|error| error.to_string())
    };
    set(&mut options, "cleanup_interval", "0")?;
    for (name, value) in case.object("options")? {
        set(&mut options, &name, value.as_str().ok_or("an option is text")?)?;
    }
    let own_table = !url.starts_with("memory:");
    if own_table {
        let table = format!("vectors_{}_{}", std::process::id(), counts.cases);
        set(&mut options, "table", &table)?;
    }
    let store = Store::open_with(url, options).map_err(|error| error.to_string())?;
    if own_table {
        store.migrate().await.map_err(|error| format!("migrate: {error}"))?;
    }
    let mut settings = SessionOptions::new();
    for (name, value) in case.object("manager")? {
        let value = value.as_str().ok_or("an option is text")?;
        settings.set(&name, value).map_err(|error| error.to_string())?;
    }
    let manager =
        SessionManager::with(store.clone(), settings).map_err(|error| error.to_string())?;
    let sessions = Sessions::new(manager);
    let start = START.as_micros();
    let context = Context { store: &store, clock: &clock, start, sessions: &sessions };
    let done = run_steps(&context, &mut case, counts).await;
    store.close().await;
    done.and(case.end())
}

async fn run_steps(
    context: &Context<'_>,
    case: &mut Fields,
    counts: &mut Counts,
) -> Result<(), String> {
    for (index, step) in case.array("steps")?.into_iter().enumerate() {
        counts.steps += 1;
        context.run_one(index, step).await?;
    }
    Ok(())
}
