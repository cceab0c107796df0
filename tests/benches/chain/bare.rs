//! Peers without a runtime: the parts of a graph as processes that read and write sockets.
//!
//! No part does anything but what its role says: no batches, no flow control beyond that of the
//! socket, no scheduling.

use std::io::Read;
use std::process::{Child, ChildStdin, Command, Stdio};

use noob_zmq::graph::Bytes;

use crate::ends::{Sink, Source, number_in, one_of};
use crate::job::{Graph, Job, Part, Role, Values};
use crate::{Failed, System, bare_unix, bare_zmq};

/// Sockets of a part.
pub(crate) trait Wire {
    /// Receives the next value of an input, of this many bytes.
    async fn receive(&mut self, input: usize, size: usize) -> Result<&[u8], Failed>;

    /// Sends to every part that this one feeds.
    async fn send(&mut self, value: &Bytes) -> Result<(), Failed>;
}

/// Runs one part, as a process of its own, until its input or the benchmark ends.
pub(crate) fn part(system: &str, job: &str, number: usize) -> Result<(), Failed> {
    let job: Job = serde_json::from_str(job)?;
    // Whatever becomes of the benchmark, its parts end with it.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match System::named(system)? {
            System::Unix => run(bare_unix::open(&job, number)?, &job, number).await,
            System::Zmq => run(bare_zmq::open(&job, number).await?, &job, number).await,
            _ => Err("not a bare system".into()),
        }
    })
}

async fn run(mut wire: impl Wire, job: &Job, number: usize) -> Result<(), Failed> {
    let parts = job.graph.parts();
    let Part { role, inputs } = &parts[number];
    let large = job.values == Values::Large;
    // Only a source sends large values, and only a source and a `Gather` send lists.
    let size = match inputs.first().map(|input| parts[*input].role) {
        Some(Role::Source) => job.size(),
        Some(Role::Gather(items)) => 8 * items,
        _ => 8,
    };
    match *role {
        Role::Source if large => {
            let mut source = Source::new(job.clone());
            while let Some(blob) = source.blob()? {
                wire.send(&blob).await?;
            }
            wait_for_the_end()
        }
        Role::Source => {
            let mut source = Source::new(job.clone());
            while let Some(number) = source.number()? {
                wire.send(&list(&[number].repeat(job.graph.items())))
                    .await?;
            }
            wait_for_the_end()
        }
        Role::Pass => loop {
            let number = number_in(wire.receive(0, size).await?)?;
            wire.send(&list(&[number.wrapping_mul(1)])).await?;
        },
        Role::Join => loop {
            let joined = one_of(&join(&mut wire, inputs.len(), size).await?)?;
            wire.send(&list(&[joined])).await?;
        },
        Role::Split => loop {
            let numbers = numbers(wire.receive(0, size).await?)?;
            for number in numbers {
                wire.send(&list(&[number])).await?;
            }
        },
        Role::Gather(items) => loop {
            let mut gathered = Vec::with_capacity(items);
            for _ in 0..items {
                gathered.push(number_in(wire.receive(0, size).await?)?);
            }
            wire.send(&list(&gathered)).await?;
        },
        Role::Sink => {
            let mut sink = Sink::new(job.clone());
            loop {
                let number = if matches!(job.graph, Graph::Map(_)) {
                    one_of(&numbers(wire.receive(0, size).await?)?)?
                } else {
                    one_of(&join(&mut wire, inputs.len(), size).await?)?
                };
                if sink.take(number)? {
                    return Ok(());
                }
            }
        }
    }
}

async fn join(wire: &mut impl Wire, inputs: usize, size: usize) -> Result<Vec<i64>, Failed> {
    let mut joined = Vec::with_capacity(inputs);
    for input in 0..inputs {
        joined.push(number_in(wire.receive(input, size).await?)?);
    }
    Ok(joined)
}

fn list(numbers: &[i64]) -> Bytes {
    let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
    bytes.collect()
}

fn numbers(list: &[u8]) -> Result<Vec<i64>, Failed> {
    list.chunks(8).map(number_in).collect()
}

/// Keeps the sockets of a source open until the benchmark ends its process.
fn wait_for_the_end() -> Result<(), Failed> {
    loop {
        std::thread::park();
    }
}

/// Processes of the parts, which end when this is dropped.
struct Parts(Vec<(Child, Option<ChildStdin>)>);

impl Drop for Parts {
    fn drop(&mut self) {
        for (part, _) in &mut self.0 {
            let _ = part.kill();
            let _ = part.wait();
        }
    }
}

/// Runs a job: starts its parts, and waits for the sink.
pub(crate) fn measure(system: System, job: &Job) -> Result<(), Failed> {
    let text = serde_json::to_string(job)?;
    let mut parts = Parts(Vec::new());
    for number in 0..job.graph.parts().len() {
        let mut part = Command::new(std::env::current_exe()?)
            .args(["part", system.name(), &text, &number.to_string()])
            .stdin(Stdio::piped())
            .spawn()?;
        // Kept apart from the process, since `wait` would close it, and that would end the part.
        let lifeline = part.stdin.take();
        parts.0.push((part, lifeline));
    }
    let (sink, _) = parts.0.last_mut().ok_or("no sink")?;
    let status = sink.wait()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("the sink: {status}").into())
    }
}
