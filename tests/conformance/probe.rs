//! Runs a load probe on every runner: a tube that is refused, or looks as if it should be.

use noob_zmq::graph::Tube;
use noob_zmq::graph::spec::TubeErrors;
use noob_zmq::runner::{RunError, RunnerExt};
use serde_json::Value as Json;

use super::case::{RUNNERS, make, map, tube};
use super::compare::{Failure, same};
use super::deviation::{Came, Compared, Deviation};
use super::{Verdict, rules};

/// Loads the tube and, if the load may succeed, runs it.
pub(crate) fn check(probe: &Json) -> Vec<(&'static str, Verdict)> {
    let tube = tube(probe);
    let explained = |deviation: Box<Deviation>| {
        let rule = rules::explain(probe, tube.as_ref().ok(), &deviation);
        (deviation.why, rule)
    };
    let check = |runner| check_on(probe, &tube, runner).map_err(explained);
    RUNNERS
        .iter()
        .map(|runner| (*runner, check(*runner)))
        .collect()
}

fn check_on(probe: &Json, tube: &Result<Tube, TubeErrors>, name: &str) -> Compared {
    let good = probe["ok"] == Json::Bool(true);
    let at_load = matches!(probe["stage"].as_str(), Some("spec" | "tube"));
    let tube = match tube {
        Err(errors) if good => return Err(Deviation::refused(errors)),
        // The tube is refused when noob refuses it, or earlier.
        Err(_) => return Ok(()),
        Ok(_) if at_load => {
            let why = format!("it was loaded, expected {}", probe["error"]["type"]);
            return Err(Deviation::loaded(why));
        }
        Ok(tube) => tube,
    };
    let recorded = &probe["returns3"];
    let answer = |came: Result<Json, RunError>, why| {
        Err(Box::new(Deviation {
            call: None,
            came: Came::Answer(came.map_err(Failure::from)),
            value: recorded.clone(),
            error: probe["error"]["type"].as_str().map(str::to_owned),
            why,
        }))
    };
    match run(probe, tube, name) {
        Ok(returns) if good && (recorded.is_null() || same(&returns, recorded)) => Ok(()),
        Ok(returns) => {
            let why = format!(
                "gave {returns}, expected {recorded}, {}",
                probe["error"]["type"]
            );
            answer(Ok(returns), why)
        }
        Err(error) if good => {
            let why = format!("it failed: {error}");
            answer(Err(error), why)
        }
        Err(_) => Ok(()),
    }
}

/// Returns the results of three calls.
fn run(probe: &Json, tube: &Tube, name: &str) -> Result<Json, RunError> {
    let mut made = make(name, tube.clone())?;
    let mut returns = Vec::new();
    for _ in 0..3 {
        let value = made.runner.process(map(&probe["kwargs"]))?;
        returns.push(serde_json::to_value(&value).unwrap_or_default());
    }
    Ok(Json::Array(returns))
}
