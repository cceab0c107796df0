//! Socket in the directory of a run by which other processes of the same user watch it.
//!
//! A thread accepts connections, and each connection has a thread of its own, which blocks on its
//! socket alone: a watcher that does not read holds up nobody else, and is cut after a while. The
//! directory is private, so that no other user reaches the socket.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::protocol::{MAX_REQUEST, Reply, Request, SOCKET, SampleLine};
use super::report::RunnerState;
use super::taps::Tap;
use super::watcher::Watcher;
use crate::graph::Tube;
use crate::node::Registry;
use crate::view::Diagram;

/// Connections at once.
const CONNECTIONS: usize = 32;
/// Time in which a watcher sends its request, and takes a line.
const PATIENCE: Duration = Duration::from_secs(10);
/// Shortest interval between two statuses.
const SHORTEST: Duration = Duration::from_millis(50);
/// Time after which a thread looks whether its watcher or the run is gone.
const LOOK: Duration = Duration::from_millis(250);

/// Run that watchers look at.
struct Shown {
    watcher: Watcher,
    tube: Arc<Tube>,
    /// The picture of the tube, made for the first who asks.
    diagram: OnceLock<Diagram>,
    /// Whether the run has ended.
    ended: Arc<AtomicBool>,
}

/// Socket of a run; a drop closes it and ends its threads soon.
#[derive(Debug)]
pub(crate) struct WatchServer {
    path: PathBuf,
    ended: Arc<AtomicBool>,
    /// The listening socket, to be shut down.
    listening: UnixStream,
}

impl WatchServer {
    /// Opens the socket in the directory of a run.
    ///
    /// # Errors
    /// A socket that cannot be made.
    pub(crate) fn open(directory: &Path, watcher: Watcher, tube: Arc<Tube>) -> io::Result<Self> {
        let path = directory.join(SOCKET);
        let listener = UnixListener::bind(&path)?;
        let listening = UnixStream::from(OwnedFd::from(listener.try_clone()?));
        let ended = Arc::<AtomicBool>::default();
        let shown = Arc::new(Shown {
            watcher,
            tube,
            diagram: OnceLock::new(),
            ended: Arc::clone(&ended),
        });
        std::thread::Builder::new()
            .name("noob-zmq-watch".into())
            .spawn(move || accept(&listener, &shown))?;
        Ok(Self {
            path,
            ended,
            listening,
        })
    }
}

impl Drop for WatchServer {
    fn drop(&mut self) {
        // Before the shutdown: the thread that it wakes looks at the flag.
        self.ended.store(true, Ordering::Release);
        // Wakes the thread that accepts, also where the directory of the run is gone.
        let _ = self.listening.shutdown(Shutdown::Both);
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Shown {
    /// Returns the picture of the tube; `None` if the types of the program cannot be listed.
    fn diagram(&self) -> Option<&Diagram> {
        let types = Registry::of_types(&self.tube.types).ok()?;
        Some(self.diagram.get_or_init(|| Diagram::of(&self.tube, types)))
    }

    fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}

fn accept(listener: &UnixListener, shown: &Arc<Shown>) {
    let connections = Arc::<AtomicUsize>::default();
    for stream in listener.incoming() {
        if shown.has_ended() {
            return;
        }
        let Ok(mut stream) = stream else {
            // Too many open files, perhaps: the next may do.
            std::thread::sleep(LOOK);
            continue;
        };
        if connections.load(Ordering::Relaxed) >= CONNECTIONS {
            let _ = send(
                &mut stream,
                &Reply::Error("too many watchers; close one".into()),
            );
            continue;
        }
        connections.fetch_add(1, Ordering::Relaxed);
        // A thread for each watcher: one that does not read must not hold up the others.
        let shown = Arc::clone(shown);
        let open = Arc::clone(&connections);
        // Without a thread, the connection is closed, and the watcher sees that.
        let serving = std::thread::Builder::new()
            .name("noob-zmq-watcher".into())
            .spawn(move || {
                if let Err(error) = serve(stream, &shown) {
                    tracing::debug!(%error, "a watcher is gone");
                }
                open.fetch_sub(1, Ordering::Relaxed);
            });
        if serving.is_err() {
            connections.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn serve(mut stream: UnixStream, shown: &Shown) -> io::Result<()> {
    let watcher = &shown.watcher;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new((&stream).take(MAX_REQUEST)).read_line(&mut line)?;
    let request = match serde_json::from_str(&line) {
        Ok(request) => request,
        Err(error) => {
            let why = format!("the request cannot be read: {error}");
            return send(&mut stream, &Reply::Error(why));
        }
    };
    // From here on, a read only asks whether the watcher is gone.
    stream.set_read_timeout(Some(LOOK))?;
    match request {
        Request::Log { node } => send(&mut stream, &Reply::Lines(watcher.log(&node))),
        Request::Status { every: None } => {
            send(&mut stream, &Reply::Status(Box::new(watcher.status())))
        }
        Request::Status { every: Some(every) } => {
            let every = Duration::try_from_secs_f64(every).unwrap_or(LOOK);
            stream.set_read_timeout(Some(every.clamp(SHORTEST, PATIENCE)))?;
            loop {
                let status = watcher.status();
                let closed = status.state == RunnerState::Closed;
                send(&mut stream, &Reply::Status(Box::new(status)))?;
                if closed || shown.has_ended() {
                    return send(&mut stream, &Reply::Ended);
                }
                // The timeout of the read is the pause.
                if is_closed(&mut stream)? {
                    return Ok(());
                }
            }
        }
        Request::Tube => match shown.diagram() {
            Some(diagram) => send(&mut stream, &Reply::Tube(Box::new(diagram.clone()))),
            None => {
                let why = "the types of the tube are not known";
                send(&mut stream, &Reply::Error(why.into()))
            }
        },
        Request::Signal { signal } => match watcher.tap(&signal) {
            Ok(tap) => send_samples(&mut stream, &tap),
            Err(error) => send(&mut stream, &Reply::Error(error.to_string())),
        },
        Request::Node { node } => match watcher.tap_node(&node) {
            Some(tap) => send_samples(&mut stream, &tap),
            None => {
                let why = format!("the tube has no node `{node}`");
                send(&mut stream, &Reply::Error(why))
            }
        },
    }
}

/// Sends samples as they come, until the watcher is gone or the run has ended.
fn send_samples(stream: &mut UnixStream, tap: &Tap) -> io::Result<()> {
    // The wait is that for the tap.
    stream.set_read_timeout(Some(Duration::from_millis(1)))?;
    loop {
        match tap.next_within(LOOK) {
            Ok(Some(sample)) => send(stream, &Reply::Sample(SampleLine::from(&sample)))?,
            Ok(None) if is_closed(stream)? => return Ok(()),
            Ok(None) => {}
            Err(_) => return send(stream, &Reply::Ended),
        }
    }
}

/// Returns whether the watcher has closed its end or has sent more than its request; waits for the
/// timeout of the stream.
fn is_closed(stream: &mut UnixStream) -> io::Result<bool> {
    match stream.read(&mut [0; 64]) {
        Ok(0) => Ok(true),
        // A connection has one request: who goes on talking is no watcher.
        Ok(_) => Ok(true),
        Err(error) => match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => Ok(false),
            _ => Err(error),
        },
    }
}

fn send(stream: &mut UnixStream, reply: &Reply) -> io::Result<()> {
    let mut line = serde_json::to_vec(reply)?;
    line.push(b'\n');
    stream.write_all(&line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::{Runner, SyncRunner};

    const TUBE: &str = "
noob_id: watched
nodes:
  a: {type: noob_zmq.node.tests.count, params: {start: 0}}
  return: {type: return, depends: a.index}
";

    /// Watched runner, with the socket in a directory of its own.
    fn watched() -> (SyncRunner, WatchServer, tempfile::TempDir) {
        let tube = crate::tube::from_text("watched.yaml", TUBE, ());
        let runner = SyncRunner::new(tube.unwrap_or_else(|errors| panic!("{errors}"))).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let tube = Arc::new(runner.tube().clone());
        let server = WatchServer::open(directory.path(), runner.watcher(), tube).unwrap();
        (runner, server, directory)
    }

    fn answers(server: &WatchServer, request: &[u8]) -> String {
        let mut stream = UnixStream::connect(&server.path).unwrap();
        // A server that has refused a long request may have closed its end already.
        let _ = stream.write_all(request);
        let mut answers = Vec::new();
        let mut buffer = [0; 4096];
        // Ends with the answer, or with a connection that is reset since more was sent.
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            answers.extend_from_slice(&buffer[..read]);
        }
        String::from_utf8(answers).unwrap()
    }

    #[test]
    fn requests_are_answered_as_on_the_page() {
        let (_runner, server, _directory) = watched();
        let cases = [
            (
                "{\"watch\":\"status\"}",
                "{\"status\":{\"tube\":\"watched\",",
            ),
            ("{\"watch\":\"log\",\"node\":\"a\"}", "{\"lines\":[]}"),
            (
                "{\"watch\":\"signal\",\"signal\":\"a.indes\"}",
                "{\"error\":\"the tube has no signal `a.indes`",
            ),
            (
                "{\"watch\":\"node\",\"node\":\"b\"}",
                "{\"error\":\"the tube has no node `b`",
            ),
            (
                "{\"watch\":\"tube\"}",
                "{\"tube\":{\"title\":\"watched\",\"nodes\":[{\"id\":\"a\",",
            ),
            (
                "{\"watch\":\"everything\"}",
                "{\"error\":\"the request cannot be read: ",
            ),
            (
                "\u{0}\u{1}\u{2}",
                "{\"error\":\"the request cannot be read: ",
            ),
        ];
        for (request, answer) in cases {
            let found = answers(&server, format!("{request}\n").as_bytes());
            assert!(found.starts_with(answer), "{request}: {found}");
        }
    }

    #[test]
    fn endless_request_is_refused() {
        let (_runner, server, _directory) = watched();
        let mut stream = UnixStream::connect(&server.path).unwrap();
        let line = [b' '; 4096];
        // The server stops to read: writing ends with an error, and not when the memory is full.
        let written = (0..)
            .take_while(|_| stream.write_all(&line).is_ok())
            .count();
        assert!(written as u64 * 4096 < 64 * MAX_REQUEST, "{written}");
    }

    #[test]
    fn watcher_that_goes_on_talking_is_cut() {
        let (_runner, server, _directory) = watched();
        let mut stream = UnixStream::connect(&server.path).unwrap();
        stream
            .write_all(b"{\"watch\":\"status\",\"every\":0.05}\n")
            .unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        assert!(lines.next().unwrap().unwrap().starts_with("{\"status\":"));
        let talked = (0..)
            .take_while(|_| stream.write_all(b"more\n").is_ok())
            .count();
        assert!(talked < 1 << 20, "{talked}");
    }

    #[test]
    fn one_watcher_too_many_is_told_so() {
        let (_runner, server, _directory) = watched();
        let ask = || {
            let mut stream = UnixStream::connect(&server.path).unwrap();
            // A watcher that is refused may be closed before it has written.
            let _ = stream.write_all(b"{\"watch\":\"status\",\"every\":9}\n");
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            (stream, line)
        };
        let open: Vec<_> = (0..CONNECTIONS).map(|_| ask()).collect();
        assert!(
            open.iter()
                .all(|(_, line)| line.starts_with("{\"status\":"))
        );
        let (_, line) = ask();
        assert!(line.contains("too many watchers"), "{line}");
    }
}
