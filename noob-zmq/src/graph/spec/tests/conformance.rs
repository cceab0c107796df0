//! Accepted and rejected texts, compared with recorded answers of noob.
//!
//! `NOOB_CONFORMANCE_DIR` names the folder of the answers.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::fake::Fake;
use crate::graph::spec::{Library, load};
use crate::graph::{Map, Source, from_value, to_value};

/// Node types that the recorded tubes use.
const TYPES: &str = "
    source noob.testing.count_source(limit=, start=) -> index
    source noob.testing.letter_source() -> letter
    source noob.testing.word_source() -> word
    source noob.testing.multi_words_source(n) -> multi_words
    source noob.testing.sporadic_word(every=) -> word
    source noob.testing.sporadic_word_noevent(every=) -> word
    source noob.testing.word_counts() -> word, counts
    source noob.testing.switch() -> fruits, vegetables, minerals
    source noob.testing.cycle(start=, stop=, step=) -> value
    noob.testing.multiply(left, right=) -> value
    noob.testing.divide(numerator, denominator=) -> ratio
    noob.testing.concat(strings) -> value
    noob.testing.multi_concat(**) -> value
    noob.testing.exclaim(string, hype=) -> value
    noob.testing.repeat(string, times) -> value
    noob.testing.dictify(key, items) -> value
    noob.testing.passthrough(value, *, **) -> value
    noob.testing.input_party(one, two, three, four, five, six, seven) -> works
    noob.testing.this_or_that(this?, that?, the_other?) -> value
    noob.testing.long_add(value, sleep_for=) -> value
    noob.testing.just_wait(value, wait_for=) -> value
    noob.testing.number_to_letter(number, offset=) -> value
    class noob.testing.NumberToLetterCls[offset=](number) -> value
    noob.testing.error(value) -> value
    noob.testing.async_error(value) -> value
    noob.testing.inject_epoch(epoch=) -> value
    noob.testing.inject_eventmap(special_value, events=) -> value
    source noob.testing.CountSource(limit=, start=) -> index
    source noob.testing.UnannotatedGenerator(limit=, start=) -> value
    source noob.testing.CountSourceDecor(start=) -> count
    class noob.testing.Multiply(left, right=) -> product
    class noob.testing.VolumeProcess[height=](width, depth) -> volume
    class noob.testing.Volume[height=](width, depth) -> volume
    class noob.testing.StatefulMultiply[start=](left, right=) -> value
    class noob.testing.InitCounter() -> inits, deinits
    class noob.testing.DynamicSignals[signals_, slots_]() ->
    noob.testing.increment(iterator, increment=) -> iterator, value
    noob.testing.fast_forward(generator, n=) -> next
    noob.testing.jump(generator, n=) -> skirttt, next
    noob.testing.rewind(generator, n=) -> skrittt
    noob.testing.zip_iter(*) -> value
    noob.testing.node_a(**) -> value
    noob.testing.node_b(**) -> value
    noob.testing.node_c(**) -> value
    source gnodes.lists(sizes=, start=, step=) -> items
    source gnodes.nested_lists(outer=, inner=) -> items
    gnodes.drop_odd(value) -> even
    gnodes.parity(value) -> even, odd
    gnodes.fail_at(value, at=) -> value
    gnodes.pair(a, b) -> value
    gnodes.opt(a?, b?, c?) -> value
    gnodes.req_opt(a, b?) -> value
    gnodes.short(value) -> one, two, three
    gnodes.none_if_odd(value) -> value
    gnodes.incr(counter) -> counter, value
    class gnodes.Acc[start=](value) -> value
    gnodes.adouble(value) -> value
    gnodes.plus1(value) -> value
    gnodes.bare_noevent(value) -> one, two
    source gnodes.limited_pair(limit=) -> one, two
    gnodes.none_two(value) -> one, two
    gnodes.takes_node(node) -> value
    divmod(x, y) -> value
    abs(x) -> value
    hex(number) -> value
    sum(iterable, start=) -> value
    len(obj) -> value
";

/// Recorded cases that have another answer here, with the reasons.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "asset_generations",
        "`a1` and `a2` lack the argument `value`; noob says so when it calls them",
    ),
    (
        "extends_expected",
        "`c.value` does not exist; noob waits for it for ever",
    ),
    (
        "extends_main",
        "`c.value` does not exist; noob waits for it for ever",
    ),
    (
        "gui_test",
        "a source has `depends`, and a package of node types is not there; noob says so when it \
         runs",
    ),
    (
        "asset_type_missing_module",
        "types of assets are not looked up: assets are not supported yet",
    ),
    (
        "extends_parent_has_no_nodes",
        "a tube without `nodes` can be extended; noob's `KeyError` is an accident",
    ),
    (
        "input_required_process_missing",
        "what is missing is an input of `process`: the runner says so",
    ),
];

#[test]
fn rules_of_noob_are_kept() {
    let Some(folder) = std::env::var_os("NOOB_CONFORMANCE_DIR").map(PathBuf::from) else {
        eprintln!("SKIPPED: set NOOB_CONFORMANCE_DIR to a folder of recorded cases");
        return;
    };
    let mut failures = Vec::new();
    let mut count = 0;
    for path in files(&folder)
        .into_iter()
        .chain(files(&folder.join("invalid")))
    {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let case: Json =
            serde_json::from_slice(&std::fs::read(&path).expect("a case")).expect("JSON");
        let Some(yaml) = case["yaml"].as_str().filter(|_| !name.starts_with('_')) else {
            continue;
        };
        // Of recorded runs, only those that never began are refusals.
        let refused = match case.get("load") {
            Some(load) => !load["error"].is_null(),
            None => case["ok"] == Json::Bool(false),
        };
        count += 1;
        let answer = answer(yaml, &case);
        if answer.is_err() != refused && !DIFFERENT.iter().any(|(different, _)| *different == name)
        {
            let error = if case["error"].is_null() {
                &case["load"]["error"]
            } else {
                &case["error"]
            };
            failures.push(match answer {
                Ok(()) => format!(
                    "{name}: accepted; noob refuses at {}: {error}",
                    case["stage"]
                ),
                Err(errors) => format!("{name}: refused; noob accepts\n{errors}"),
            });
        }
    }
    assert!(count > 0, "{} holds no cases", folder.display());
    assert!(
        failures.is_empty(),
        "{} of {count} differ\n{}",
        failures.len(),
        failures.join("\n")
    );
}

fn answer(yaml: &str, case: &Json) -> Result<(), String> {
    let mut library = Library::default();
    for (id, text) in case["extra_tubes"].as_object().into_iter().flatten() {
        library.insert(
            id,
            Source::new(format!("{id}.yaml"), text.as_str().unwrap_or_default()),
        );
    }
    let source = Source::new("case.yaml", yaml);
    if let Some(id) = yaml.lines().find_map(|line| line.strip_prefix("noob_id: ")) {
        library.insert(id, source.clone());
    }
    let given: Map = from_value(&to_value(&case["tube_input"]).map_err(|error| error.to_string())?)
        .unwrap_or_default();
    match load(&source, &Fake::new(TYPES), &library, &given) {
        Err(errors) => Err(errors.render()),
        Ok(_) => Ok(()),
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|ext| ext == "json"))
        .collect();
    files.sort();
    files
}
