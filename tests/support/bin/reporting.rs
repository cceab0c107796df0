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
        ["unanswered"] => unanswered()?,
        _ => return Err(format!("unknown arguments: {arguments:?}").into()),
    }
    Ok(())
}

#[derive(Debug, serde::Serialize, serde::Deserialize, Message)]
#[message(kind = "reporting.question")]
struct Question;

#[derive(Sockets)]
struct SilentSockets {
    #[bind]
    #[recv(Question)]
    #[send(Question)]
    questions: Rep<Self>,
}

struct Silent;

#[handlers(SilentSockets)]
impl Silent {
    #[on_questions(Question)]
    fn on_question(&mut self, _question: Question) {}
}

#[derive(Sockets)]
struct AskerSockets {
    #[connect("silent/questions")]
    #[send(Question)]
    #[recv(Question)]
    answers: Req<Self>,
}

struct Asker {
    sockets: AskerSockets,
}

#[handlers(AskerSockets)]
impl Asker {
    #[on_answers(Question)]
    fn on_answer(&mut self, _answer: Question) {}
}

/// Asks an actor that does not answer, until the asker has dropped the failure.
fn unanswered() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let directory = RuntimeDir::create(&runtime_root())?;
    let silent = Silent::run(Scope::of(&directory, "silent"), |_| Silent);
    let silent = runtime.block_on(silent)?;
    let asker = Asker::run(Scope::of(&directory, "asker"), |sockets| Asker { sockets });
    let asker = runtime.block_on(asker)?;
    asker.ask_blocking(|asker| asker.sockets.answers.send(&Question))??;
    while noob_zmq::actor::unhandled_count() == 0 {
        asker.ask_blocking(|_| ())?;
    }
    runtime.block_on(asker.stop())?;
    runtime.block_on(silent.stop())?;
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
