//! noob's `SynchronousRunner` in a Python process.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

const RELEASE: &str = "noob[zmq]==1003.0.2";

/// Python process with noob that measures epochs.
pub(crate) struct Noob {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Noob {
    /// Starts the Python of `NOOB_PYTHON`, or of a virtual environment below the target folder.
    ///
    /// A missing virtual environment is created.
    ///
    /// # Errors
    /// Returns the reason why no noob is available.
    pub(crate) fn start() -> Result<Self, String> {
        let python = match std::env::var_os("NOOB_PYTHON") {
            Some(python) => PathBuf::from(python),
            None => environment()?,
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/peer_nodes.py");
        let mut child = Command::new(&python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("`{}` does not start: {error}", python.display()))?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("no pipes to Python".to_owned());
        };
        let mut noob = Self {
            child,
            to: Some(to),
            from: BufReader::new(from),
        };
        let tube = "noob_id: first\nnodes:\n  a: {type: peer_nodes.count}\n";
        noob.run(tube, 1)
            .map_err(|error| format!("`{}` has no noob: {error}", python.display()))?;
        Ok(noob)
    }

    /// Runs epochs of a tube, and returns the seconds and the last result.
    ///
    /// # Errors
    /// The process has ended, or its answer is unreadable; its last output is on standard error.
    pub(crate) fn run(&mut self, tube: &str, epochs: u32) -> Result<(f64, Value), String> {
        let to = self.to.as_mut().ok_or("it was stopped")?;
        let asked = json!({"tube": tube, "epochs": epochs});
        writeln!(to, "{asked}").map_err(|error| error.to_string())?;
        let mut line = String::new();
        self.from
            .read_line(&mut line)
            .map_err(|error| error.to_string())?;
        let answer: Value =
            serde_json::from_str(&line).map_err(|error| format!("it said `{line}`: {error}"))?;
        let seconds = answer["seconds"]
            .as_f64()
            .ok_or_else(|| format!("it said `{line}`"))?;
        Ok((seconds, answer["result"].clone()))
    }
}

impl Drop for Noob {
    fn drop(&mut self) {
        drop(self.to.take());
        let _ = self.child.wait();
    }
}

/// Returns the Python of the benchmark's virtual environment with noob.
fn environment() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("noob-venv");
    let python = folder.join("bin/python");
    if !python.exists() {
        eprintln!("making {} with {RELEASE}", folder.display());
        run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    }
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", RELEASE]))?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{command:?}` failed: {status}")),
        Err(error) => Err(format!("`{command:?}` does not start: {error}")),
    }
}
