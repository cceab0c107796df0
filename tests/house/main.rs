//! Rules of CONTRIBUTING.md on language and layout, checked over the sources of the workspace.
//!
//! Each rule is one test, which lists every line that breaks the rule.

mod dependencies;
mod imports;
mod language;
mod layout;

use std::path::{Path, PathBuf};

/// Source file of the workspace.
struct Source {
    /// Path from the root of the workspace, with `/` between its parts.
    path: String,
    text: String,
}

impl Source {
    /// Returns the folder of the file.
    fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether the file belongs to the source folder of a crate that users depend on.
    fn is_library(&self) -> bool {
        self.path.starts_with("noob-zmq") && self.path.contains("/src/")
    }

    /// Whether the file holds only tests.
    fn is_test(&self) -> bool {
        let mut parts = self.path.split('/');
        parts.any(|part| matches!(part, "tests" | "tests.rs" | "model_tests" | "test_support"))
    }

    /// Returns the lines with their numbers, which begin at 1.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }
}

/// Returns the root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Reads every Rust file of the workspace, in the order of the paths.
fn sources() -> Vec<Source> {
    let root = root();
    let mut sources = Vec::new();
    for folder in ["noob-zmq", "noob-zmq-macros", "examples", "tests"] {
        read_folder(&root.join(folder), folder, &mut sources);
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(
        sources.len() > 300,
        "only {} files were found",
        sources.len()
    );
    sources
}

fn read_folder(folder: &Path, path: &str, sources: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the workspace") {
        let entry = entry.expect("an entry of a folder");
        let name = entry.file_name().into_string().expect("a name in UTF-8");
        let (file, path) = (entry.path(), format!("{path}/{name}"));
        if file.is_dir() {
            if name != "target" && !name.starts_with('.') {
                read_folder(&file, &path, sources);
            }
        } else if name.ends_with(".rs") {
            let text = std::fs::read_to_string(file).expect("a source file in UTF-8");
            sources.push(Source { path, text });
        }
    }
}

/// Fails with every finding, a line each.
fn assert_none(rule: &str, findings: &[String]) {
    assert!(
        findings.is_empty(),
        "{rule}: {} findings\n{}",
        findings.len(),
        findings.join("\n")
    );
}
