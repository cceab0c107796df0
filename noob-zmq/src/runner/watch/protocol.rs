//! Messages between a run and other processes of the same user that watch it: lines of JSON.

use serde::{Deserialize, Serialize};

use super::report::RunStatus;
use super::taps::Sample;
use crate::runner::error::DisplayEpoch;
use crate::view::Diagram;

/// Name of the socket in the directory of a run: no actor of a user has a directory of this name.
pub(crate) const SOCKET: &str = ".watch";
/// Longest line of a request in bytes.
pub(super) const MAX_REQUEST: u64 = 64 << 10;

/// Request of a watcher: the first line of its connection, and the only one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "watch")]
pub(crate) enum Request {
    /// The status, again after each interval in seconds; once without one.
    Status { every: Option<f64> },
    /// Samples of a signal (`node.signal`), as they come.
    Signal { signal: String },
    /// Samples of all signals of a node, as they come.
    Node { node: String },
    /// The nodes and edges of the tube, with the types of their ports, once.
    Tube,
    /// The last lines of the output of a node, once.
    Log { node: String },
}

/// Answer to a watcher: a line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    Status(Box<RunStatus>),
    Sample(SampleLine),
    Tube(Box<Diagram>),
    Lines(Vec<String>),
    Error(String),
    /// The run has ended.
    Ended,
}

/// Sample of a signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SampleLine {
    /// The signal: `node.signal`.
    pub(crate) signal: String,
    /// Its epoch, such as `7` or `7/items[2]`.
    pub(crate) epoch: String,
    /// Time at which the node has emitted the value, in seconds since 1970.
    pub(crate) time: f64,
    /// The value; `null` if it is large.
    pub(crate) value: serde_json::Value,
    /// Description of a large value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) summary: Option<String>,
    /// Size of the value, about.
    pub(crate) bytes: u64,
    /// Values between the sample before and this one.
    pub(crate) skipped: u64,
}

impl From<&Sample> for SampleLine {
    fn from(sample: &Sample) -> Self {
        let json = serde_json::to_value(&sample.value).ok();
        let unreadable = || {
            json.is_none()
                .then(|| "value without a form in JSON".to_owned())
        };
        let summary = sample.summary.clone().or_else(unreadable);
        Self {
            signal: format!("{}.{}", sample.node, sample.signal),
            epoch: DisplayEpoch(&sample.epoch).to_string(),
            time: sample.timestamp.as_micros() as f64 / 1e6,
            summary,
            value: json.unwrap_or_default(),
            bytes: sample.bytes,
            skipped: sample.skipped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Epoch, Timestamp, Value};

    fn line(value: Value) -> SampleLine {
        SampleLine::from(&Sample {
            node: "a".into(),
            signal: "frame".into(),
            epoch: Epoch::root(7),
            timestamp: Timestamp::from_micros(1_500_000),
            value,
            summary: None,
            bytes: 24,
            skipped: 3,
        })
    }

    #[test]
    fn sample_is_a_line_of_json() {
        let text = serde_json::to_string(&Reply::Sample(line(Value::Int(5)))).unwrap();
        assert!(
            text.starts_with(r#"{"sample":{"signal":"a.frame","epoch":"7","time":1.5,"value":5,"#),
            "{text}"
        );
        assert!(!text.contains("summary"));
    }

    #[test]
    fn requests_are_lines_with_their_kind() {
        let text = r#"{"watch":"signal","signal":"a.frame"}"#;
        let request: Request = serde_json::from_str(text).unwrap();
        let signal = "a.frame".to_owned();
        assert_eq!(request, Request::Signal { signal });
        let text = r#"{"watch":"status"}"#;
        let request: Request = serde_json::from_str(text).unwrap();
        assert_eq!(request, Request::Status { every: None });
        let request: Request = serde_json::from_str(r#"{"watch":"tube"}"#).unwrap();
        assert_eq!(request, Request::Tube);
    }
}
