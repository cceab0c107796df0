//! `--inputs`: process-scoped inputs from a file or standard input, with a line for each epoch.
//!
//! A thread reads the lines, so that a signal can end a run that waits for the next one.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use noob_zmq_spec::suggest::nearest;

use super::load::missing;
use super::values::from_json;
use crate::cli::Failure;
use crate::graph::{Input, InputScope, Map, Tube, Value};

/// Number of lines that are read ahead.
const AHEAD: usize = 64;
/// Interval in which a reader that waits for a line looks for a signal.
const LOOK: Duration = Duration::from_millis(50);

/// Reader of `--inputs`.
pub(crate) struct Lines {
    name: String,
    lines: Receiver<io::Result<Vec<u8>>>,
    /// Number of the last line that was read.
    number: u64,
    /// The declared process-scoped inputs.
    declared: Vec<Input>,
    /// Inputs that every line has that does not give them.
    given: Map,
}

impl Lines {
    /// Opens the file, or takes standard input if the path is `-`, and starts to read.
    ///
    /// # Errors
    /// A tube without process-scoped inputs, and a file that cannot be opened.
    pub(crate) fn open(path: &Path, stdin: File, tube: &Tube, given: Map) -> Result<Self, Failure> {
        let inputs = tube.inputs.values();
        let process = inputs.filter(|input| input.scope == InputScope::Process);
        let declared: Vec<Input> = process.cloned().collect();
        if declared.is_empty() {
            return Err(Failure::Usage(format!(
                "`--inputs` gives inputs anew for each epoch, and the tube `{}` declares none; \
                 declare one with `scope: process`, or give its inputs with `--input`",
                tube.id
            )));
        }
        let (name, file) = if path == Path::new("-") {
            ("standard input".to_owned(), Ok(stdin))
        } else {
            (format!("`{}`", path.display()), File::open(path))
        };
        let file = file.map_err(|error| Failure::Run(format!("{name}: {error}")))?;
        let (sender, lines) = sync_channel(AHEAD);
        let read = move || {
            let lines = BufReader::new(file).split(b'\n');
            for line in lines {
                let failed = line.is_err();
                if sender.send(line).is_err() || failed {
                    break;
                }
            }
        };
        // Never joined: the process ends while it waits for a line.
        std::thread::Builder::new()
            .name("noob-zmq-inputs".into())
            .spawn(read)?;
        Ok(Self {
            name,
            lines,
            number: 0,
            declared,
            given,
        })
    }

    /// Blocks until there is a line, and returns its inputs; `None` at the end, or once `stopped`
    /// is true.
    ///
    /// # Errors
    /// A line that cannot be read, or that does not fit the declared inputs: its number, and the
    /// reason.
    pub(crate) fn next(&mut self, stopped: impl Fn() -> bool) -> Result<Option<Map>, Failure> {
        loop {
            let line = match self.lines.recv_timeout(LOOK) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) if !stopped() => continue,
                Err(_) => return Ok(None),
            };
            self.number += 1;
            let inputs = match line {
                Ok(line) if line.trim_ascii().is_empty() => continue,
                Ok(line) => self.inputs(&line),
                Err(error) => Err(format!("cannot be read: {error}")),
            };
            return inputs.map(Some).map_err(|reason| {
                Failure::Run(format!("line {} of {} {reason}", self.number, self.name))
            });
        }
    }

    fn inputs(&self, line: &[u8]) -> Result<Map, String> {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let text = std::str::from_utf8(line).map_err(|error| {
            format!("is no UTF-8 text, from byte {} on", error.valid_up_to() + 1)
        })?;
        let value = from_json(text).map_err(|error| {
            // The place in the line; the number of the line is in front of the message.
            let column = error.column();
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            format!(
                "is no JSON: {reason} at column {column}; {}",
                self.example()
            )
        })?;
        let mut inputs = self.given.clone();
        match value {
            Value::Map(map) => {
                for (name, value) in map.iter() {
                    let input = self.declared(name)?;
                    inputs.insert(name.clone(), check(input, value)?);
                }
            }
            value => match self.declared.as_slice() {
                [input] => drop(inputs.insert(input.name.to_string(), check(input, &value)?)),
                _ => return Err(format!("is no mapping; {}", self.example())),
            },
        }
        match missing(self.declared.iter(), &inputs).as_slice() {
            [] => Ok(inputs),
            missing => Err(format!("lacks {}; {}", missing.join(", "), self.example())),
        }
    }

    fn declared(&self, name: &str) -> Result<&Input, String> {
        let names = || self.declared.iter().map(|input| &input.name);
        let known = self.declared.iter().find(|input| &*input.name == name);
        known.ok_or_else(|| match nearest(name, names()) {
            Some(near) => format!("has no input of the tube: `{name}`; did you mean `{near}`?"),
            None => {
                let names: Vec<&str> = names().map(|name| &**name).collect();
                format!(
                    "gives `{name}`, which is no process-scoped input of the tube; it has `{}`",
                    names.join("`, `")
                )
            }
        })
    }

    /// Returns a line with all inputs, as an example for messages.
    fn example(&self) -> String {
        let names = self.declared.iter();
        let pairs: Vec<String> = names
            .map(|input| format!("\"{}\": ..", input.name))
            .collect();
        format!("write one mapping a line, as in `{{{}}}`", pairs.join(", "))
    }
}

fn check(input: &Input, value: &Value) -> Result<Value, String> {
    input
        .conform(value)
        .map_err(|reason| format!("is refused: the input `{}` {reason}", input.name))
}
