//! Requests over plain sockets, so that each header is the test's own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

/// Time in which a server answers.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Address of a page and its token, from the printed address.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Host and port.
    pub(crate) host: String,
    pub(crate) token: String,
}

/// Answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// Stream of events.
pub(crate) struct Events {
    lines: BufReader<TcpStream>,
}

/// Event of a stream.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) data: Json,
}

impl Site {
    pub(crate) fn new(url: &str) -> Self {
        let rest = url.strip_prefix("http://").expect("an address");
        let (host, token) = rest.split_once("/?token=").expect("a token");
        Self {
            host: host.to_owned(),
            token: token.trim().to_owned(),
        }
    }

    pub(crate) fn port(&self) -> &str {
        self.host.rsplit_once(':').expect("a port").1
    }

    /// Returns the header `Cookie` that a browser sends once it has the cookie.
    pub(crate) fn cookie(&self) -> String {
        format!("Cookie: noob_zmq_{}={}", self.port(), self.token)
    }

    /// Sends a request with these lines, and leaves the connection open.
    pub(crate) fn open(&self, first: &str, headers: &[&str]) -> TcpStream {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        let mut request = format!("{first} HTTP/1.1\r\n");
        for header in headers {
            request += &format!("{header}\r\n");
        }
        stream
            .write_all(format!("{request}\r\n").as_bytes())
            .unwrap();
        stream
    }

    /// Sends a request with these headers, and no other.
    pub(crate) fn send(&self, first: &str, headers: &[&str]) -> Answer {
        let mut stream = self.open(first, &[headers, &["Connection: close"]].concat());
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        Answer::new(&text)
    }

    /// Sends a request as a browser that has the cookie does.
    pub(crate) fn get(&self, path: &str) -> Answer {
        let host = format!("Host: {}", self.host);
        self.send(&format!("GET {path}"), &[&host, &self.cookie()])
    }

    /// Opens the stream, of everything or of one node too.
    pub(crate) fn events(&self, query: &str) -> Events {
        let host = format!("Host: {}", self.host);
        let first = format!("GET /events{query}");
        let stream = self.open(&first, &[&host, &self.cookie(), "Connection: close"]);
        let mut lines = BufReader::new(stream);
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        assert_eq!(line, "HTTP/1.1 200 OK\r\n");
        Events { lines }
    }
}

impl Answer {
    fn new(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.filter_map(|line| line.split_once(": "));
        Self {
            status: status.parse().unwrap(),
            headers: headers
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect(),
            body: body.to_owned(),
        }
    }

    /// Returns the value of a header; the empty text if it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut headers = self.headers.iter();
        headers
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }
}

impl Events {
    /// Returns the next event; `None` at the end of the stream.
    pub(crate) fn next(&mut self) -> Option<Event> {
        let mut name = None;
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            // Sizes of chunks and headers are no fields of events.
            if let Some(found) = line.strip_prefix("event: ") {
                name = Some(found.trim().to_owned());
            } else if let Some(data) = line.strip_prefix("data: ") {
                return Some(Event {
                    name: name.expect("a name before the data"),
                    data: serde_json::from_str(data).unwrap(),
                });
            }
        }
    }

    /// Returns the next event of this name that fits.
    pub(crate) fn find(&mut self, name: &str, fits: impl Fn(&Json) -> bool) -> Json {
        let begun = Instant::now();
        let mut last = Json::Null;
        loop {
            let event = self.next();
            let event = event.unwrap_or_else(|| panic!("no `{name}` that fits; the last: {last}"));
            if event.name == name {
                if fits(&event.data) {
                    return event.data;
                }
                last = event.data;
            }
            assert!(begun.elapsed() < SOON, "no `{name}` that fits: {last}");
        }
    }
}
