//! The two ends of every graph, the same for all systems: the values of the source, and the sink,
//! which checks and times them.

use std::path::Path;
use std::time::Duration;

use noob_zmq::graph::Bytes;
use serde::{Deserialize, Serialize};

use crate::Failed;
use crate::job::{BLOBS, Job, LARGE, PAUSE, Pace, Values, WARM_UP};

/// File of the time at which the source sent its first value.
const BEGIN: &str = "begin";
/// File of the result of the sink.
const RESULT: &str = "result";

/// Returns the time of the clock that all processes share, in nanoseconds.
pub(crate) fn now() -> i64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// Values of a source, in order.
pub(crate) struct Source {
    job: Job,
    next: i64,
    blobs: Vec<Bytes>,
}

impl Source {
    pub(crate) fn new(job: Job) -> Self {
        let blobs = match job.values {
            Values::Small => Vec::new(),
            Values::Large | Values::Frames(_) => {
                let size = job.size();
                (0..BLOBS).map(|number| blob(number, size).into()).collect()
            }
        };
        Self {
            job,
            next: 0,
            blobs,
        }
    }

    /// Returns the next number, after the pause if there is one; it is the time of the clock where
    /// latency is measured.
    ///
    /// # Errors
    /// The time of the first value cannot be written.
    pub(crate) fn number(&mut self) -> Result<Option<i64>, Failed> {
        if self.next == self.job.count {
            return Ok(None);
        }
        if self.next == 0 && self.job.pace == Pace::Free {
            std::fs::write(self.job.directory.join(BEGIN), now().to_string())?;
        }
        let number = self.next;
        self.next += 1;
        if self.job.pace == Pace::Paused {
            std::thread::sleep(PAUSE);
            return Ok(Some(now()));
        }
        Ok(Some(number))
    }

    /// Returns the next large value.
    ///
    /// # Errors
    /// As [`number`](Self::number).
    pub(crate) fn blob(&mut self) -> Result<Option<Bytes>, Failed> {
        // Allocated before the clock is read.
        let fresh = (self.job.pace == Pace::Paused).then(|| blob(0, self.job.size()));
        let Some(number) = self.number()? else {
            return Ok(None);
        };
        Ok(match fresh {
            Some(mut fresh) => {
                fresh[..8].copy_from_slice(&number.to_le_bytes());
                Some(fresh.into())
            }
            None => self.blobs.get((number % BLOBS) as usize).cloned(),
        })
    }
}

fn blob(number: i64, size: usize) -> Vec<u8> {
    let mut blob = vec![7; size];
    blob[..8].copy_from_slice(&number.to_le_bytes());
    blob
}

/// Returns the number in a value of 8 bytes or 1 MiB.
///
/// # Errors
/// A value of another length.
pub(crate) fn number_in(value: &[u8]) -> Result<i64, Failed> {
    match value.first_chunk() {
        Some(number) if matches!(value.len(), 8 | LARGE) => Ok(i64::from_le_bytes(*number)),
        _ => Err(format!("a value of {} bytes", value.len()).into()),
    }
}

/// Returns the number that all of these are.
///
/// # Errors
/// Numbers that differ: values were lost or mixed up.
pub(crate) fn one_of(numbers: &[i64]) -> Result<i64, Failed> {
    match numbers {
        [first, rest @ ..] if rest.iter().all(|other| other == first) => Ok(*first),
        _ => Err(format!("{numbers:?} came together").into()),
    }
}

/// Result of a sink.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Received {
    pub(crate) values: i64,
    /// Latencies in microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Seconds from the first value of the source to the last at the sink.
    pub(crate) seconds: f64,
}

/// Sink that checks that every value arrives once and in order.
pub(crate) struct Sink {
    job: Job,
    received: i64,
    last: i64,
    latencies: Vec<i64>,
}

impl Sink {
    pub(crate) const fn new(job: Job) -> Self {
        Self {
            job,
            received: 0,
            last: i64::MIN,
            latencies: Vec::new(),
        }
    }

    /// Takes a value; returns whether it was the last, and then writes the result.
    ///
    /// # Errors
    /// A value that is not the next one, or a result that cannot be written.
    pub(crate) fn take(&mut self, number: i64) -> Result<bool, Failed> {
        let now = now();
        if self.job.pace == Pace::Paused {
            if number <= self.last {
                return Err(format!("{number} came after {}", self.last).into());
            }
            self.last = number;
            self.latencies.push(now - number);
        } else if number != self.job.expected(self.received) {
            return Err(format!("{number} came as value number {}", self.received).into());
        }
        self.received += 1;
        if self.received < self.job.count {
            return Ok(false);
        }
        self.write(now)?;
        Ok(true)
    }

    fn write(&self, now: i64) -> Result<(), Failed> {
        let directory = &self.job.directory;
        let mut result = Received {
            values: self.received,
            ..Received::default()
        };
        if self.job.pace == Pace::Paused {
            let latencies = self.latencies.get(WARM_UP..).unwrap_or_default();
            (result.p50, result.p99) = percentiles(latencies.to_vec());
        } else {
            let begin: i64 = std::fs::read_to_string(directory.join(BEGIN))?.parse()?;
            result.seconds = Duration::from_nanos((now - begin).unsigned_abs()).as_secs_f64();
        }
        let whole = directory.join("result.part");
        std::fs::write(&whole, serde_json::to_string(&result)?)?;
        std::fs::rename(whole, directory.join(RESULT))?;
        Ok(())
    }
}

/// Returns p50 and p99 of nanoseconds, in microseconds.
pub(crate) fn percentiles(mut times: Vec<i64>) -> (f64, f64) {
    times.sort_unstable();
    let at = |percent: usize| {
        let at = times.len() * percent / 100;
        times.get(at).map_or(f64::NAN, |time| *time as f64 / 1e3)
    };
    (at(50), at(99))
}

/// Reads the result of the sink.
///
/// # Errors
/// The sink has not received everything, and wrote none.
pub(crate) fn received(directory: &Path) -> Result<Received, Failed> {
    let text = std::fs::read_to_string(directory.join(RESULT))
        .map_err(|_| "the sink did not receive every value")?;
    Ok(serde_json::from_str(&text)?)
}
