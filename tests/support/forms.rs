//! Nodes of every form that `#[node]` knows beyond plain functions, for the tests of what runners
//! do with each.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use noob_zmq::graph::{Emit, Epoch, Timestamp};
use noob_zmq::node::{Asset, EventMap, NodeError};
use noob_zmq::{Signals, asset, node};

/// The sum of all that is fed by name, and the names.
#[node(name = "test.total_of")]
pub fn total_of(start: i64, #[slot(rest)] others: BTreeMap<String, i64>) -> String {
    let names: Vec<_> = others.keys().map(String::as_str).collect();
    format!(
        "{} {}",
        start + others.values().sum::<i64>(),
        names.join(" ")
    )
}

/// The value and its epoch.
#[node(name = "test.in_epoch")]
pub fn in_epoch(value: i64, epoch: &Epoch) -> String {
    format!("{value} in {epoch}")
}

/// The events of this call: slot, node, signal and epoch of each.
///
/// Fails if a time has not passed, or if two events have one id.
#[node(name = "test.fed_by")]
pub fn fed_by(left: i64, right: Option<i64>, events: EventMap) -> Result<String, String> {
    let _ = (left, right);
    let mut ids: Vec<u64> = events.iter().map(|(_, event)| event.id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() != events.len() {
        return Err(format!("two events of one id: {events:?}"));
    }
    let mut told = Vec::new();
    for (slot, event) in events.iter() {
        let at = event.timestamp.as_micros();
        let now = Timestamp::from_system(std::time::SystemTime::now()).as_micros();
        if at > now || at < now - 600_000_000 {
            return Err(format!("{event:?} is not of these ten minutes"));
        }
        told.push(format!(
            "{slot}={}.{}@{}",
            event.node_id, event.signal, event.epoch
        ));
    }
    told.sort();
    Ok(told.join(" "))
}

/// The number on one of two signals.
#[derive(Debug, Signals)]
pub struct Parity {
    /// If it is even.
    pub even: Emit<i64>,
    /// If it is odd.
    pub odd: Emit<i64>,
}

/// Tells even numbers from odd ones, asynchronously.
#[node(name = "test.parity")]
pub async fn parity(value: i64) -> Parity {
    std::future::ready(()).await;
    if value % 2 == 0 {
        Parity {
            even: Emit::Value(value),
            odd: Emit::Nothing,
        }
    } else {
        Parity {
            even: Emit::Nothing,
            odd: Emit::Value(value),
        }
    }
}

/// Writes a line into a file for each thing that happens to it.
#[derive(Debug)]
pub struct Diary {
    path: PathBuf,
}

fn write(path: &Path, line: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)?;
    writeln!(file, "{line}")
}

#[node(name = "test.diary")]
impl Diary {
    /// Writes `new`.
    pub fn new(path: PathBuf) -> std::io::Result<Self> {
        write(&path, "new")?;
        Ok(Self { path })
    }

    /// Writes `init`.
    #[init]
    pub async fn open(&mut self) -> std::io::Result<()> {
        write(&self.path, "init")
    }

    /// Writes the value.
    #[process]
    pub fn note(&mut self, value: i64) -> std::io::Result<i64> {
        write(&self.path, &value.to_string())?;
        Ok(value)
    }

    /// Writes `deinit`.
    #[deinit]
    pub fn close(&self) -> std::io::Result<()> {
        write(&self.path, "deinit")
    }
}

/// The value with the other sign; its name in tubes is its path, `noob_zmq_tests.forms.negate`.
#[node]
pub fn negate(value: i64) -> i64 {
    -value
}

/// The value, once the file is there; an error after 20 seconds.
#[node(name = "test.after_file")]
pub fn after_file(value: i64, path: PathBuf) -> Result<i64, String> {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !path.exists() {
        if Instant::now() > deadline {
            return Err(format!("`{}` did not come", path.display()));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(value)
}

/// The number of earlier calls in this process.
///
/// Creates the file, if one is given, when an odd number comes.
#[node(name = "test.calls_before", stateful)]
pub fn calls_before(
    even: Option<i64>,
    odd: Option<i64>,
    path: Option<PathBuf>,
) -> std::io::Result<u64> {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let _ = even;
    if let (Some(_), Some(path)) = (odd, path) {
        std::fs::write(path, "here")?;
    }
    Ok(CALLS.fetch_add(1, Ordering::Relaxed))
}

/// Gives what it is given.
#[derive(Debug)]
pub struct Shutter {
    path: PathBuf,
}

/// Gives what it is given; cannot be opened while a file is there.
#[node(name = "test.shutter")]
impl Shutter {
    /// Looks for this file.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Looks.
    #[init]
    pub fn open(&self) -> Result<(), NodeError> {
        if self.path.exists() {
            return Err(NodeError::new("the shutter is sealed"));
        }
        Ok(())
    }

    /// The value.
    #[process]
    pub fn pass(&self, value: i64) -> i64 {
        let Self { .. } = self;
        value
    }
}

/// A number that is drawn once.
#[asset(name = "test.numbers")]
pub fn numbers() -> u64 {
    0
}

/// Draws a number.
///
/// Kills its process once, when it has drawn the number `at`: then the file exists.
#[node(name = "test.draw", stateful = false)]
pub fn draw(numbers: Asset<u64>, at: Option<u64>, marker: PathBuf) -> Result<u64, NodeError> {
    use rustix::process::{Signal, getpid, kill_process};
    let mut next = numbers.lock();
    let drawn = *next;
    *next += 1;
    if Some(drawn) == at && !marker.exists() {
        std::fs::write(&marker, "")?;
        kill_process(getpid(), Signal::KILL)?;
    }
    Ok(drawn)
}
