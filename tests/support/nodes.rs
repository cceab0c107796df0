//! The nodes of the tests.

use std::path::PathBuf;
use std::process::Command;

use noob_zmq::graph::{Bytes, Emit};
use noob_zmq::node;
use noob_zmq::node::NodeError;

/// Counts from `start` up to, and without, `limit`.
#[node(name = "test.count", signal = "index")]
pub fn count(
    #[slot(default = 0)] start: i64,
    #[slot(default = i64::MAX)] limit: i64,
) -> impl Iterator<Item = i64> {
    start..limit
}

/// The numbers from 0 up to, and without, `n`.
#[node(name = "test.range")]
pub fn range(n: i64) -> Vec<i64> {
    (0..n).collect()
}

/// Twice the value.
#[node(name = "test.double")]
pub fn double(value: i64) -> i64 {
    value * 2
}

/// The sum of two.
#[node(name = "test.add")]
pub fn add(left: i64, right: i64) -> i64 {
    left + right
}

/// The value, of any type.
#[node(name = "test.echo")]
pub fn echo(value: noob_zmq::graph::Value) -> noob_zmq::graph::Value {
    value
}

/// The value if it is even, nothing otherwise.
#[node(name = "test.even")]
pub fn even(value: i64) -> Emit<i64> {
    if value % 2 == 0 {
        Emit::Value(value)
    } else {
        Emit::Nothing
    }
}

/// The value, or -1 where nothing happened.
#[node(name = "test.or_minus_one")]
pub fn or_minus_one(value: Option<i64>) -> i64 {
    value.unwrap_or(-1)
}

/// A frame of this size, whose bytes are the number.
#[node(name = "test.frame")]
pub fn frame(number: i64, size: usize) -> Bytes {
    Bytes::from(vec![number as u8; size])
}

/// An error with a cause.
#[derive(Debug)]
pub struct Refused(std::num::ParseIntError);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the frame is refused")
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// Fails at one value.
#[node(name = "test.fail_at")]
pub fn fail_at(value: i64, at: i64) -> Result<i64, Refused> {
    if value == at {
        "twelve".parse().map_err(Refused)
    } else {
        Ok(value)
    }
}

/// Panics at one value.
#[node(name = "test.panic_at")]
pub fn panic_at(value: i64, at: i64) -> i64 {
    assert!(value != at, "no film in the camera");
    value
}

/// Exits at one value.
#[node(name = "test.exit_at")]
pub fn exit_at(value: i64, at: i64) -> i64 {
    if value == at {
        eprintln!("the driver gave up");
        std::process::exit(7);
    }
    value
}

/// At one value, makes the file `marker`, and never comes back.
#[node(name = "test.hang_at")]
pub fn hang_at(value: i64, at: i64, marker: PathBuf) -> i64 {
    if value == at {
        std::fs::write(marker, b"here").ok();
        loop {
            std::thread::park();
        }
    }
    value
}

/// Says something on both outputs of its process.
#[node(name = "test.shout")]
pub fn shout(value: i64) -> i64 {
    println!("stdout of {value}");
    eprintln!("stderr of {value}");
    value
}

/// Starts `sleep` for this time at the value 0, and leaves it behind.
#[node(name = "test.leave")]
pub fn leave(value: i64, time: String) -> Result<i64, NodeError> {
    if value == 0 {
        drop(Command::new("sleep").arg(time).spawn()?);
    }
    Ok(value)
}

/// Starts a process whose parent ends before it.
#[node(name = "test.orphan")]
pub fn orphan(value: i64) -> Result<i64, NodeError> {
    Command::new("sh").args(["-c", "true &"]).status()?;
    Ok(value)
}

/// Keeps a sum; cannot be made with a negative start.
pub struct Running {
    sum: i64,
}

/// A running sum.
#[node(name = "test.running_sum")]
impl Running {
    /// Starts at `start`.
    pub fn new(#[slot(default = 0)] start: i64) -> Result<Self, NodeError> {
        if start < 0 {
            return Err(NodeError::new("a sum below zero makes no sense"));
        }
        Ok(Self { sum: start })
    }

    /// Adds, and gives the sum.
    #[process]
    pub fn add(&mut self, value: i64) -> i64 {
        self.sum += value;
        self.sum
    }
}

/// Keeps a sum that another process can go on from.
pub struct Kept {
    sum: i64,
    fail_at: Option<i64>,
}

/// A running sum that can be restored; fails at one value, after it was added.
#[node(name = "test.kept_sum")]
impl Kept {
    /// Nothing came yet.
    pub fn new(fail_at: Option<i64>) -> Self {
        Self { sum: 0, fail_at }
    }

    /// Adds, and gives the sum.
    #[process]
    pub fn add(&mut self, value: i64) -> Result<i64, NodeError> {
        self.sum += value;
        if Some(value) == self.fail_at {
            return Err(NodeError::new("the scales are off"));
        }
        Ok(self.sum)
    }

    /// The sum.
    #[snapshot]
    pub fn save(&self) -> i64 {
        self.sum
    }

    /// Goes on from this sum.
    #[restore]
    pub fn load(&mut self, sum: i64) {
        self.sum = sum;
    }
}

/// Fails the first `times` times with each value.
pub struct Shaky {
    times: u32,
    tried: u32,
}

/// Fails the first `times` times with each value.
#[node(name = "test.fail_times")]
impl Shaky {
    /// Fails this often.
    pub fn new(times: u32) -> Self {
        Self { times, tried: 0 }
    }

    /// The value, after that many errors.
    #[process]
    pub fn pass(&mut self, value: i64) -> Result<i64, NodeError> {
        if self.tried < self.times {
            self.tried += 1;
            return Err(NodeError::new("the shutter stuck"));
        }
        self.tried = 0;
        Ok(value)
    }
}

/// Takes its time for each value.
#[node(name = "test.slow")]
pub fn slow(value: i64, ms: u64) -> i64 {
    std::thread::sleep(std::time::Duration::from_millis(ms));
    value
}

/// The value; sleeps for `ms` milliseconds at every value that is a multiple of `every`.
#[node(name = "test.nap")]
pub fn nap(value: i64, every: i64, ms: u64) -> i64 {
    if value % every.max(1) == 0 {
        std::thread::sleep(std::time::Duration::from_millis(ms));
    }
    value
}

/// Computes for so many milliseconds.
#[node(name = "test.spin")]
pub fn spin(ms: u64) -> u64 {
    let end = std::time::Instant::now() + std::time::Duration::from_millis(ms);
    while std::time::Instant::now() < end {
        std::hint::spin_loop();
    }
    ms
}

/// Sends its own process a signal at one value: `KILL` or `STOP`.
#[node(name = "test.signal_at")]
pub fn signal_at(value: i64, at: i64, signal: String) -> Result<i64, NodeError> {
    use rustix::process::{Signal, getpid, kill_process};
    if value == at {
        let signal = match signal.as_str() {
            "KILL" => Signal::KILL,
            "STOP" => Signal::STOP,
            other => return Err(NodeError::new(format!("no signal is called `{other}`"))),
        };
        kill_process(getpid(), signal)?;
        // The kernel stops thread by thread: this one must not return before it is stopped.
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
    Ok(value)
}

/// The value; the first call takes half a second.
#[derive(Debug, Default)]
pub struct SlowStart {
    begun: bool,
}

#[node(name = "test.slow_start")]
impl SlowStart {
    /// Was not called yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes its time, once.
    #[process]
    pub fn pass(&mut self, value: i64) -> i64 {
        if !std::mem::replace(&mut self.begun, true) {
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
        value
    }
}

/// Reads standard input to its end.
#[node(name = "test.read_standard_input")]
pub fn read_standard_input() -> std::io::Result<String> {
    std::io::read_to_string(std::io::stdin())
}
