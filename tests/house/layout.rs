//! Layout: sizes of files and folders, visibility, and circles of imports.

use std::collections::BTreeMap;

use crate::imports::Imports;
use crate::{assert_none, sources};

/// Most lines of a file of a library, and of a file of tests.
const LINES: usize = 500;

/// Most files of a folder beside its `mod.rs`.
const FILES: usize = 15;

#[test]
fn files_have_at_most_500_lines() {
    let mut findings = Vec::new();
    for source in sources() {
        let lines = source.lines().count();
        if lines > LINES {
            findings.push(format!("{}: {lines} lines", source.path));
        }
    }
    assert_none("a file has at most 500 lines", &findings);
}

#[test]
fn library_folders_have_at_most_15_files() {
    let mut folders = BTreeMap::<String, usize>::new();
    for source in sources() {
        if source.is_library() && !source.path.ends_with("/mod.rs") {
            *folders.entry(source.folder().to_owned()).or_default() += 1;
        }
    }
    let crowded = folders.into_iter().filter(|(_, files)| *files > FILES);
    let findings: Vec<String> = crowded
        .map(|(folder, files)| format!("{folder}: {files} files"))
        .collect();
    assert_none("a folder has at most 15 files beside mod.rs", &findings);
}

#[test]
fn visibility_names_no_path() {
    let mark = ["pub(", "in "].concat();
    let mut findings = Vec::new();
    for source in sources() {
        for (number, line) in source.lines() {
            if line.contains(&mark) {
                findings.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    assert_none("use pub(super) or pub(crate)", &findings);
}

#[test]
fn imports_make_no_circles_between_folders() {
    let all = sources();
    let mut findings = Vec::new();
    for (folder, name) in [
        ("noob-zmq/src", "noob_zmq"),
        ("noob-zmq/frames/src", "noob_zmq_frames"),
        ("noob-zmq/spec/src", "noob_zmq_spec"),
        ("noob-zmq-macros/src", "noob_zmq_macros"),
    ] {
        let imports = Imports::new(folder, name, &all);
        assert!(
            imports.edges() > 0 || folder.contains("spec"),
            "{folder}: no imports were found"
        );
        findings.extend(imports.circles());
    }
    assert_none("imports go one way between folders", &findings);
}
