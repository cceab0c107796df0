//! Runs a recorded pipeline case on every runner.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use noob_zmq::graph::spec::{Library, TubeErrors, load};
use noob_zmq::graph::{Event, Map, Source, Tube, TubeNodeKind, to_value};
use noob_zmq::node::Registry;
use noob_zmq::runner::{RunError, Runner, RunnerExt, SyncRunner, TaskRunner, ZmqRunner};
use serde_json::{Value as Json, json};

use super::compare::{Failure, event, same, same_events};
use super::deviation::{Came, Compared, Deviation};
use super::{Verdict, rules};

/// Names of the runners.
pub(crate) const RUNNERS: [&str; 3] = ["sync", "task", "zmq"];

/// Runner with the directory of its sockets.
pub(crate) struct Made {
    pub(crate) runner: Box<dyn Runner>,
    _root: Option<tempfile::TempDir>,
}

/// Prefix of the name of a runner with a group, which is followed by the nodes of the group.
pub(crate) const GROUPED: &str = "zmq with ";

/// Returns the runner of this name.
pub(crate) fn make(name: &str, tube: Tube) -> Result<Made, RunError> {
    let mut root = None;
    let runner: Box<dyn Runner> = match name {
        "sync" => Box::new(SyncRunner::new(tube)?),
        "task" => Box::new(TaskRunner::new(tube)?),
        _ => {
            let dir = tempfile::TempDir::with_prefix("nz").expect("a directory for sockets");
            let mut builder = ZmqRunner::builder(tube).runtime_dir(dir.path().join("r"));
            if let Some(group) = name.strip_prefix(GROUPED) {
                builder = builder.group(group.split(' '));
            }
            let runner = builder.build();
            root = Some(dir);
            Box::new(runner)
        }
    };
    Ok(Made {
        runner,
        _root: root,
    })
}

/// Loads the tube of a case.
pub(crate) fn tube(case: &Json) -> Result<Tube, TubeErrors> {
    let source = |name: &str, text: &Json| {
        Source::new(format!("{name}.yaml"), text.as_str().unwrap_or_default())
    };
    let mut library = Library::default();
    for (name, text) in case["extra_tubes"].as_object().into_iter().flatten() {
        library.insert(name, source(name, text));
    }
    let registry = Registry::get().expect("a registry");
    load(
        &source("case", &case["yaml"]),
        registry,
        &library,
        &map(&case["tube_input"]),
    )
}

/// Returns a mapping as inputs.
pub(crate) fn map(json: &Json) -> Map {
    let value = to_value(json).ok();
    value
        .as_ref()
        .and_then(|value| value.as_map())
        .cloned()
        .unwrap_or_default()
}

/// Runs a case on every runner.
pub(crate) fn check(case: &Json) -> Vec<(&'static str, Verdict)> {
    let tube = tube(case);
    let explained = |deviation: Box<Deviation>| {
        let rule = rules::explain(case, tube.as_ref().ok(), &deviation);
        (deviation.why, rule)
    };
    let check = |runner| check_on(case, &tube, runner).map_err(explained);
    RUNNERS
        .iter()
        .map(|runner| (*runner, check(*runner)))
        .collect()
}

/// Runs a case with each pair of connected nodes in one process, and with all nodes in one; returns
/// the differences, and the number of groups.
pub(crate) fn check_groups(case: &Json) -> (Vec<String>, usize) {
    let loaded = tube(case);
    let Ok(known) = &loaded else {
        return (Vec::new(), 0);
    };
    let hosted = |name: &str| {
        let node = known.nodes.get(name);
        node.is_some_and(|node| node.kind != TubeNodeKind::Return)
    };
    let edges = known
        .edges
        .iter()
        .map(|edge| [&*edge.source_node, &*edge.target_node]);
    let pairs = edges.filter(|[from, to]| from != to && hosted(from) && hosted(to));
    let mut groups: BTreeSet<String> = pairs.map(|pair| pair.join(" ")).collect();
    let all = known.nodes.keys().filter(|name| hosted(name));
    groups.insert(all.map(ToString::to_string).collect::<Vec<_>>().join(" "));
    let mut differ = Vec::new();
    let mut run = 0;
    for group in groups.iter().filter(|group| !group.is_empty()) {
        let name = format!("{GROUPED}{group}");
        let start = |tube: &Tube| make(&name, tube.clone()).and_then(|mut made| made.runner.init());
        // Other groups than these are none, and errors of the start are those of the case.
        if let Err(RunError::CannotGroup { .. }) = start(known) {
            continue;
        }
        run += 1;
        if let Err(deviation) = check_on(case, &loaded, &name) {
            differ.push(format!("{name}: {}", deviation.why));
        }
    }
    (differ, run)
}

fn check_on(case: &Json, tube: &Result<Tube, TubeErrors>, name: &str) -> Compared {
    let refused = &case["load"]["error"];
    let loaded = |why| Err(Deviation::loaded(why));
    let tube = match tube {
        Err(errors) if case["refused"].is_string() => {
            let (first, words) = (first(errors), &case["refused"]);
            return if words.as_str().is_some_and(|words| first.contains(words)) {
                Ok(())
            } else {
                loaded(format!(
                    "it was refused for another reason than {words}: {first}"
                ))
            };
        }
        Ok(_) if case["refused"].is_string() => {
            return loaded(format!("it was loaded, expected {}", case["refused"]));
        }
        Ok(_) if !refused.is_null() => {
            return loaded(format!("it was loaded, expected {}", refused["type"]));
        }
        Err(_) if !refused.is_null() => return Ok(()),
        Ok(tube) => tube,
        Err(errors) => return Err(Deviation::refused(errors)),
    };
    let fresh = || {
        make(name, tube.clone())
            .map_err(|error| Deviation::loaded(format!("there is no runner: {error}")))
    };
    if !case["init_error"].is_null() {
        return match fresh().map(|mut made| made.runner.init()) {
            Ok(Ok(())) => loaded(format!("it was started, expected {}", case["init_error"])),
            _ => Ok(()),
        };
    }
    calls(case, tube, fresh()?)?;
    run_n(&case["run_n"], fresh()?)?;
    iter_n(&case["iter_n"], tube, fresh()?)
}

/// Returns the first mistake of a tube.
pub(crate) fn first(errors: &TubeErrors) -> String {
    let first = errors.diagnostics().first().map(ToString::to_string);
    first.unwrap_or_default()
}

fn calls(case: &Json, tube: &Tube, mut made: Made) -> Compared {
    let returns = tube.return_node().map(|node| node.id.to_string());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    // The value is recorded on receipt: it may hold an asset, which changes later.
    made.runner.add_callback(Box::new(move |said: &Event| {
        ear.lock().expect("no panic").push(event(said));
    }));
    for (number, call) in case["calls"].as_array().into_iter().flatten().enumerate() {
        heard.lock().expect("no panic").clear();
        let result = made.runner.process(map(&call["kwargs"]));
        let value = result.map(|value| serde_json::to_value(&value).unwrap_or_default());
        answer(&format!("call {number}"), Some(number), value, call)?;
        let recorded = &case["events"][number];
        if call["error"].is_null() && !recorded.is_null() {
            let said = heard.lock().expect("no panic");
            same_events(recorded, &said, returns.as_deref()).map_err(|why| {
                Box::new(Deviation {
                    call: Some(number),
                    came: Came::Events(said.clone()),
                    value: recorded.clone(),
                    error: None,
                    why: format!("call {number}: {why}"),
                })
            })?;
        }
    }
    Ok(())
}

/// Pretends that noob recorded a wrong answer where the answers are equal, and returns those that
/// a rule explains.
pub(crate) fn explained_wrong_answers(case: &Json) -> Vec<String> {
    let Ok(tube) = tube(case) else {
        return Vec::new();
    };
    let Ok(mut made) = make("sync", tube.clone()) else {
        return Vec::new();
    };
    let wrong = [
        json!({"returns": {"wrong": "answer"}, "error": null}),
        json!({"returns": null, "error": {"type": "$HANG"}}),
        json!({"returns": null, "error": {"type": "KeyError"}}),
    ];
    let mut explained = Vec::new();
    for (number, call) in case["calls"].as_array().into_iter().flatten().enumerate() {
        let mut came = || {
            let result = made.runner.process(map(&call["kwargs"]));
            result.map(|value| serde_json::to_value(&value).unwrap_or_default())
        };
        let Ok(value) = came() else { break };
        if answer("", Some(number), came_value(&value), call).is_err() {
            break;
        }
        for wrong in &wrong {
            let compared = answer("", Some(number), came_value(&value), wrong);
            let deviation = compared.expect_err("a wrong answer");
            let rule = rules::explain(case, Some(&tube), &deviation);
            explained.extend(rule.map(|rule| format!("call {number}: {rule}: {wrong}")));
        }
    }
    explained
}

fn came_value(value: &Json) -> Result<Json, Failure> {
    Ok(value.clone())
}

/// Compares a result with the recorded one: a value, or the kind of an error.
pub(crate) fn answer(
    what: &str,
    call: Option<usize>,
    came: Result<Json, impl Into<Failure>>,
    recorded: &Json,
) -> Compared {
    let came = came.map_err(Into::into);
    let (value, error) = (&recorded["returns"], recorded["error"]["type"].as_str());
    let why = match (&came, error) {
        (Ok(came), None) if same(came, value) => return Ok(()),
        (Err(came), Some(error)) if came.is(error) => return Ok(()),
        (Ok(came), None) => format!("{what}: gave {came}, expected {value}"),
        (Ok(came), Some(error)) => format!("{what}: gave {came}, expected {error}"),
        (Err(came), None) => format!("{what}: failed, expected {value}: {came}"),
        (Err(came), Some(error)) => format!("{what}: failed, expected {error}: {came}"),
    };
    Err(Box::new(Deviation {
        call,
        came: Came::Answer(came),
        value: value.clone(),
        error: error.map(str::to_owned),
        why,
    }))
}

fn run_n(recorded: &Json, mut made: Made) -> Compared {
    let Some(n) = recorded["n"].as_u64() else {
        return Ok(());
    };
    let values = made.runner.run(n).map(|values| {
        // noob does not distinguish `None` from nothing.
        let values = values.iter().filter(|value| !value.is_null());
        let values: Json = values
            .map(|value| serde_json::to_value(value).unwrap_or_default())
            .collect();
        if values == Json::Array(Vec::new()) {
            Json::Null
        } else {
            values
        }
    });
    answer(&format!("run({n})"), None, values, recorded)
}

fn iter_n(recorded: &Json, tube: &Tube, mut made: Made) -> Compared {
    let Some(n) = recorded["n"].as_u64() else {
        return Ok(());
    };
    let returns = tube.return_node().is_some();
    let values = made.runner.iter(n).and_then(|mut values| {
        let mut came = Vec::new();
        // noob skips a returned `None` and takes another value.
        while let Some(value) = values.next().transpose()? {
            came.push(value);
        }
        Ok(came)
    });
    let values = values.and_then(|mut came| {
        if returns {
            came.retain(|value| !value.is_null());
            while (came.len() as u64) < n {
                let Some(value) = made.runner.iter(1)?.next().transpose()? else {
                    break;
                };
                came.extend(Some(value).filter(|value| !value.is_null()));
            }
        }
        let values = came
            .iter()
            .map(|value| serde_json::to_value(value).unwrap_or_default());
        Ok(values.collect::<Json>())
    });
    answer(&format!("iter({n})"), None, values, recorded)
}
