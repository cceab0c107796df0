//! Runs a load probe on every runner: a tube that is refused, or looks as if it should be.

use noob_zmq::runner::RunError;
use noob_zmq::runner::RunnerExt;
use serde_json::Value as Json;

use super::Verdict;
use super::case::{RUNNERS, make, map, tube};
use super::compare::same;

/// Loads the tube and, if the load may succeed, runs it.
pub(crate) fn check(probe: &Json) -> Vec<(&'static str, Verdict)> {
    RUNNERS
        .iter()
        .map(|runner| (*runner, check_on(probe, runner)))
        .collect()
}

fn check_on(probe: &Json, name: &str) -> Verdict {
    let good = probe["ok"] == Json::Bool(true);
    match (run(probe, name), good) {
        (Ok(returns), true) => {
            let recorded = &probe["returns3"];
            if recorded.is_null() || same(&returns, recorded) {
                Ok(())
            } else {
                Err(format!("gave {returns}, expected {recorded}"))
            }
        }
        (Ok(returns), false) => Err(format!(
            "gave {returns}, expected {}",
            probe["error"]["type"]
        )),
        (Err(error), true) => Err(format!("it was refused: {error}")),
        // The tube is refused when noob refuses it, or earlier.
        (Err(_), false) => Ok(()),
    }
}

/// Returns the results of three calls.
fn run(probe: &Json, name: &str) -> Result<Json, String> {
    let told = |error: RunError| error.to_string();
    let tube = tube(probe).map_err(|errors| {
        let first = errors.diagnostics().first().map(ToString::to_string);
        first.unwrap_or_default()
    })?;
    let mut made = make(name, tube).map_err(told)?;
    let mut returns = Vec::new();
    for _ in 0..3 {
        let value = made.runner.process(map(&probe["kwargs"])).map_err(told)?;
        returns.push(serde_json::to_value(&value).unwrap_or_default());
    }
    Ok(Json::Array(returns))
}
