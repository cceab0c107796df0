//! Repeats recorded runs of noob on every runner.
//!
//! `NOOB_CONFORMANCE_DIR` names the folder of the recordings; without it, the cases of this project
//! (`cases/`) are run.
//!
//! The test prints a line for each case that differs, and the totals at the end. A rule of
//! `docs/differences.md` must explain each recorded case that differs (`rules/`).

mod answers;
mod case;
mod compare;
mod deviation;
mod epochs;
mod nodes;
mod own;
mod probe;
mod recording;
mod records;
mod rules;
mod trace;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value as Json;

noob_zmq::test_nodes!();

/// Outcome of a case on one runner: as recorded, or the difference and the rule that explains it.
type Verdict = Result<(), (String, Option<&'static str>)>;

/// Number of cases that run at once.
const BESIDE: usize = 3;

/// Returns the folder of recorded runs.
fn folder() -> PathBuf {
    std::env::var_os("NOOB_CONFORMANCE_DIR").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/conformance/cases")),
        PathBuf::from,
    )
}

/// Reads the cases of a folder, by name.
///
/// # Panics
/// Panics on a file that is no case.
fn cases(folder: &PathBuf) -> Vec<(String, Json)> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => panic!("`{}` cannot be read: {error}", folder.display()),
    };
    let mut cases = Vec::new();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let (Some(name), Some(end)) = (path.file_stem(), path.extension()) else {
            continue;
        };
        let name = name.to_string_lossy().into_owned();
        let read = || std::fs::read_to_string(&path).expect("a case that can be read");
        let case = match end.to_str() {
            Some("json") if !name.starts_with('_') => serde_json::from_str(&read())
                .unwrap_or_else(|error| panic!("`{name}` is no case: {error}")),
            Some("yaml") => own::read(&name, &read()),
            _ => continue,
        };
        cases.push((name, case));
    }
    cases.sort_by(|(one, _), (other, _)| one.cmp(other));
    cases
}

/// Runs `check` on every case, several at once, and returns the outcome of each.
fn all<T: Send>(
    cases: &[(String, Json)],
    check: impl Fn(&Json) -> T + Sync,
) -> BTreeMap<String, T> {
    let next = AtomicUsize::new(0);
    let verdicts = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..BESIDE {
            scope.spawn(|| {
                while let Some((name, case)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = check(case);
                    verdicts
                        .lock()
                        .expect("no panic")
                        .insert(name.clone(), verdict);
                }
            });
        }
    });
    verdicts.into_inner().expect("no panic")
}

/// Prints a line even if the test passes, when the harness captures `print!`.
fn print(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints the differences and the totals, and fails where no rule explains a difference.
fn tell(kind: &str, verdicts: &BTreeMap<String, Vec<(&'static str, Verdict)>>) {
    // Cases of this project have no differences.
    let recorded = std::env::var_os("NOOB_CONFORMANCE_DIR").is_some();
    let mut totals: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (name, verdicts) in verdicts {
        for (runner, verdict) in verdicts {
            let [passed, differs, failed] = totals.entry(runner).or_default();
            match verdict {
                Ok(()) => *passed += 1,
                Err((why, Some(rule))) if recorded => {
                    *differs += 1;
                    print(&format!(
                        "{name} on {runner}: differs by the rule {rule}: {why}"
                    ));
                }
                Err((why, _)) => {
                    *failed += 1;
                    wrong.push(format!("{name} on {runner}: {why}"));
                }
            }
        }
    }
    for line in &wrong {
        print(&format!("FAILED {line}"));
    }
    for (runner, [passed, differs, failed]) in totals {
        print(&format!(
            "{kind} on {runner}: {passed} as recorded, {differs} otherwise by a rule, {failed} \
             failed"
        ));
    }
    assert!(wrong.is_empty(), "{} failed: {wrong:#?}", wrong.len());
}

#[test]
fn the_page_has_the_rules_of_the_tests() {
    let rules: BTreeSet<String> = rules::names().map(str::to_owned).collect();
    assert_eq!(rules::names_of_page(), rules);
}

#[test]
fn no_rule_explains_a_wrong_answer() {
    let wrong = all(&cases(&folder()), case::explained_wrong_answers);
    let wrong: BTreeMap<_, _> = wrong
        .iter()
        .filter(|(_, wrong)| !wrong.is_empty())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn pipelines() {
    let cases = cases(&folder());
    assert!(!cases.is_empty(), "there are no cases");
    tell("pipelines", &all(&cases, case::check));
}

#[test]
fn groups_of_nodes_agree_with_single_processes() {
    // The recorded cases are thousands: those of this project have every kind of node.
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/conformance/cases"));
    let outcomes = all(&cases(&folder), case::check_groups);
    let groups: usize = outcomes.values().map(|(_, groups)| groups).sum();
    let differ: Vec<String> = outcomes
        .iter()
        .flat_map(|(name, (differ, _))| differ.iter().map(move |line| format!("{name} on {line}")))
        .collect();
    print(&format!("groups: {groups} run, {} differ", differ.len()));
    assert!(groups > 100, "only {groups} groups were run");
    assert!(differ.is_empty(), "{differ:#?}");
}

#[test]
fn replays_of_records_are_equal_on_every_runner() {
    let cases = cases(&folder());
    let differ = all(&cases, records::check);
    let lines = differ.iter().flat_map(|(name, differ)| {
        let lines = differ.iter();
        lines.map(move |line| format!("{name} {line}"))
    });
    let wrong: Vec<String> = lines.collect();
    for line in &wrong {
        print(&format!("FAILED {line}"));
    }
    assert!(wrong.is_empty(), "{} differ: {wrong:#?}", wrong.len());
}

/// Runs only where `tests/python` has run the cases before.
#[test]
fn answers_of_python() {
    if let Some(answers) = answers::folder() {
        let cases = cases(&folder());
        tell(
            "answers of Python",
            &all(&cases, |case| answers::check(&answers, case)),
        );
    }
}

#[test]
fn load_probes() {
    let folder = folder().join("invalid");
    if !folder.exists() {
        return;
    }
    tell("load probes", &all(&cases(&folder), probe::check));
}

#[test]
fn epoch_operations() {
    let file = folder().join("_epoch_ops.json");
    if !file.exists() {
        return;
    }
    let text = std::fs::read_to_string(&file).expect("recorded operations");
    let recorded: Vec<Json> = serde_json::from_str(&text).expect("a list of them");
    let (number, mut differ) = epochs::check(&recorded);
    differ.retain(|line| !epochs::is_other_form(line));
    for line in &differ {
        print(&format!("FAILED {line}"));
    }
    print(&format!(
        "epoch operations: {} as recorded, {} failed",
        number - differ.len(),
        differ.len()
    ));
    assert!(number > 0 && differ.is_empty(), "{differ:#?}");
}

#[test]
fn scheduler_traces() {
    let folder = folder().join("scheduler");
    if !folder.exists() {
        return;
    }
    let replayed = all(&cases(&folder), trace::check);
    let (mut same, mut not_offered, mut differ) = (0, 0, 0);
    let (mut wrong, mut order_rules) = (Vec::new(), BTreeSet::<&str>::new());
    for (name, replayed) in &replayed {
        order_rules.extend(&replayed.order_rules);
        same += replayed.same;
        not_offered += replayed.not_offered;
        match &replayed.differs {
            None => {}
            Some(trace::Differs {
                why,
                rule: Some(rule),
            }) => {
                differ += 1;
                print(&format!("trace {name}: differs by the rule {rule}: {why}"));
            }
            Some(trace::Differs { why, rule: None }) => wrong.push(format!("trace {name}: {why}")),
        }
    }
    for line in &wrong {
        print(&format!("FAILED {line}"));
    }
    print(&format!(
        "scheduler traces: {} as recorded, {differ} otherwise from some step on by a rule, {} \
         failed; {same} operations with the same answer, {not_offered} that ours does not have",
        replayed.len() - differ - wrong.len(),
        wrong.len()
    ));
    print(&format!("rules of the order of calls: {order_rules:?}"));
    assert!(wrong.is_empty(), "{} failed: {wrong:#?}", wrong.len());
}
