//! Names of the rules in `docs/differences.md`.

use std::collections::BTreeSet;

/// Returns the names of the rules of the page: the first cells of its tables, in backticks.
pub(crate) fn names() -> BTreeSet<String> {
    let text = include_str!("../../../docs/differences.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| Some(row.split_once('`')?.0.to_owned()))
        .collect()
}
