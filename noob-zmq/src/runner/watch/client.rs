//! Other side of the socket of a run: finds the runs of this user, and asks them.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::protocol::{Reply, Request, SOCKET};
use super::report::RunStatus;
use crate::transport::runs;

/// Time in which a run answers.
const PATIENCE: Duration = Duration::from_secs(5);

/// Run of this user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundRun {
    pub(crate) name: String,
    socket: PathBuf,
}

/// Answers of a run.
#[derive(Debug)]
pub(crate) struct Replies {
    lines: BufReader<UnixStream>,
    /// Begin of a line whose end has yet to come.
    begun: Vec<u8>,
}

/// Returns the runs below this directory that can be watched, the youngest last.
pub(crate) fn find(root: &Path) -> Vec<FoundRun> {
    let names = runs(root).into_iter();
    let found = names.map(|name| FoundRun {
        socket: root.join(&name).join(SOCKET),
        name,
    });
    found.filter(|run| run.socket.exists()).collect()
}

impl FoundRun {
    /// Sends a request.
    ///
    /// # Errors
    /// A run that has ended or does not answer.
    pub(crate) fn ask(&self, request: &Request) -> io::Result<Replies> {
        let mut stream = UnixStream::connect(&self.socket)?;
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
        })
    }

    /// Returns the status of the run.
    ///
    /// # Errors
    /// A run that has ended or does not answer.
    pub(crate) fn status(&self) -> io::Result<RunStatus> {
        let mut replies = self.ask(&Request::Status { every: None })?;
        replies.set_timeout(Some(PATIENCE))?;
        match replies.next()? {
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
            return Ok(None);
        }
        match serde_json::from_slice(&line)? {
            Reply::Ended => Ok(None),
            Reply::Error(why) => Err(io::Error::other(why)),
            reply => Ok(Some(reply)),
        }
    }
}
