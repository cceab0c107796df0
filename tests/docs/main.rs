//! Checks the pages of `docs/`: loads and runs the tubes of `tubes.md` and compares their output,
//! compares `protocols.md` with the specs, and follows `start.md` and `custom-runners.md`.

mod failures;
mod guide;
mod protocols;

use std::path::Path;
use std::process::{Command, Stdio};

use noob_zmq::graph::Map;
use noob_zmq::tube::LoadError;
use tempfile::TempDir;

const PAGE: &str = include_str!("../../docs/tubes.md");

/// Tubes with mistakes, whose reports the page shows.
const WRONG: [&str; 2] = ["wrong.yaml", "mistyped.yaml"];

/// Returns the fenced blocks of the page.
fn blocks() -> Vec<(String, String)> {
    blocks_of(PAGE)
}

/// Returns the fenced blocks of a page: the language of each, and its lines.
fn blocks_of(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => open = Some((language.to_owned(), String::new())),
            (None, None) => {}
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, text)), None) => *text += &format!("{line}\n"),
        }
    }
    blocks
}

/// Writes the files of the page into a folder: the blocks that begin with `# name`.
///
/// A text is written without that line, a tube with it.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (language, text) in blocks() {
        let Some((name, rest)) = text
            .strip_prefix("# ")
            .and_then(|text| text.split_once('\n'))
        else {
            continue;
        };
        let contents = if language == "yaml" { &text } else { rest };
        std::fs::write(folder.path().join(name), contents).expect("a file");
    }
    folder
}

fn tubes(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder").flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".yaml")).collect();
    names.sort();
    names
}

/// Returns values for inputs without a default.
fn given(name: &str) -> Map {
    match name {
        "steps.yaml" => Map::from_iter([("start".to_owned(), 100_i64.into())]),
        "last.yaml" => Map::from_iter([("path".to_owned(), "poem.txt".into())]),
        _ => Map::new(),
    }
}

#[test]
fn every_tube_of_the_page_loads_without_warnings() {
    let folder = folder();
    let names = tubes(folder.path());
    assert!(names.len() > 10, "{names:?}");
    for name in names.iter().filter(|name| !WRONG.contains(&name.as_str())) {
        let tube = noob_zmq::tube::load(folder.path().join(name), given(name))
            .unwrap_or_else(|error| panic!("{error}"));
        let warnings: Vec<String> = tube.warnings.iter().map(ToString::to_string).collect();
        assert!(warnings.is_empty(), "{warnings:?}");
    }
}

#[test]
fn mistakes_are_reported_as_on_the_page() {
    for name in WRONG {
        let block = |start: &str| {
            let found = blocks()
                .into_iter()
                .find(|(_, text)| text.starts_with(start));
            found
                .unwrap_or_else(|| panic!("no block begins with `{start}`"))
                .1
        };
        let (tube, shown) = (block(&format!("# {name}")), block(&format!("{name}:")));
        match noob_zmq::tube::from_text(name, &tube, ()) {
            Err(LoadError::Mistakes(errors)) => assert_eq!(errors.render(), shown),
            other => panic!("mistakes were expected, not {other:?}"),
        }
    }
}

/// Splits a command line into words; `"..."` groups several.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    parts
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

#[test]
fn commands_print_the_output_of_the_page_on_each_runner() {
    let folder = folder();
    let commands: Vec<String> = blocks()
        .into_iter()
        .filter(|(language, _)| language == "console")
        .map(|(_, text)| text)
        .collect();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        let (line, printed) = command
            .split_once('\n')
            .expect("a command and what it prints");
        let (variables, line) = line.split_once("noob-zmq ").expect("our command");
        let variables = variables.trim_start_matches("$ ").split_whitespace();
        let variables = variables.filter_map(|variable| variable.split_once('='));
        let arguments = words(line);
        let runs = line.starts_with("run ");
        for runner in ["sync", "zmq"] {
            let output = Command::new(env!("CARGO_BIN_EXE_host"))
                .args(&arguments)
                .args(["--runner", runner].iter().filter(|_| runs))
                .current_dir(folder.path())
                .env("NOOB_ZMQ_RUNTIME_DIR", folder.path().join("r"))
                .env_remove("RUST_LOG")
                .envs(variables.clone())
                .stdin(Stdio::null())
                .output()
                .expect("the command");
            let errors = String::from_utf8_lossy(&output.stderr);
            assert_eq!(
                String::from_utf8_lossy(&output.stdout),
                printed,
                "{line} --runner {runner}\n{errors}"
            );
            assert!(
                output.status.success(),
                "{line} --runner {runner}\n{errors}"
            );
        }
    }
}
