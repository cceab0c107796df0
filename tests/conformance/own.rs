//! Cases of this project: tube files whose comments hold the expectation.
//!
//! Lines that begin with `#>` are the expectation, as JSON; other comments give reasons. Tubes that
//! the first one needs follow after `---`.
//!
//! | key | meaning |
//! |---|---|
//! | `rule` | number of the rule of noob, or name of a rule of `docs/differences.md` |
//! | `returns` | the results of the calls; `null`: nothing; `{"$error": KIND}`: an error |
//! | `inputs` | the process-scoped inputs of each call |
//! | `given` | the tube-scoped inputs |
//! | `events` | the events of the first call: `[node, signal, epoch, value]`, in no order |
//! | `run`, `iter` | the results of `run(5)` and `iter(3)` of a new runner |
//! | `refused` | words of the first mistake: the tube does not load |

use super::rules;
use serde_json::{Map, Value as Json, json};

/// Converts a file into a case in the recorded form.
///
/// # Panics
/// Panics on an expectation that is no JSON or has an unknown key.
pub(crate) fn read(name: &str, text: &str) -> Json {
    let expected: String = text
        .lines()
        .filter_map(|line| line.strip_prefix("#>"))
        .collect();
    let expected: Json = serde_json::from_str(&expected)
        .unwrap_or_else(|error| panic!("`{name}` expects no JSON: {error}"));
    let known = [
        "rule", "returns", "inputs", "given", "events", "run", "iter", "refused",
    ];
    for key in expected.as_object().into_iter().flat_map(Map::keys) {
        assert!(known.contains(&key.as_str()), "`{name}` expects `{key}`");
    }
    let rule = expected["rule"].as_str().unwrap_or_default();
    assert!(
        !rule.contains('/') || rules::names().any(|name| name == rule),
        "`{name}` follows `{rule}`, which is no rule"
    );
    let mut tubes = text.split("\n---\n");
    let mut others = Map::new();
    let main = tubes.next().unwrap_or_default();
    for other in tubes {
        let id = other
            .lines()
            .find_map(|line| line.strip_prefix("noob_id: "));
        others.insert(id.unwrap_or_default().to_owned(), other.into());
    }
    let returns = expected["returns"].as_array().cloned().unwrap_or_default();
    let calls = returns.iter().enumerate().map(|(number, returned)| {
        let (returned, error) = failed(returned);
        json!({"kwargs": expected["inputs"][number], "returns": returned, "error": error})
    });
    let run = |key: &str, n: u64| {
        let (values, error) = failed(&expected[key]);
        if expected[key].is_null() {
            Json::Null
        } else {
            json!({"n": n, "returns": values, "error": error})
        }
    };
    let events = expected["events"].as_array().map(|events| {
        let events = events.iter().map(|event| {
            json!({"node_id": event[0], "signal": event[1], "epoch": event[2], "value": event[3]})
        });
        json!([events.collect::<Json>()])
    });
    json!({
        "name": name,
        "yaml": main,
        "extra_tubes": others,
        "tube_input": expected["given"],
        "refused": expected["refused"],
        "calls": calls.collect::<Json>(),
        "events": events.unwrap_or_default(),
        "run_n": run("run", 5),
        "iter_n": run("iter", 3),
    })
}

/// Returns a value, or the kind of the error.
fn failed(expected: &Json) -> (Json, Json) {
    match &expected["$error"] {
        Json::Null => (expected.clone(), Json::Null),
        kind => {
            let kind = match kind.as_str() {
                Some("exhausted") => "SchedulerExhaustedError",
                Some("input") => "InputMissingError",
                Some("silent") => "RuntimeError",
                _ => "ValueError",
            };
            (Json::Null, json!({ "type": kind }))
        }
    }
}
