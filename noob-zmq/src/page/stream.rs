//! Server-sent events: what one page looks at, four times a second.
//!
//! A stream has a thread of its own, which looks and encodes, and a short queue to its connection.
//! A page that does not read misses updates, and is cut after a while; nobody waits for it.

use std::fmt::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::response::Response;
use futures_core::Stream;
use serde::Serialize;
use serde_json::{Value as Json, json};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::server::{Shared, respond, text};
use super::shown::{Look, News};
use crate::runner::RunnerState;
use crate::runner::watch::protocol::SampleLine;

/// Streams at once.
const STREAMS: usize = 16;
/// Updates that wait for a connection.
const WAITING: usize = 4;
/// Time without a place in the queue after which a page is cut.
const PATIENCE: Duration = Duration::from_secs(15);
/// Longest name of a node in a request.
const NAME: usize = 1024;
/// Longest value that is sent whole, in bytes of JSON, unless it is a tensor.
const VALUE: usize = 16 << 10;
/// Longest line of the output of a node that is sent whole.
const LINE: usize = 2000;

/// Answers a request for a stream.
pub(super) fn open(shared: &Arc<Shared>, query: Option<&str>) -> Response {
    let node = query.and_then(|query| {
        let mut pairs = query.split('&');
        pairs.find_map(|pair| pair.strip_prefix("node="))
    });
    let node = match node.map(decoded) {
        Some(None) => return text(StatusCode::BAD_REQUEST, "the node cannot be read\n"),
        Some(node) => node.filter(|node| !node.is_empty()),
        None => None,
    };
    if shared.streams.fetch_add(1, Ordering::AcqRel) >= STREAMS {
        shared.streams.fetch_sub(1, Ordering::AcqRel);
        let why = "too many pages are open; close one\n";
        return text(StatusCode::SERVICE_UNAVAILABLE, why);
    }
    let open = Open(Arc::clone(shared));
    // Short: a page that is behind sees a newer update instead.
    let (sender, receiver) = channel(WAITING);
    let thread = std::thread::Builder::new().name("noob-zmq-page-stream".into());
    let looking = thread.spawn(move || send(&open, node.as_deref(), &sender));
    if looking.is_err() {
        return text(
            StatusCode::SERVICE_UNAVAILABLE,
            "no thread can be started\n",
        );
    }
    let policy = "default-src 'none'";
    let body = Body::from_stream(Updates(receiver));
    respond(StatusCode::OK, "text/event-stream", policy, body)
}

/// Stream that is counted until it is dropped.
struct Open(Arc<Shared>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Updates on their way to a connection.
struct Updates(Receiver<Bytes>);

impl Stream for Updates {
    type Item = Result<Bytes, std::convert::Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(Ok))
    }
}

/// Looks until the page is gone, or what it looks at has ended.
fn send(open: &Open, node: Option<&str>, sender: &Sender<Bytes>) {
    let mut look: Box<dyn Look> = open.0.shown.look(node);
    let mut behind: Option<Instant> = None;
    // Changes that had no place in the queue.
    let mut kept = News::default();
    while !sender.is_closed() {
        // Before the look, so that the last update is of the time after the end.
        let closing = open.0.closing.load(Ordering::Acquire);
        let mut news = look.next();
        news.places = news.places.or(kept.places.take());
        news.mistakes = news.mistakes.or(kept.mistakes.take());
        news.log = news.log.or(kept.log.take());
        let state = news.status.as_ref().map(|status| status.state);
        news.ended |= closing || state == Some(RunnerState::Closed);
        let update = Bytes::from(encode(&news));
        match sender.try_send(update) {
            Ok(()) if news.ended => return,
            Ok(()) => behind = None,
            Err(TrySendError::Closed(_)) => return,
            Err(TrySendError::Full(_)) => {
                let since = *behind.get_or_insert_with(Instant::now);
                // Never waited for: a page that hangs is dropped.
                if news.ended || since.elapsed() > PATIENCE {
                    return;
                }
                kept = news;
            }
        }
    }
}

/// Returns the events of an update.
fn encode(news: &News) -> String {
    // A comment, so that a connection that is gone is noticed where nothing changes.
    let mut out = ":\n\n".to_owned();
    if let Some(places) = &news.places {
        event(&mut out, "graph", places);
    }
    if let Some(mistakes) = &news.mistakes {
        event(&mut out, "mistakes", mistakes);
    }
    if let Some(status) = &news.status {
        event(&mut out, "status", status);
    }
    if let Some(log) = &news.log {
        let lines: Vec<&str> = log.iter().map(|line| cut(line, LINE)).collect();
        event(&mut out, "log", &lines);
    }
    let mut seen: Vec<&str> = Vec::new();
    for sample in news.samples.iter().rev() {
        if !seen.contains(&&*sample.signal) {
            seen.push(&sample.signal);
            event(&mut out, "sample", &newest(sample, &news.samples));
        }
    }
    if news.ended {
        event(&mut out, "ended", &true);
    }
    out
}

/// Returns the newest sample of a signal, with the numbers of all since the last update.
fn newest(sample: &SampleLine, samples: &[SampleLine]) -> Json {
    let numbers = samples.iter().filter(|other| other.signal == sample.signal);
    let numbers = numbers.filter_map(|other| Some(json!([other.time, other.value.as_f64()?])));
    let numbers: Vec<Json> = numbers.collect();
    let is_tensor = sample.value.get("$tensor").is_some();
    let whole = sample.value.to_string();
    let (value, text) = if is_tensor || whole.len() <= VALUE {
        (&sample.value, None)
    } else {
        (&Json::Null, Some(cut(&whole, VALUE)))
    };
    json!({
        "signal": sample.signal,
        "epoch": sample.epoch,
        "time": sample.time,
        "value": value,
        "text": text,
        "summary": sample.summary,
        "bytes": sample.bytes,
        "numbers": numbers,
    })
}

/// Writes an event; JSON has no line breaks.
fn event(out: &mut String, name: &str, data: &impl Serialize) {
    if let Ok(data) = serde_json::to_string(data) {
        let _ = write!(out, "event: {name}\ndata: {data}\n\n");
    }
}

/// Returns the begin of a text.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Returns the text of a part of a query, with `%` and two digits for a byte.
fn decoded(text: &str) -> Option<String> {
    if text.len() > NAME {
        return None;
    }
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes().iter();
    while let Some(&byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(*rest.next()?).to_digit(16);
            bytes.push((digit()? * 16 + digit()?) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_and_all_else_is_refused() {
        assert_eq!(decoded("a%2Fb%C3%A4").as_deref(), Some("a/bä"));
        for wrong in ["%", "%2", "%zz", "%FF", &"a".repeat(NAME + 1)] {
            assert_eq!(decoded(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn event_is_one_line_whatever_the_log_has() {
        let log = Some(vec!["a\nevent: x\r\n\n".to_owned(), "ä".repeat(LINE)]);
        let text = encode(&News {
            log,
            ..News::default()
        });
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[2], "event: log");
        assert_eq!(lines.len(), 5);
        assert!(!text.contains('\r'));
        let data: Vec<String> =
            serde_json::from_str(lines[3].strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(data, ["a\nevent: x\r\n\n", &"ä".repeat(LINE / 2)]);
    }

    fn sample(signal: &str, value: Json) -> SampleLine {
        SampleLine {
            signal: signal.to_owned(),
            epoch: "7".to_owned(),
            time: 1.5,
            value,
            summary: None,
            bytes: 24,
            skipped: 0,
        }
    }

    #[test]
    fn newest_value_of_each_signal_is_sent_with_the_numbers_of_all() {
        let samples = vec![
            sample("a.x", json!(1)),
            sample("a.y", json!("text")),
            sample("a.x", json!(2)),
        ];
        let text = encode(&News {
            samples,
            ..News::default()
        });
        assert_eq!(text.matches("event: sample").count(), 2);
        assert!(text.contains("\"numbers\":[[1.5,1.0],[1.5,2.0]]"), "{text}");
    }

    #[test]
    fn long_value_is_cut() {
        let long = sample("a.x", json!("ä".repeat(VALUE)));
        let found = newest(&long, std::slice::from_ref(&long));
        assert_eq!(found["value"], Json::Null);
        assert!(found["text"].as_str().unwrap().len() <= VALUE);
    }
}
