//! The files of captured sessions: one JSON object a line.

use std::{fs, path::Path};

use noob_zmq::graph::Bytes;
use serde::Deserialize;
use serde_json::Value;

/// What passed one socket.
pub(crate) struct Line {
    /// The node, or `command`.
    pub(crate) process: String,
    /// `XPUB` and so on.
    pub(crate) socket_type: String,
    /// Which way.
    pub(crate) direction: Direction,
    /// What.
    pub(crate) frames: Vec<Bytes>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Send,
    Recv,
}

#[derive(Deserialize)]
struct Raw {
    process: Option<String>,
    socket_type: Option<String>,
    direction: Option<String>,
    frames: Option<Vec<Frame>>,
}

/// Text, or the base64 of other bytes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Frame {
    Text(String),
    Binary {
        #[serde(alias = "b64")]
        base64: String,
    },
    // Other lines of other recorders.
    Other(Value),
}

/// The messages of a file, with the numbers of their lines; lines of other things (notes, addresses) are left out.
pub(crate) fn lines(path: &Path) -> Vec<(usize, Line)> {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let parsed = text.lines().enumerate().filter_map(|(number, line)| {
        let raw: Raw = serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("{}:{}: {error}", path.display(), number + 1));
        let direction = match raw.direction.as_deref() {
            Some("send") => Direction::Send,
            Some("recv") => Direction::Recv,
            _ => return None,
        };
        let frames = raw.frames?.into_iter().map(|frame| match frame {
            Frame::Text(text) => text.into(),
            Frame::Binary { base64 } => decode(&base64).into(),
            Frame::Other(other) => panic!("{}:{}: no frame: {other}", path.display(), number + 1),
        });
        let line = Line {
            process: raw.process?,
            socket_type: raw.socket_type?,
            direction,
            frames: frames.collect(),
        };
        Some((number + 1, line))
    });
    parsed.collect()
}

/// Base64 (RFC 4648).
fn decode(text: &str) -> Vec<u8> {
    let sextets = text.bytes().filter_map(|byte| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    });
    let bits: Vec<u8> = sextets
        .flat_map(|sextet| (0..6).rev().map(move |bit| sextet >> bit & 1))
        .collect();
    bits.chunks_exact(8)
        .map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit))
        .collect()
}

#[test]
fn base64_is_read() {
    assert_eq!(decode("AV9fc3Vic2NyaWJlcl9fOmE="), b"\x01__subscriber__:a");
    assert_eq!(decode("AQ=="), b"\x01");
}
