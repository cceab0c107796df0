//! Measurement of libzmq: the program of `libzmq.c`, compiled by the user.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::{Failed, Figures, LOADS, ROUND_TRIPS, Taken};

/// Returns the program that the variable `NOOB_LIBZMQ` names.
pub(crate) fn program() -> Option<PathBuf> {
    std::env::var_os("NOOB_LIBZMQ").map(PathBuf::from)
}

/// Measures libzmq once, with this mechanism.
pub(crate) fn measure(program: &PathBuf, mechanism: &str) -> Result<Figures, Failed> {
    let loads = LOADS.map(|load| format!("{}:{}:{}", load.size, load.count, load.window));
    let output = Command::new(program)
        .args([mechanism, &ROUND_TRIPS.to_string()])
        .args(loads)
        .output()
        .map_err(|error| format!("`{}` does not start: {error}", program.display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{}`: {} {said}", program.display(), output.status).into());
    }
    let mut rows = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let (one, other) = line.split_once(' ').ok_or("a line without two numbers")?;
        rows.push((one.parse::<f64>()?, other.parse::<f64>()?));
    }
    let Some(((p50, p99), loads)) = rows.split_first() else {
        return Err("it printed nothing".into());
    };
    let taken = |&(seconds, cpu)| Taken { seconds, cpu };
    Ok(Figures {
        round_trip: (Duration::from_secs_f64(*p50), Duration::from_secs_f64(*p99)),
        loads: loads.iter().map(taken).collect(),
    })
}
