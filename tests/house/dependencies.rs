//! Dependencies: each is explained in CONTRIBUTING.md.

use super::{assert_none, root};

#[test]
fn every_dependency_is_in_the_table_of_contributing() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let table = std::fs::read_to_string(root().join("CONTRIBUTING.md")).expect("the page");
    let (_, section) = table
        .split_once("\n## Dependencies\n")
        .expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let firsts = rows.filter_map(|row| row.split('|').nth(1));
    let explained: Vec<&str> = firsts
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    let (_, declared) = manifest
        .split_once("[workspace.dependencies]\n")
        .expect("the dependencies");
    let declared = declared.split("\n[").next().unwrap_or_default();
    let entries = declared.lines().filter_map(|line| line.split_once(" = "));
    let names: Vec<&str> = entries
        .filter(|(_, value)| !value.contains("path = "))
        .map(|(name, _)| name)
        .collect();
    assert!(names.len() > 30, "{names:?}");
    let missing = names.iter().filter(|name| !explained.contains(name));
    let missing: Vec<String> = missing.map(|name| format!("`{name}` has no row")).collect();
    assert_none("each dependency has a row in CONTRIBUTING.md", &missing);
    let gone = explained.iter().filter(|name| !names.contains(name));
    let gone: Vec<String> = gone
        .map(|name| format!("`{name}` is no dependency"))
        .collect();
    assert_none("each row of CONTRIBUTING.md is a dependency", &gone);
}
