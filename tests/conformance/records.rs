//! Records each case on every runner, and replays the records on every runner.

use std::path::Path;
use std::sync::{Arc, Mutex};

use noob_zmq::graph::{Emit, Event, Map, Tube};
use noob_zmq::record::{Record, Recording, Replay, compare};
use noob_zmq::runner::{RunError, RunnerExt};
use serde_json::Value as Json;

use super::case::{RUNNERS, make, map, tube};
use super::compare::{event, same, same_events};

/// Words of the error for a record that can replace no node.
const NOTHING: &str = "it has no signals of a node that it could replace";

/// Results of the calls of a run.
struct Run {
    /// Value, or kind of error, of each epoch that counts.
    results: Vec<Result<Json, String>>,
    /// Events with a value.
    events: Vec<Json>,
}

/// Returns what differs between the recorded runs of a case and their replays.
pub(crate) fn check(case: &Json) -> Vec<String> {
    let (Ok(tube), true) = (tube(case), case["init_error"].is_null()) else {
        return Vec::new();
    };
    let calls = case["calls"].as_array().into_iter().flatten();
    let inputs: Vec<Map> = calls.map(|call| map(&call["kwargs"])).collect();
    let dir = tempfile::TempDir::with_prefix("nzr").expect("a directory");
    let mut differ = Vec::new();
    for recorded_on in RUNNERS {
        let file = dir.path().join(format!("{recorded_on}.mcap"));
        let original = match run(recorded_on, tube.clone(), &inputs, &file) {
            Ok(run) => run,
            Err(error) => {
                differ.push(format!("on {recorded_on}: {error}"));
                continue;
            }
        };
        for replayed_on in RUNNERS {
            // Each runner replays its own record and that of one other.
            if recorded_on != replayed_on && recorded_on != "sync" {
                continue;
            }
            let target = dir.path().join(format!("{recorded_on}-{replayed_on}.mcap"));
            if let Err(why) = check_replay(&original, &file, &target, &tube, replayed_on) {
                differ.push(format!(
                    "recorded on {recorded_on}, on {replayed_on}: {why}"
                ));
            }
        }
    }
    differ
}

fn check_replay(
    original: &Run,
    file: &Path,
    target: &Path,
    tube: &Tube,
    runner: &str,
) -> Result<(), String> {
    let text = |error: noob_zmq::record::RecordError| error.to_string();
    let replay = Replay::open(file).map_err(text)?;
    let replayed = match replay.tube(tube.clone()) {
        Ok(replayed) => replayed,
        // Its nodes share objects, or none has emitted anything: nothing can be replaced.
        Err(error) if error.to_string().contains(NOTHING) => {
            let signals = Record::open(file).map_err(text)?.signals();
            let may_be = !tube.assets.is_empty() || signals.iter().all(|signal| signal.events == 0);
            return if may_be { Ok(()) } else { Err(text(error)) };
        }
        Err(error) => return Err(text(error)),
    };
    let inputs = replay.inputs().map_err(text)?;
    let replayed = run(runner, replayed, &inputs, target)?;
    if original.results.len() != replayed.results.len() {
        return Err(format!(
            "{:?} became {:?}",
            original.results, replayed.results
        ));
    }
    for (epoch, (one, other)) in original.results.iter().zip(&replayed.results).enumerate() {
        let equal = match (one, other) {
            (Ok(one), Ok(other)) => same(one, other),
            (one, other) => one == other,
        };
        if !equal {
            return Err(format!("epoch {epoch}: {one:?} became {other:?}"));
        }
    }
    let returns = tube.return_node().map(|node| node.id.to_string());
    // The events before a failure are a matter of chance.
    let done = |run: &Run| -> Vec<Json> {
        let of_done = |event: &&Json| {
            let number = event["epoch"]
                .as_u64()
                .or_else(|| event["epoch"][0].as_u64());
            let result = number.and_then(|number| run.results.get(usize::try_from(number).ok()?));
            matches!(result, Some(Ok(_)))
        };
        run.events.iter().filter(of_done).cloned().collect()
    };
    same_events(
        &Json::Array(done(original)),
        &done(&replayed),
        returns.as_deref(),
    )?;
    let (one, other) = (Record::open(file), Record::open(target));
    let comparison = compare(&one.map_err(text)?, &other.map_err(text)?).map_err(text)?;
    match comparison.difference {
        Some(difference) => Err(format!("the records differ: {difference}")),
        None => Ok(()),
    }
}

/// Runs a tube, and records it into a file.
fn run(runner: &str, tube: Tube, inputs: &[Map], file: &Path) -> Result<Run, String> {
    let mut made = make(runner, tube).map_err(|error| error.to_string())?;
    let recording = Recording::new(file);
    let recorded = made.runner.record(recording);
    recorded.map_err(|error| error.to_string())?;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    made.runner.add_callback(Box::new(move |said: &Event| {
        // Nobody can tell no value from a node that was not called.
        if matches!(said.value, Emit::Value(_)) {
            ear.lock().expect("no panic").push(event(said));
        }
    }));
    let mut results = Vec::new();
    for inputs in inputs {
        let result = match made.runner.process(inputs.clone()) {
            // No epoch was opened.
            Err(RunError::Input(_) | RunError::Exhausted) => continue,
            Err(RunError::Node(failure)) => Err(format!("{}: {}", failure.node, failure.error)),
            Err(error) => Err(error.to_string()),
            Ok(value) => Ok(serde_json::to_value(&value).unwrap_or_default()),
        };
        results.push(result);
    }
    made.runner.deinit().map_err(|error| error.to_string())?;
    let counted = Record::open(file).map_err(|error| error.to_string())?;
    // A call in which the sources have ended is none of the record.
    let epochs = counted.epochs().len();
    while results.len() > epochs && matches!(results.last(), Some(Ok(Json::Null))) {
        results.pop();
    }
    let events = std::mem::take(&mut *heard.lock().expect("no panic"));
    Ok(Run { results, events })
}
