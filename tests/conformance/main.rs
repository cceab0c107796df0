//! Recorded runs of noob, repeated here: every pipeline case of the folder that `NOOB_CONFORMANCE_DIR` names.
//!
//! A line is printed for each case that does not pass, and the totals at the end. The test fails when a case whose recorded behaviour is not
//! suspect gives something else. Cases that need what is not there (assets, Python objects, node types of other projects) are counted as such.

mod nodes;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use noob_zmq::graph::spec::{Library, load};
use noob_zmq::graph::{Emit, Epoch, Event, Map, Source, to_value};
use noob_zmq::node::Registry;
use noob_zmq::runner::{RunError, Runner, SyncRunner};
use serde_json::{Value as Json, json};

/// What became of a case.
#[derive(Debug, Clone, PartialEq)]
enum Verdict {
    Passed,
    /// What was expected and what came.
    Failed(String),
    /// Something is needed that is not there.
    Unsupported(String),
}

#[test]
fn pipelines() {
    let Some(folder) = std::env::var_os("NOOB_CONFORMANCE_DIR") else {
        println!("skipped: NOOB_CONFORMANCE_DIR names no folder of recorded runs");
        return;
    };
    let mut files: Vec<_> = std::fs::read_dir(Path::new(&folder))
        .expect("the folder that NOOB_CONFORMANCE_DIR names")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .filter(|path| {
            !path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with('_'))
        })
        .collect();
    files.sort();
    let mut totals: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a case");
        let case: Json = serde_json::from_str(&text).expect("a case is JSON");
        let name = case["name"].as_str().unwrap_or_default();
        let suspect = !case["suspect"].is_null();
        let (what, line) = match (run(&case), suspect) {
            (Verdict::Passed, _) => ("passed", None),
            (Verdict::Unsupported(why), _) => ("unsupported", Some(why)),
            (Verdict::Failed(why), true) => {
                ("otherwise than recorded, which is suspect", Some(why))
            }
            (Verdict::Failed(why), false) => ("failed", Some(why)),
        };
        *totals.entry(what).or_default() += 1;
        if let Some(line) = line {
            println!("{name}: {what}: {line}");
            if what == "failed" {
                wrong.push(name.to_owned());
            }
        }
    }
    println!("totals: {totals:?}");
    assert!(wrong.is_empty(), "these cases failed: {wrong:?}");
}

/// Runs one case.
fn run(case: &Json) -> Verdict {
    nodes::reset_random();
    let source = |name: &str, text: &Json| {
        // Python's builtins have no dot in their names; node types of Rust always have one.
        let mut text = text.as_str().unwrap_or_default().to_owned();
        for builtin in ["sum", "abs", "divmod"] {
            for end in [',', ' ', '\n', '}'] {
                text = text.replace(
                    &format!("type: {builtin}{end}"),
                    &format!("type: builtins.{builtin}{end}"),
                );
            }
        }
        Source::new(format!("{name}.yaml"), text)
    };
    let mut library = Library::default();
    for (name, text) in case["extra_tubes"].as_object().into_iter().flatten() {
        library.insert(name, source(name, text));
    }
    let given: Map = match to_value(&case["tube_input"])
        .ok()
        .as_ref()
        .and_then(|value| value.as_map())
    {
        Some(given) => given.clone(),
        None => Map::new(),
    };
    let registry = Registry::get().expect("a registry");
    let refused = &case["load"]["error"];
    let tube = match load(&source("case", &case["yaml"]), registry, &library, &given) {
        Ok(tube) if refused.is_null() => tube,
        Ok(_) => return Verdict::Failed(format!("it was loaded; expected {}", refused["type"])),
        Err(_) if !refused.is_null() => return Verdict::Passed,
        Err(errors) => {
            let first = errors
                .problems()
                .first()
                .map(ToString::to_string)
                .unwrap_or_default();
            let missing = errors.problems().iter().any(|problem| {
                let text = problem.to_string();
                ["no node type", "assets are not supported"]
                    .iter()
                    .any(|word| text.contains(word))
            });
            return if missing {
                Verdict::Unsupported(first)
            } else {
                Verdict::Failed(format!("it was refused: {first}"))
            };
        }
    };
    let returns: Vec<String> = tube
        .return_node()
        .map(|node| node.id.to_string())
        .into_iter()
        .collect();
    let mut runner = match SyncRunner::new(tube) {
        Ok(runner) => runner,
        Err(error) => return Verdict::Failed(format!("no runner: {error}")),
    };
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    runner.add_callback(Box::new(move |event: &Event| {
        ear.lock().expect("no panic").push(event.clone())
    }));
    for (number, call) in case["calls"].as_array().into_iter().flatten().enumerate() {
        heard.lock().expect("no panic").clear();
        if let Err(why) = compare(call, &mut runner) {
            return Verdict::Failed(format!("call {number}: {why}"));
        }
        let recorded = &case["events"][number];
        if call["error"].is_null() && !recorded.is_null() {
            let said: Vec<Json> = heard.lock().expect("no panic").iter().map(event).collect();
            if let Err(why) = same_events(recorded, &said, &returns) {
                return Verdict::Failed(format!("call {number}: {why}"));
            }
        }
    }
    Verdict::Passed
}

fn compare(call: &Json, runner: &mut SyncRunner) -> Result<(), String> {
    let input = to_value(&call["kwargs"]).map_err(|error| error.to_string())?;
    let result = runner.process(input.as_map().cloned().unwrap_or_default());
    let error = call["error"]["type"].as_str();
    match (result, error) {
        (Ok(value), None) => {
            let came = serde_json::to_value(&value).map_err(|error| error.to_string())?;
            let expected = &call["returns"];
            if same(&came, expected) {
                Ok(())
            } else {
                Err(format!("gave {came}, expected {expected}"))
            }
        }
        (Ok(value), Some(error)) => Err(format!("gave {value:?}, expected {error}")),
        (Err(came), None) => Err(format!("failed, expected {}: {came}", call["returns"])),
        (Err(came), Some(error)) => {
            let kind = match &came {
                RunError::Exhausted => "SchedulerExhaustedError",
                RunError::Input(_) => "InputMissingError",
                _ => "a node's",
            };
            let ours = matches!(error, "SchedulerExhaustedError" | "InputMissingError");
            if error != "$HANG" && (error == kind || (!ours && kind == "a node's")) {
                Ok(())
            } else {
                Err(format!("failed, expected {error}: {came}"))
            }
        }
    }
}

/// Whether two values are the same; numbers by their value.
fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, value)| other.get(key).is_some_and(|other| same(value, other)))
        }
        _ => one == other,
    }
}

fn event(event: &Event) -> Json {
    let value = match &event.value {
        Emit::Value(value) => serde_json::to_value(value).unwrap_or_default(),
        Emit::Nothing => json!("__META__NoEvent"),
        Emit::Exhausted => json!("__META__Exhausted"),
    };
    json!({"node_id": &*event.node_id, "signal": &*event.signal, "epoch": epoch(&event.epoch), "value": value})
}

fn epoch(epoch: &Epoch) -> Json {
    if epoch.is_root() {
        return json!(epoch.number());
    }
    let segments = epoch
        .path()
        .iter()
        .map(|segment| json!([&*segment.node, segment.index]));
    [json!(epoch.number())]
        .into_iter()
        .chain(segments)
        .collect()
}

/// Compares events as sets. In which epochs a return is called is not compared: it says nothing.
fn same_events(recorded: &Json, said: &[Json], returns: &[String]) -> Result<(), String> {
    let counts = |event: &&Json| {
        let node = event["node_id"].as_str().unwrap_or_default();
        node != "meta" && !returns.iter().any(|id| id == node)
    };
    let mut open: Vec<&Json> = said.iter().filter(counts).collect();
    for event in recorded.as_array().into_iter().flatten().filter(counts) {
        match open.iter().position(|other| same(event, other)) {
            Some(place) => drop(open.swap_remove(place)),
            None => return Err(format!("the event {event} did not come; over: {open:?}")),
        }
    }
    match open.first() {
        Some(over) => Err(format!("the event {over} came and was not expected")),
        None => Ok(()),
    }
}
