//! Cases that `docs/differences.md` lists.

use std::collections::BTreeSet;

/// Returns the names of the cases: each table row of the page begins with one, in backticks.
pub(crate) fn names() -> BTreeSet<String> {
    let text = include_str!("../../docs/differences.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split_once('`'))
        .map(|(name, _)| name.to_owned())
        .collect()
}
