//! Look at a run of another process, over the socket in its directory.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use super::watched::diagram_of;
use super::{INTERVAL, Look, News, Shown};
use crate::runner::RunStatus;
use crate::runner::watch::client::{FoundRun, Replies};
use crate::runner::watch::protocol::{Reply, Request, SampleLine};
use crate::view::{Diagram, Places};

/// Samples that wait for the next update.
const WAITING: usize = 512;
/// Time in which a thread sees that nobody needs its signal any more.
const LOOK: Duration = Duration::from_millis(500);
/// Time in which a status comes.
const PATIENCE: Duration = Duration::from_secs(2);

/// Run of another process.
pub(super) struct Distant {
    run: FoundRun,
}

struct DistantLook {
    run: FoundRun,
    node: Option<String>,
    /// Statuses; `None` once the run has ended.
    statuses: Option<Replies>,
    samples: Option<Receiver<SampleLine>>,
    /// Tells the thread of the samples to end.
    dropped: Arc<AtomicBool>,
    had_places: bool,
    log: Vec<String>,
    log_read: Option<Instant>,
}

impl Distant {
    pub(super) const fn new(run: FoundRun) -> Self {
        Self { run }
    }
}

impl Shown for Distant {
    fn look(&self, node: Option<&str>) -> Box<dyn Look> {
        let every = Some(INTERVAL.as_secs_f64());
        let statuses = self.run.ask(&Request::Status { every }).ok();
        let statuses = statuses.filter(|replies| replies.set_timeout(Some(PATIENCE)).is_ok());
        Box::new(DistantLook {
            run: self.run.clone(),
            node: node.map(str::to_owned),
            statuses,
            samples: None,
            dropped: Arc::default(),
            had_places: false,
            log: Vec::new(),
            log_read: None,
        })
    }

    fn status(&self) -> Option<RunStatus> {
        self.run.status().ok()
    }
}

impl Look for DistantLook {
    fn next(&mut self) -> News {
        let mut news = News::default();
        match self.statuses.as_mut().map(Replies::next) {
            Some(Ok(Some(Reply::Status(status)))) => {
                if !self.had_places {
                    self.had_places = true;
                    let diagram = diagram(&self.run).unwrap_or_else(|| diagram_of(&status));
                    news.places = Some(Places::of(&diagram));
                    self.tap();
                }
                news.status = Some(*status);
            }
            // It has a lot to do.
            Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {}
            // The run has said why it does not show itself.
            Some(Err(error)) if error.kind() == io::ErrorKind::Other => {
                news.mistakes = Some(vec![format!("the run cannot be watched: {error}")]);
                news.ended = true;
            }
            _ => news.ended = true,
        }
        if let Some(samples) = &self.samples {
            news.samples.extend(samples.try_iter().take(WAITING));
        }
        let due = self.log_read.is_none_or(|read| read.elapsed() > LOOK);
        if let (true, false, Some(node)) = (due, news.ended, &self.node) {
            self.log_read = Some(Instant::now());
            news.log = log_of(&self.run, node).filter(|lines| *lines != self.log);
            if let Some(log) = &news.log {
                self.log.clone_from(log);
            }
        }
        news
    }
}

impl DistantLook {
    /// Taps all signals of the node, on a thread of its own.
    fn tap(&mut self) {
        let Some(node) = self.node.clone() else {
            return;
        };
        let Ok(mut replies) = self.run.ask(&Request::Node { node }) else {
            return;
        };
        // Bounded: what a page does not take in time is dropped.
        let (sender, samples) = sync_channel(WAITING);
        self.samples = Some(samples);
        let dropped = Arc::clone(&self.dropped);
        // Without a thread, the node shows no values.
        let _ = std::thread::Builder::new()
            .name("noob-zmq-page-tap".into())
            .spawn(move || {
                let _ = replies.set_timeout(Some(LOOK));
                while !dropped.load(Ordering::Relaxed) {
                    match replies.next() {
                        Ok(Some(Reply::Sample(sample))) => {
                            let sent = sender.try_send(sample);
                            if let Err(TrySendError::Disconnected(_)) = sent {
                                return;
                            }
                        }
                        Ok(Some(_)) => {}
                        // None came in time.
                        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                        Ok(None) | Err(_) => return,
                    }
                }
            });
    }
}

impl Drop for DistantLook {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::Relaxed);
    }
}

/// Returns the picture of the tube, with types and the tubes inside; `None` if the run does not
/// tell it.
fn diagram(run: &FoundRun) -> Option<Diagram> {
    match run.ask_once(&Request::Tube).ok()?? {
        Reply::Tube(diagram) => Some(*diagram).filter(Diagram::is_valid),
        _ => None,
    }
}

/// Returns the last lines of output of a node.
fn log_of(run: &FoundRun, node: &str) -> Option<Vec<String>> {
    let node = node.to_owned();
    let mut replies = run.ask(&Request::Log { node }).ok()?;
    replies.set_timeout(Some(LOOK)).ok()?;
    match replies.next().ok()?? {
        Reply::Lines(lines) => Some(lines),
        _ => None,
    }
}
