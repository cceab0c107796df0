//! Compares answers of Python nodes with the recordings.
//!
//! `tests/python` runs the cases with nodes in Python, and writes what came into the folder that
//! `NOOB_PYTHON_ANSWERS` names: a file for each case, with an entry for each runner.

use std::path::{Path, PathBuf};

use noob_zmq::graph::Tube;
use noob_zmq::graph::spec::TubeErrors;
use serde_json::Value as Json;

use super::case::{RUNNERS, answer, tube};
use super::compare::{Failure, FailureKind, same_events};
use super::deviation::{Came, Compared, Deviation};
use super::{Verdict, rules};

/// Returns the folder of answers, if there is one.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os("NOOB_PYTHON_ANSWERS").map(PathBuf::from)
}

/// Compares the answers for a case with its recording, for every runner.
///
/// # Panics
/// Panics on a case without answers.
pub(crate) fn check(folder: &Path, case: &Json) -> Vec<(&'static str, Verdict)> {
    let name = case["name"].as_str().unwrap_or_default();
    let file = folder.join(format!("{name}.json"));
    let text = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("`{}` cannot be read: {error}", file.display()));
    let answers: Json = serde_json::from_str(&text).expect("answers are JSON");
    let tube = tube(case);
    let explained = |deviation: Box<Deviation>| {
        let rule = rules::explain(case, tube.as_ref().ok(), &deviation);
        (deviation.why, rule)
    };
    RUNNERS
        .iter()
        .map(|runner| {
            let compared = compare(case, &tube, &answers[runner]);
            (*runner, compared.map_err(explained))
        })
        .collect()
}

fn compare(case: &Json, tube: &Result<Tube, TubeErrors>, answers: &Json) -> Compared {
    let loaded = |why| Err(Deviation::loaded(why));
    let must_not_load = !case["load"]["error"].is_null();
    if let Some(refused) = answers["refused"].as_str() {
        return match (&case["refused"], tube) {
            (Json::String(words), _) if refused.contains(words) => Ok(()),
            (Json::Null, _) if must_not_load => Ok(()),
            (Json::Null, Err(errors)) => Err(Deviation::refused(errors)),
            _ => loaded(format!("it was refused: {refused}")),
        };
    }
    if must_not_load || case["refused"].is_string() {
        return loaded("it was loaded".to_owned());
    }
    if !case["init_error"].is_null() {
        return match answers["init_error"].is_string() {
            true => Ok(()),
            false => loaded(format!("it was started, expected {}", case["init_error"])),
        };
    }
    let returns = tube.as_ref().ok().and_then(Tube::return_node);
    let returns = returns.map(|node| node.id.to_string());
    for (number, call) in case["calls"].as_array().into_iter().flatten().enumerate() {
        let came = &answers["calls"][number];
        answer(&format!("call {number}"), Some(number), came_as(came), call)?;
        let recorded = &case["events"][number];
        if call["error"].is_null() && !recorded.is_null() {
            let events = came["events"].as_array().cloned().unwrap_or_default();
            same_events(recorded, &events, returns.as_deref()).map_err(|why| {
                Box::new(Deviation {
                    call: Some(number),
                    came: Came::Events(events.clone()),
                    value: recorded.clone(),
                    error: None,
                    why: format!("call {number}: {why}"),
                })
            })?;
        }
    }
    for key in ["run_n", "iter_n"] {
        if case[key]["n"].is_u64() {
            answer(key, None, came_as(&answers[key]), &case[key])?;
        }
    }
    Ok(())
}

/// Returns the value or the error that came.
fn came_as(came: &Json) -> Result<Json, Failure> {
    let error = &came["error"];
    let kind = match error["kind"].as_str() {
        None => return Ok(came["returns"].clone()),
        Some("SchedulerExhaustedError") => FailureKind::Exhausted,
        Some("InputMissingError") => FailureKind::Input,
        Some("NothingReturnedError") => FailureKind::NothingReturned,
        Some("NodeDiedError" | "NotReadyError" | "RunnerError") => FailureKind::Other,
        Some(_) => FailureKind::Node,
    };
    Err(Failure::new(
        kind,
        error["text"].as_str().unwrap_or_default(),
    ))
}
