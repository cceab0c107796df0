//! Terminal and run behind the view.
//!
//! The main thread draws and reads keys. A thread reads the statuses of the run, and another one
//! the values of the node that is shown; both send what comes to the main thread.

use std::io::{ErrorKind, IsTerminal};
use std::sync::mpsc::{
    Receiver, Sender, SyncSender, TryRecvError, TrySendError, channel, sync_channel,
};
use std::time::{Duration, Instant};

use clap::Args;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};

use super::app::{App, Key, Pane};
use super::view;
use crate::cli::Failure;
#[cfg(feature = "remote")]
use crate::cli::hosts::RunElsewhere;
use crate::cli::watch::{choose, failure, only};
#[cfg(not(feature = "remote"))]
use crate::cli::without_remote::RunElsewhere;
use crate::runner::RunStatus;
use crate::runner::watch::client::FoundRun;
use crate::runner::watch::protocol::{Reply, Request, SampleLine};

/// Pause between two pictures.
const INTERVAL: Duration = Duration::from_millis(100);
/// Pause between two looks at the output of a node.
const LOG_INTERVAL: Duration = Duration::from_millis(500);
/// Pause between two statuses, in seconds.
const STATUS_INTERVAL: f64 = 0.25;
/// News that wait for the next picture.
const NEWS: usize = 1024;
/// Time in which a thread sees that nobody needs its values any more.
const LOOK: Duration = Duration::from_millis(500);

/// Show a run in the terminal: its nodes, their load, rates, call times and errors, and its edges.
///
/// Keys sort the nodes, pause the view, and show the output and the last values of a node.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The run: its name in `noob-zmq ps`, or the first letters, or its tube [default: the only
    /// run].
    #[arg(conflicts_with = "join")]
    run: Option<String>,
    #[command(flatten)]
    elsewhere: RunElsewhere,
}

/// News of the run.
enum News {
    Status(Box<RunStatus>),
    Value(SampleLine),
    /// The run has ended, or why it can be watched no more.
    Ended(Option<String>),
}

pub(crate) fn top(arguments: &Arguments) -> Result<(), Failure> {
    let run = match (arguments.elsewhere.run()?, &arguments.run) {
        (Some(run), _) => run,
        (None, Some(run)) => choose(run)?,
        (None, None) => only()?,
    };
    if !std::io::stdout().is_terminal() {
        return Err(Failure::Usage(
            "`noob-zmq top` needs a terminal; `noob-zmq ps --json` prints the same numbers".into(),
        ));
    }
    // Bounded: what a terminal that stands still does not show is dropped.
    let (sender, news) = sync_channel(NEWS);
    watch_status(&run, sender.clone()).map_err(|error| failure(&run, &error))?;
    let mut terminal = ratatui::try_init()?;
    let shown = show(&mut terminal, &run, &sender, &news);
    ratatui::restore();
    shown
}

fn show(
    terminal: &mut DefaultTerminal,
    run: &FoundRun,
    sender: &SyncSender<News>,
    news: &Receiver<News>,
) -> Result<(), Failure> {
    let mut app = App::default();
    // Dropped with the selection, which ends the thread of its values.
    let mut taps: Option<(String, Sender<()>)> = None;
    let mut log_read: Option<Instant> = None;
    while !app.quit {
        // Everything that has come since the last picture, without a wait.
        for news in news.try_iter() {
            match news {
                News::Status(status) => app.set_status(*status),
                News::Value(sample) => app.set_value(sample),
                News::Ended(why) => (app.ended, app.failure) = (true, why),
            }
        }
        let node = app.selected().map(|node| node.node.to_string());
        let tapped = node.clone().filter(|_| app.pane == Pane::Values);
        if taps.as_ref().map(|(node, _)| node) != tapped.as_ref() {
            taps = tapped.map(|node| {
                let (keep, kept) = channel();
                watch_values(run, node.clone(), sender, kept);
                (node, keep)
            });
        }
        let due = log_read.is_none_or(|read| read.elapsed() > LOG_INTERVAL);
        if let (Pane::Log, true, false, Some(node)) = (app.pane, due, app.paused, node) {
            log_read = Some(Instant::now());
            app.log = log_of(run, node).unwrap_or_default();
        }
        terminal.draw(|frame| view::draw(frame, &app))?;
        // The wait for a key is the pause.
        if event::poll(INTERVAL)?
            && let Event::Key(key) = event::read()?
            && key.kind == KeyEventKind::Press
        {
            let interrupts = key.modifiers.contains(KeyModifiers::CONTROL);
            match key.code {
                KeyCode::Char('c') if interrupts => app.quit = true,
                KeyCode::Char(letter) => app.on_key(Key::Letter(letter)),
                KeyCode::Up => app.on_key(Key::Up),
                KeyCode::Down => app.on_key(Key::Down),
                KeyCode::Esc => app.quit = true,
                _ => {}
            }
            // A node that was selected now shows its output at once.
            log_read = None;
        }
    }
    Ok(())
}

/// Reads the statuses of a run on a thread of its own.
fn watch_status(run: &FoundRun, sender: SyncSender<News>) -> std::io::Result<()> {
    let every = Some(STATUS_INTERVAL);
    let mut replies = run.ask(&Request::Status { every })?;
    std::thread::Builder::new()
        .name("noob-zmq-top".into())
        .spawn(move || {
            let ended = loop {
                match replies.next() {
                    Ok(Some(Reply::Status(status))) => {
                        if is_closed(sender.try_send(News::Status(status))) {
                            return;
                        }
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => break None,
                    Err(error) => break Some(error.to_string()),
                }
            };
            let _ = sender.send(News::Ended(ended));
        })?;
    Ok(())
}

/// Returns whether nobody receives any more; news for which there is no room are dropped.
fn is_closed(sent: Result<(), TrySendError<News>>) -> bool {
    matches!(sent, Err(TrySendError::Disconnected(_)))
}

/// Reads the samples of all signals of a node on a thread of its own, until the sender of `kept` is
/// dropped.
fn watch_values(run: &FoundRun, node: String, sender: &SyncSender<News>, kept: Receiver<()>) {
    let Ok(mut replies) = run.ask(&Request::Node { node }) else {
        return;
    };
    let sender = sender.clone();
    // Without a thread, the node shows no values.
    let _ = std::thread::Builder::new()
        .name("noob-zmq-top".into())
        .spawn(move || {
            let _ = replies.set_timeout(Some(LOOK));
            while kept.try_recv() != Err(TryRecvError::Disconnected) {
                match replies.next() {
                    Ok(Some(Reply::Sample(sample))) => {
                        if is_closed(sender.try_send(News::Value(sample))) {
                            return;
                        }
                    }
                    Ok(Some(_)) => {}
                    // None came in time.
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Ok(None) | Err(_) => return,
                }
            }
        });
}

/// Returns the last lines of output of a node.
fn log_of(run: &FoundRun, node: String) -> Option<Vec<String>> {
    let mut replies = run.ask(&Request::Log { node }).ok()?;
    replies.set_timeout(Some(LOOK)).ok()?;
    match replies.next().ok()?? {
        Reply::Lines(lines) => Some(lines),
        _ => None,
    }
}
