//! A program of one's own: the errors that its `main` returns, and its log.

use std::error::Error;
use std::fmt;

use noob_zmq::prelude::*;
use noob_zmq::tube::LoadError;

/// A tube with a warning: its input is not used.
const TUBE: &str = "
noob_id: t
input:
  idle: {type: int, default: 1}
nodes:
  count: {type: reporting.count}
  twice: {type: reporting.twice, depends: [{number: count.value}]}
  return: {type: return, depends: twice.value}
";

#[node(name = "reporting.count")]
fn count() -> impl Iterator<Item = u64> {
    0..
}

#[node(name = "reporting.twice")]
fn twice(number: u64) -> u64 {
    number * 2
}

/// Error with a cause that its text does not have.
#[derive(Debug)]
struct SetupError(LoadError);

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the program cannot be set up")
    }
}

impl Error for SetupError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[noob_zmq::main]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["return"] => tube::load("nowhere.yaml", ())
            .map(drop)
            .map_err(SetupError)?,
        ["unwrap"] => {
            let mut runner = SyncRunner::new(tube::from_text("t.yaml", TUBE, ())?)?;
            runner.enable_node("cuont").unwrap();
        }
        ["log", runner] => log(runner)?,
        ["own-log", runner] => {
            tracing_subscriber::fmt()
                .with_writer(std::io::stderr)
                .with_max_level(tracing::Level::ERROR)
                .with_ansi(false)
                .init();
            log(runner)?;
        }
        _ => return Err(format!("unknown arguments: {arguments:?}").into()),
    }
    Ok(())
}

/// Starts two runners, the first of them twice, and writes a line of each level to the log.
fn log(runner: &str) -> Result<(), Box<dyn Error>> {
    let tube = || tube::from_text("t.yaml", TUBE, ());
    match runner {
        "sync" => {
            twice_and_once(SyncRunner::new(tube()?)?, SyncRunner::new(tube()?)?)?;
        }
        "task" => {
            twice_and_once(TaskRunner::new(tube()?)?, TaskRunner::new(tube()?)?)?;
        }
        _ => twice_and_once(ZmqRunner::new(tube()?), ZmqRunner::new(tube()?))?,
    }
    tracing::error!("an error of the program");
    tracing::warn!("a warning of the program");
    tracing::info!("an event of the program");
    Ok(())
}

fn twice_and_once(mut first: impl Runner, mut second: impl Runner) -> Result<(), RunError> {
    first.run(2)?;
    first.deinit()?;
    first.run(2)?;
    first.deinit()?;
    second.run(2)?;
    second.deinit()
}
