//! The cases of this project: tube files whose comments say what is expected of them.
//!
//! Lines that begin with `#>` are the expectation, as JSON; other comments say why. Tubes that the first one needs follow behind `---`.
//!
//! | key | what |
//! |---|---|
//! | `rule` | where it is written in the rules of noob's behaviour |
//! | `returns` | what the calls return, one after the other; `null`: nothing. `{"$error": KIND}`: how they fail (`node`, `input`, `exhausted`) |
//! | `inputs` | the process-scoped inputs of each call |
//! | `given` | the tube-scoped inputs |
//! | `events` | what the first call says: `[node, signal, epoch, value]`, in no order |
//! | `run`, `iter` | what `run(5)` and `iter(3)` of a new runner give |
//! | `refused` | words of the first mistake: it does not load |

use serde_json::{Map, Value as Json, json};

/// Makes a case of a file, in the form of the recorded ones.
///
/// # Panics
/// An expectation that is no JSON, or has a key that is not known.
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

/// A value, and nothing; or nothing, and how it fails.
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
