//! A collector: an HTTP server that reads what OTLP sends.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

use crate::protobuf::Proto;

/// Conduct of a collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conduct {
    Takes,
    AnswersWithError,
    AnswersNothing,
}

/// Attributes, as texts.
pub(crate) type Attributes = BTreeMap<String, String>;

/// Span that was received.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) trace: Vec<u8>,
    pub(crate) id: Vec<u8>,
    pub(crate) parent: Vec<u8>,
    pub(crate) name: String,
    pub(crate) begin: u64,
    pub(crate) end: u64,
    pub(crate) attributes: Attributes,
    /// Attributes of the process.
    pub(crate) resource: Attributes,
    /// Text of the error, if the status is one.
    pub(crate) error: Option<String>,
}

/// Number that was received.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Number {
    pub(crate) is_counter: bool,
    pub(crate) value: f64,
}

/// Things that were received.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) requests: usize,
    pub(crate) spans: Vec<Span>,
    /// The last value of each number, by its name and its labels.
    pub(crate) numbers: BTreeMap<(String, Attributes), Number>,
}

/// Collector on a free port, which ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Collector {
    address: SocketAddr,
    received: Arc<Mutex<Received>>,
    closing: Arc<Mutex<bool>>,
    thread: Option<JoinHandle<()>>,
}

impl Collector {
    pub(crate) fn open(conduct: Conduct) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::<Mutex<Received>>::default();
        let closing = Arc::<Mutex<bool>>::default();
        let (to, closed) = (Arc::clone(&received), Arc::clone(&closing));
        let thread = std::thread::spawn(move || {
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                if *closed.lock().unwrap() {
                    return;
                }
                let stream = stream.unwrap();
                match conduct {
                    // Open until the collector ends.
                    Conduct::AnswersNothing => silent.push(stream),
                    _ => serve(stream, conduct, &to),
                }
            }
        });
        Self {
            address,
            received,
            closing,
            thread: Some(thread),
        }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn received(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        *self.closing.lock().unwrap() = true;
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Reads one request, and answers it; a process that was ended may leave a request unfinished.
fn serve(stream: TcpStream, conduct: Conduct, to: &Mutex<Received>) {
    let mut lines = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        if line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_lowercase());
    }
    let length = head
        .iter()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.expect("a length").parse().unwrap()];
    if lines.read_exact(&mut body).is_err() {
        return;
    }
    let received = &mut *to.lock().unwrap();
    received.requests += 1;
    let first = head.first().unwrap();
    let status = if conduct == Conduct::AnswersWithError {
        "500 Internal Server Error"
    } else {
        assert!(head.contains(&"content-type: application/x-protobuf".to_owned()));
        assert!(head.contains(&"x-rig: seven".to_owned()), "{head:?}");
        match first.as_str() {
            "post /v1/traces http/1.1" => received.read_spans(&Proto::read(&body)),
            "post /v1/metrics http/1.1" => received.read_numbers(&Proto::read(&body)),
            _ => panic!("a request of another kind: {first}"),
        }
        "200 OK"
    };
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let _ = lines.get_mut().write_all(answer.as_bytes());
}

// The numbers of the fields are those of the `.proto` files of OpenTelemetry.
impl Received {
    fn read_spans(&mut self, request: &Proto<'_>) {
        for of_resource in request.messages(1) {
            let resource = attributes(&of_resource.message(1), 1);
            for of_scope in of_resource.messages(2) {
                let spans = of_scope.messages(2);
                self.spans
                    .extend(spans.iter().map(|span| read_span(span, &resource)));
            }
        }
    }

    fn read_numbers(&mut self, request: &Proto<'_>) {
        for of_scope in request.messages(1).iter().flat_map(|of| of.messages(2)) {
            for metric in of_scope.messages(2) {
                let (gauge, sum) = (metric.message(5), metric.message(7));
                // Cumulative, and never falling.
                let is_counter = sum.number(2) == Some(2) && sum.number(3) == Some(1);
                for point in gauge.messages(1).into_iter().chain(sum.messages(1)) {
                    let number = Number {
                        is_counter,
                        value: f64::from_bits(point.number(4).expect("a double")),
                    };
                    let key = (metric.text(1), attributes(&point, 7));
                    self.numbers.insert(key, number);
                }
            }
        }
    }
}

fn read_span(span: &Proto<'_>, resource: &Attributes) -> Span {
    let status = span.message(15);
    Span {
        trace: span.bytes(1).to_vec(),
        id: span.bytes(2).to_vec(),
        parent: span.bytes(4).to_vec(),
        name: span.text(5),
        begin: span.number(7).expect("a begin"),
        end: span.number(8).expect("an end"),
        attributes: attributes(span, 9),
        resource: resource.clone(),
        error: (status.number(3) == Some(2)).then(|| status.text(2)),
    }
}

fn attributes(of: &Proto<'_>, number: u64) -> Attributes {
    let pairs = of.messages(number);
    let pairs = pairs.iter().map(|pair| {
        let value = pair.message(2);
        let value = match value.number(3) {
            Some(number) => number.to_string(),
            None => value.text(1),
        };
        (pair.text(1), value)
    });
    pairs.collect()
}
