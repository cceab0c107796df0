//! Other side of the socket of a run: finds the runs of this user, and asks them, or the run of a
//! runner on another host.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
#[cfg(feature = "remote")]
use std::sync::Arc;
use std::time::Duration;

use super::protocol::{Reply, Request, SOCKET};
use super::report::RunStatus;
use crate::transport::runs;
#[cfg(feature = "remote")]
use crate::transport::tcp::BlockingLink;

/// Time in which a run answers.
const PATIENCE: Duration = Duration::from_secs(5);

/// Run of this user, or of a runner on another host.
#[derive(Debug, Clone)]
pub(crate) struct FoundRun {
    /// Name of the run, or the address of its runner.
    pub(crate) name: String,
    way: Way,
}

/// Way to the socket of a run.
#[derive(Debug, Clone)]
enum Way {
    Path(PathBuf),
    #[cfg(feature = "remote")]
    Link(Arc<BlockingLink>),
}

/// Answers of a run.
#[derive(Debug)]
pub(crate) struct Replies {
    lines: BufReader<UnixStream>,
    /// Begin of a line whose end has yet to come.
    begun: Vec<u8>,
    /// Link to the run, if it is on another host: the connection may end before the run does.
    #[cfg(feature = "remote")]
    link: Option<Arc<BlockingLink>>,
}

/// Returns the runs below this directory that can be watched, the youngest last.
pub(crate) fn find(root: &Path) -> Vec<FoundRun> {
    let names = runs(root).into_iter();
    let found = names.map(|name| FoundRun {
        way: Way::Path(root.join(&name).join(SOCKET)),
        name,
    });
    let is_there = |run: &FoundRun| matches!(&run.way, Way::Path(path) if path.exists());
    found.filter(is_there).collect()
}

impl FoundRun {
    /// Returns the run behind a link to another host.
    #[cfg(feature = "remote")]
    pub(crate) fn behind(name: String, link: BlockingLink) -> Self {
        let way = Way::Link(Arc::new(link));
        Self { name, way }
    }

    fn connect(&self) -> io::Result<UnixStream> {
        match &self.way {
            Way::Path(path) => UnixStream::connect(path),
            #[cfg(feature = "remote")]
            Way::Link(link) => link.open(),
        }
    }

    /// Sends a request.
    ///
    /// # Errors
    /// A run that has ended or does not answer.
    pub(crate) fn ask(&self, request: &Request) -> io::Result<Replies> {
        let mut stream = self.connect()?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        match stream.write_all(&line) {
            // The server has answered without reading: it has too many watchers.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            written => written?,
        }
        Ok(Replies {
            lines: BufReader::new(stream),
            begun: Vec::new(),
            #[cfg(feature = "remote")]
            link: match &self.way {
                Way::Link(link) => Some(Arc::clone(link)),
                Way::Path(_) => None,
            },
        })
    }

    /// Sends a request that has one answer, and returns it; `None` if the run ends meanwhile.
    ///
    /// # Errors
    /// As [`ask`](Self::ask), and an answer that does not come in time.
    pub(crate) fn ask_once(&self, request: &Request) -> io::Result<Option<Reply>> {
        let mut replies = self.ask(request)?;
        replies.set_timeout(Some(PATIENCE))?;
        replies.next()
    }

    /// Returns the status of the run.
    ///
    /// # Errors
    /// A run that has ended or does not answer.
    pub(crate) fn status(&self) -> io::Result<RunStatus> {
        match self.ask_once(&Request::Status { every: None })? {
            Some(Reply::Status(status)) => Ok(*status),
            _ => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the run has ended",
            )),
        }
    }
}

impl Replies {
    pub(crate) fn set_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.lines.get_ref().set_read_timeout(timeout)
    }

    /// Returns the next answer; `None` at the end of the run.
    ///
    /// # Errors
    /// A broken connection, an answer that cannot be read, and one that does not come in time.
    pub(crate) fn next(&mut self) -> io::Result<Option<Reply>> {
        // What was read before a timeout stays.
        self.lines.read_until(b'\n', &mut self.begun)?;
        let line = std::mem::take(&mut self.begun);
        if line.is_empty() {
            return self.end();
        }
        match serde_json::from_slice(&line)? {
            Reply::Ended => Ok(None),
            Reply::Error(why) => Err(io::Error::other(why)),
            reply => Ok(Some(reply)),
        }
    }

    /// Returns the end of the run, or the reason why the connection has ended before it.
    fn end(&self) -> io::Result<Option<Reply>> {
        #[cfg(feature = "remote")]
        if let Some(link) = &self.link
            && !link.is_closed()
        {
            // A key that may watch no more is told so; the listener may be closed meanwhile.
            return match link.open() {
                Ok(_) => Err(io::Error::other(
                    "the link was cut: a watcher that does not read for ten seconds is",
                )),
                Err(_) if link.is_closed() => Ok(None),
                Err(error) => Err(error),
            };
        }
        Ok(None)
    }
}
