//! [`Collector`]: the HTTP client by which spans and metrics are sent.
//!
//! Driven by the threads of the exporters, which it blocks for the time of a request at most.

use std::future::Future;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};

/// Largest answer that is read, in bytes: a collector answers with a few.
const MAX_ANSWER: usize = 64 << 10;

/// Client for one signal, over plain HTTP, with a connection for each request.
#[derive(Debug, Clone)]
pub(super) struct Collector {
    /// Longest time of a request.
    timeout: Duration,
    /// Whether a failure was logged, in this process, of any signal.
    logged: Arc<AtomicBool>,
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

impl Collector {
    pub(super) const fn new(timeout: Duration, logged: Arc<AtomicBool>) -> Self {
        Self { timeout, logged }
    }

    /// Sends a request, and logs the first failure.
    fn send_and_log(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = self.send(request);
        let failure = match &answer {
            Ok(answer) if answer.status().is_success() => return Ok(answer.clone()),
            Ok(answer) => format!("it answers {}", answer.status()),
            Err(error) => error.to_string(),
        };
        // A flag, which orders nothing else.
        if !self.logged.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "spans and metrics do not reach the collector at {}: {failure}; the run goes on, \
                 and further failures are not reported one by one",
                request.uri()
            );
        }
        answer
    }

    fn send(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let deadline = Instant::now() + self.timeout;
        let uri = request.uri();
        let host = uri.host().ok_or("an address without a host")?;
        let place = (host.trim_matches(['[', ']']), uri.port_u16().unwrap_or(80));
        let mut failure = io::Error::other("the name of the host has no address");
        let mut connected = None;
        for address in place.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, left(deadline)?) {
                Ok(stream) => {
                    connected = Some(stream);
                    break;
                }
                Err(error) => failure = error,
            }
        }
        let mut stream = connected.ok_or(failure)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let authority = uri.authority().map_or(host, |authority| authority.as_str());
        let body = request.body();
        let mut bytes = format!("POST {path} HTTP/1.1\r\nhost: {authority}\r\n").into_bytes();
        for (name, value) in request.headers() {
            bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        let end = format!(
            "content-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        bytes.extend(end.as_bytes());
        bytes.extend(body);
        write_all(&mut stream, &bytes, deadline)?;
        read_answer(&mut stream, deadline)
    }
}

impl HttpClient for Collector {
    // The form that the macro `async_trait` gives a method; the future is ready at once.
    fn send_bytes<'a, 'b>(&'a self, request: Request<Bytes>) -> Answer<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move { self.send_and_log(&request) })
    }
}

/// Returns the time that is left.
///
/// # Errors
/// None is left.
fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time"));
    }
    Ok(left)
}

/// Gives an error of a socket whose time is over its name.
fn named(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::WouldBlock => io::Error::new(io::ErrorKind::TimedOut, "no answer in time"),
        _ => error,
    }
}

fn write_all(stream: &mut TcpStream, mut bytes: &[u8], deadline: Instant) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.set_write_timeout(Some(left(deadline)?))?;
        let written = stream.write(bytes).map_err(named)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
    }
    Ok(())
}

/// Reads an answer to its end: that of the connection, or of the length that it gives.
fn read_answer(stream: &mut TcpStream, deadline: Instant) -> Result<Response<Bytes>, HttpError> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        if let Some(answer) = parse(&bytes, false)? {
            return Ok(answer);
        }
        stream.set_read_timeout(Some(left(deadline)?))?;
        match stream.read(&mut part).map_err(named)? {
            0 => return Ok(parse(&bytes, true)?.ok_or("an answer that ends in its middle")?),
            count => bytes.extend(&part[..count]),
        }
        if bytes.len() > MAX_ANSWER {
            return Err("an answer that is too long".into());
        }
    }
}

/// Reads an answer from its bytes; `None` if some are missing.
fn parse(bytes: &[u8], ended: bool) -> Result<Option<Response<Bytes>>, HttpError> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..end])?;
    let body = &bytes[end + 4..];
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    if !first.next().is_some_and(|word| word.starts_with("HTTP/1.")) {
        return Err("an answer that is not HTTP".into());
    }
    let mut answer = Response::builder().status(first.next().unwrap_or_default());
    let mut length = None;
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.parse::<usize>()?);
        }
        answer = answer.header(name, value);
    }
    let body = match length {
        Some(length) if body.len() >= length => &body[..length],
        None if ended => body,
        _ => return Ok(None),
    };
    Ok(Some(answer.body(Bytes::copy_from_slice(body))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status_and_body(text: &str, ended: bool) -> Option<(u16, String)> {
        let answer = parse(text.as_bytes(), ended).unwrap()?;
        let body = String::from_utf8_lossy(answer.body()).into_owned();
        Some((answer.status().as_u16(), body))
    }

    #[test]
    fn answer_ends_with_its_length_or_with_the_connection() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes";
        let whole = Some((200, "yes".to_owned()));
        assert_eq!(status_and_body(answer, false), whole);
        for end in 0..answer.len() {
            assert_eq!(status_and_body(&answer[..end], false), None, "{end}");
        }
        let open = "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\n\r\nlater";
        assert_eq!(status_and_body(open, false), None);
        assert_eq!(status_and_body(open, true), Some((503, "later".to_owned())));
    }

    #[test]
    fn answer_that_is_not_http_is_an_error() {
        for text in [
            "SSH-2.0\r\n\r\n",
            "HTTP/1.1 many\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: all\r\n\r\n",
        ] {
            assert!(parse(text.as_bytes(), true).is_err(), "{text}");
        }
    }
}
