//! This project: tubes with the same graphs, run by `ZmqRunner`.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use noob_zmq::graph::{Bytes, Map};
use noob_zmq::runner::{RunError, Runner, ZmqRunner};
use noob_zmq::{node, tube};

use crate::ends::{self, Sink, Source};
use crate::job::{Frame, Graph, Job, LARGE, Pace, Role, Values, WARM_UP};
use crate::{Failed, strace};

/// File of the job, which the nodes of both ends read.
const JOB: &str = "job";

pub(crate) fn job(directory: &str) -> Result<Job, Failed> {
    let text = std::fs::read_to_string(PathBuf::from(directory).join(JOB))?;
    Ok(serde_json::from_str(&text)?)
}

pub(crate) fn text(error: impl ToString) -> String {
    error.to_string()
}

/// Emits the numbers of the job.
#[node(name = "chain.numbers")]
fn numbers(directory: String) -> Result<impl Iterator<Item = Result<i64, String>>, String> {
    let mut source = Source::new(job(&directory).map_err(text)?);
    Ok(std::iter::from_fn(move || {
        source.number().map_err(text).transpose()
    }))
}

/// Emits each number of the job as often as a map has items.
#[node(name = "chain.lists")]
fn lists(directory: String) -> Result<impl Iterator<Item = Result<Vec<i64>, String>>, String> {
    let job = job(&directory).map_err(text)?;
    let items = job.graph.items();
    let mut source = Source::new(job);
    Ok(std::iter::from_fn(move || {
        let number = source.number().map_err(text).transpose()?;
        Some(number.map(|number| vec![number; items]))
    }))
}

/// Emits the large values of the job.
#[node(name = "chain.blobs")]
fn blobs(directory: String) -> Result<impl Iterator<Item = Result<Bytes, String>>, String> {
    let mut source = Source::new(job(&directory).map_err(text)?);
    Ok(std::iter::from_fn(move || {
        source.blob().map_err(text).transpose()
    }))
}

/// Multiplies a number by 1.
#[node(name = "chain.pass")]
fn pass(value: i64) -> i64 {
    value.wrapping_mul(1)
}

/// Takes the number in a large value.
#[node(name = "chain.number_in")]
fn number_in(value: Bytes) -> Result<i64, String> {
    ends::number_in(&value).map_err(text)
}

/// Passes on one of two numbers that are the same.
#[node(name = "chain.join")]
fn join(left: i64, right: i64) -> Result<i64, String> {
    ends::one_of(&[left, right]).map_err(text)
}

/// Takes the values of one node.
struct One(Sink);

#[node(name = "chain.sink")]
impl One {
    fn new(directory: String) -> Result<Self, String> {
        Ok(Self(Sink::new(job(&directory).map_err(text)?)))
    }

    #[process]
    fn take(&mut self, value: i64) -> Result<(), String> {
        self.0.take(value).map(|_| ()).map_err(text)
    }
}

/// Takes the values of four nodes, which are the same.
struct Four(Sink);

#[node(name = "chain.sink_of_four")]
impl Four {
    fn new(directory: String) -> Result<Self, String> {
        Ok(Self(Sink::new(job(&directory).map_err(text)?)))
    }

    #[process]
    fn take(&mut self, v1: i64, v2: i64, v3: i64, v4: i64) -> Result<(), String> {
        let value = ends::one_of(&[v1, v2, v3, v4]).map_err(text)?;
        self.0.take(value).map(|_| ()).map_err(text)
    }
}

/// Takes lists, whose numbers are the same.
struct Lists(Sink);

#[node(name = "chain.sink_of_lists")]
impl Lists {
    fn new(directory: String) -> Result<Self, String> {
        Ok(Self(Sink::new(job(&directory).map_err(text)?)))
    }

    #[process]
    fn take(&mut self, value: Vec<i64>) -> Result<(), String> {
        let value = ends::one_of(&value).map_err(text)?;
        self.0.take(value).map(|_| ()).map_err(text)
    }
}

/// Returns the tube of a job: with a `return` for `process`, with a sink otherwise.
fn tube_of(job: &Job) -> Result<String, Failed> {
    let mut text = "noob_id: chain\nnodes:\n".to_owned();
    let parameter = format!("params: {{directory: '{}'}}", job.directory.display());
    let frames = match job.values {
        Values::Frames(Frame::Bytes) => Some("bytes"),
        Values::Frames(Frame::Vector) => Some("vectors"),
        Values::Frames(Frame::Array) => Some("arrays"),
        _ => None,
    };
    let large = job.values == Values::Large;
    for (number, part) in job.graph.parts().into_iter().enumerate() {
        let fed: Vec<String> = part
            .inputs
            .iter()
            .map(|input| format!("n{input}"))
            .collect();
        let first = fed.first().map_or("", String::as_str);
        let described = match part.role {
            Role::Source if let Some(kind) = frames => format!("type: frame.{kind}, {parameter}"),
            Role::Source => {
                let kind = match (job.values, job.graph) {
                    (Values::Large, _) => "blobs",
                    (_, Graph::Map(_)) => "lists",
                    _ => "numbers",
                };
                format!("type: chain.{kind}, {parameter}")
            }
            Role::Pass if let Some(kind) = frames => {
                let what = if number == 1 { "pass" } else { "number_in" };
                format!("type: frame.{what}_{kind}, depends: [{{value: {first}.value}}]")
            }
            Role::Pass if large && part.inputs == [0] => {
                format!("type: chain.number_in, depends: [{{value: {first}.value}}]")
            }
            Role::Pass => format!("type: chain.pass, depends: [{{value: {first}.value}}]"),
            Role::Join => {
                let right = &fed[1];
                format!(
                    "type: chain.join, depends: [{{left: {first}.value}}, {{right: {right}.value}}]"
                )
            }
            Role::Split => format!("type: map, depends: [{{value: {first}.value}}]"),
            Role::Gather(_) => {
                format!("type: gather, depends: [{{value: {first}.value}}, {{n: n1.n}}]")
            }
            Role::Sink if job.pace == Pace::Process && fed.len() == 1 => {
                format!("type: return, depends: {first}.value")
            }
            Role::Sink => {
                let several = (1..)
                    .zip(&fed)
                    .map(|(at, node)| format!("{{v{at}: {node}.value}}"));
                let several = several.collect::<Vec<_>>().join(", ");
                match (job.pace, job.graph) {
                    (Pace::Process, _) => format!("type: return, depends: [{several}]"),
                    (_, Graph::Fan(4)) => {
                        format!("type: chain.sink_of_four, {parameter}, depends: [{several}]")
                    }
                    (_, Graph::Fan(_)) => return Err("only a fan-out of 4 has a sink".into()),
                    (_, Graph::Map(_)) => format!(
                        "type: chain.sink_of_lists, {parameter}, depends: [{{value: \
                         {first}.value}}]"
                    ),
                    _ => format!(
                        "type: chain.sink, {parameter}, depends: [{{value: {first}.value}}]"
                    ),
                }
            }
        };
        writeln!(text, "  n{number}: {{{described}}}")?;
    }
    Ok(text)
}

fn runner(job: &Job) -> Result<ZmqRunner, Failed> {
    std::fs::write(job.directory.join(JOB), serde_json::to_string(job)?)?;
    let tube = tube::from_text("chain", &tube_of(job)?, ())?;
    Ok(ZmqRunner::builder(tube)
        .runtime_dir(job.directory.join("run"))
        .shared_memory(if job.shared_memory { 1 << 30 } else { 0 })
        .build())
}

/// Runs a job whose sink measures.
pub(crate) fn measure(job: &Job) -> Result<(), Failed> {
    let mut runner = runner(job)?;
    runner.init()?;
    runner.run_each_all(&mut |_| ControlFlow::Continue(()))?;
    runner.deinit()?;
    Ok(())
}

/// Returns p50 and p99 of `process` in microseconds.
pub(crate) fn process(job: &Job) -> Result<(f64, f64), Failed> {
    let mut runner = runner(job)?;
    runner.init()?;
    let mut times = Vec::new();
    for number in 0..job.count {
        let begin = Instant::now();
        let value = runner.process_map(Map::new())?;
        times.push(i64::try_from(begin.elapsed().as_nanos())?);
        let value = value.ok_or("`process` returned nothing")?;
        let expected = job.expected(number);
        let mut numbers = match (value.as_list(), value.as_map()) {
            (Some(list), _) => list.iter().collect::<Vec<_>>(),
            (_, Some(map)) => map.values().collect(),
            _ => vec![&value],
        }
        .into_iter();
        if !numbers.all(|number| number.as_i64() == Some(expected)) {
            return Err(format!("`process` returned {value} as value number {number}").into());
        }
    }
    runner.deinit()?;
    Ok(ends::percentiles(times.split_off(WARM_UP.min(times.len()))))
}

/// Returns the milliseconds from `init` to the first value, and those of `deinit`.
pub(crate) fn start_and_stop(job: &Job) -> Result<(f64, f64), Failed> {
    let mut runner = runner(job)?;
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    let begin = Instant::now();
    runner.init()?;
    runner.process_map(Map::new())?;
    let start = millis(begin.elapsed());
    for _ in 0..100 {
        runner.process_map(Map::new())?;
    }
    let begin = Instant::now();
    runner.deinit()?;
    Ok((start, millis(begin.elapsed())))
}

/// Returns the number of bytes that this process, which has the command node, receives for each
/// epoch.
pub(crate) fn received_per_epoch(job: &Job) -> Result<f64, Failed> {
    let mut runner = runner(job)?;
    runner.init()?;
    let traced = strace::Trace::begin(&job.directory.join("trace"))?;
    let epochs = match runner.run_each_all(&mut |_| ControlFlow::Continue(())) {
        Ok(epochs) => epochs,
        Err(error) => return Err(Box::<RunError>::new(error)),
    };
    let bytes = traced.end()?;
    runner.deinit()?;
    if bytes > epochs * LARGE as u64 * 100 {
        return Err("the trace makes no sense".into());
    }
    Ok(bytes as f64 / epochs as f64)
}
