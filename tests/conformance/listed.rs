//! Rules that `docs/differences.md` lists, with the recorded runs of each.

use std::collections::BTreeMap;

/// Returns the rules of the page, each with its recorded runs.
///
/// A table row begins with the name of a rule, in backticks; its fourth cell has the runs.
pub(crate) fn rules() -> BTreeMap<String, Vec<String>> {
    let text = include_str!("../../docs/differences.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let rule = |row: &str| {
        let mut cells = row.split(" |");
        let name = cells.next()?.trim_end_matches('`').to_owned();
        let runs = cells.nth(2).unwrap_or_default();
        let runs = runs.split('`').skip(1).step_by(2);
        Some((name, runs.map(str::to_owned).collect()))
    };
    rows.filter_map(rule).collect()
}

/// Returns the rule of each recorded run that differs.
pub(crate) fn runs() -> BTreeMap<String, String> {
    let rules = rules().into_iter();
    rules
        .flat_map(|(rule, runs)| runs.into_iter().map(move |run| (run, rule.clone())))
        .collect()
}
