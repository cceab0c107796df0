//! noob's `ZMQRunner`, in the Python that `NOOB_PYTHON` names.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::Failed;
use crate::job::{Graph, Job, Pace, Role, Values};

/// Returns the Python that has noob, if the user names one.
pub(crate) fn python() -> Option<OsString> {
    std::env::var_os("NOOB_PYTHON")
}

/// Whether noob has this job: it measures `process` and rates, without maps.
pub(crate) fn takes(job: &Job) -> bool {
    job.pace != Pace::Paused && matches!(job.graph, Graph::Chain(_) | Graph::Diamond)
}

/// Runs a job, and returns what the Python program prints.
pub(crate) fn measure(job: &Job) -> Result<Value, Failed> {
    let what = match job.pace {
        Pace::Process => "process",
        _ => "run",
    };
    let python = python().ok_or("`NOOB_PYTHON` is not set")?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/chain/noob_nodes.py");
    let output = Command::new(python)
        .arg(script)
        .args([what, &tube_of(job)?, &job.count.to_string()])
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("noob: {} {said}", output.status).into());
    }
    let said = String::from_utf8_lossy(&output.stdout);
    Ok(serde_json::from_str(
        said.lines().last().unwrap_or_default(),
    )?)
}

fn tube_of(job: &Job) -> Result<String, Failed> {
    let mut text = "noob_id: chain\nnodes:\n".to_owned();
    let large = job.values == Values::Large;
    for (number, part) in job.graph.parts().into_iter().enumerate() {
        let inputs = &part.inputs;
        let described = match part.role {
            Role::Source if large => "type: noob_nodes.blobs".to_owned(),
            Role::Source => "type: noob_nodes.numbers".to_owned(),
            Role::Pass if large => {
                format!(
                    "type: noob_nodes.length, depends: [{{left: n{}.value}}]",
                    inputs[0]
                )
            }
            Role::Pass => {
                format!(
                    "type: noob_nodes.multiply, depends: [{{left: n{}.value}}]",
                    inputs[0]
                )
            }
            Role::Join => format!(
                "type: noob_nodes.join, depends: [{{left: n{}.value}}, {{right: n{}.value}}]",
                inputs[0], inputs[1]
            ),
            Role::Sink => format!("type: return, depends: [{{value: n{}.value}}]", inputs[0]),
            Role::Split | Role::Gather(_) => return Err("noob is not asked for maps".into()),
        };
        writeln!(text, "  n{number}: {{{described}}}")?;
    }
    Ok(text)
}
