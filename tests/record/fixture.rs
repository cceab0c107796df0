//! A directory of its own for records and runs of the command.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use noob_zmq_tests::processes::left_in;
use serde_json::Value as Json;
use tempfile::TempDir;

/// A directory with a tube, in which the command runs.
pub(crate) struct Rig {
    pub(crate) dir: TempDir,
}

/// Output of a command.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A chain of three: a count, twice the count, and the count where it is even.
pub(crate) const CHAIN: &str = "
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}]}
  even: {type: test.even, depends: [{value: count.index}]}
  return: {type: return, depends: [{twice: twice.value}]}
";

impl Rig {
    pub(crate) fn new(nodes: &str) -> Self {
        let rig = Self {
            dir: TempDir::with_prefix("nz").unwrap(),
        };
        rig.write("t.yaml", &format!("noob_id: t\nnodes:{nodes}"));
        rig
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_host"));
        command
            .args(line.split_whitespace())
            .current_dir(self.dir.path())
            .env("NOOB_ZMQ_RUNTIME_DIR", self.path("r"))
            .env_remove("RUST_LOG")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        command
    }

    /// Runs the command with these words, separated by blanks.
    pub(crate) fn run(&self, line: &str) -> Ran {
        let output: Output = self.command(line).output().unwrap();
        assert_eq!(left_in(&self.path("r")), Vec::<String>::new());
        Ran::from(output)
    }

    /// Runs the command, which must succeed, and returns its output.
    pub(crate) fn ok(&self, line: &str) -> String {
        let ran = self.run(line);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{line}");
        ran.out
    }

    /// Runs the command, which must fail, and returns its error.
    pub(crate) fn fails(&self, line: &str) -> String {
        let ran = self.run(line);
        assert_ne!(ran.code, Some(0), "{line}");
        ran.err
    }

    /// Returns the description of a record.
    pub(crate) fn info(&self, file: &str) -> Json {
        let text = self.ok(&format!("record info --json {file}"));
        serde_json::from_str(&text).unwrap()
    }

    /// Returns the events of a record, in the order of epochs and signals, as
    /// `EPOCH SIGNAL VALUE`.
    pub(crate) fn events(&self, file: &str) -> Vec<String> {
        let text = self.ok(&format!("record cat {file}"));
        let mut events: Vec<(String, String)> = text
            .lines()
            .map(|line| {
                let line: Json = serde_json::from_str(line).unwrap();
                let value = line.get("value").or_else(|| line.get("emit")).unwrap();
                let key = format!("{} {}", line["epoch"], line["signal"].as_str().unwrap());
                (key, value.to_string())
            })
            .collect();
        events.sort();
        let events = events.into_iter();
        events
            .map(|(key, value)| format!("{key} {value}"))
            .collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}
