//! Progress of a run on standard error, and the line at its end.

use std::io::IsTerminal;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use clap::ValueEnum;
use unicode_width::UnicodeWidthStr;

use super::output::print_error;
use crate::runner::{RunStatus, RunnerState, Watcher};
use crate::standard_streams::status_line;
use crate::wire::NodeStatus;

/// Time between two looks at the run, on a terminal.
const INTERVAL: Duration = Duration::from_millis(150);
/// The same where each look is a line of its own.
const LINE_INTERVAL: Duration = Duration::from_secs(1);
const SPINNER: [char; 4] = ['|', '/', '-', '\\'];

/// Condition for the progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    Never,
    Auto,
    Always,
}

impl When {
    pub(super) fn holds(self) -> bool {
        match self {
            Self::Never => false,
            Self::Auto => std::io::stderr().is_terminal(),
            Self::Always => true,
        }
    }
}

/// Progress of a run, which a thread of its own shows until [`end`](Self::end) or a drop.
pub(super) struct Progress {
    watcher: Watcher,
    /// Dropped to end the thread.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// Shows the progress of a run of `n` epochs, or of one whose end nobody knows.
    pub(super) fn start(watcher: Watcher, n: Option<u64>) -> Self {
        let (end, ended) = mpsc::channel::<()>();
        let shown = watcher.clone();
        let terminal = std::io::stderr().is_terminal();
        // A thread of its own: the caller is inside of the run meanwhile.
        let show = move || {
            let interval = if terminal { INTERVAL } else { LINE_INTERVAL };
            for turn in 0.. {
                // The pause, which the end of the run cuts short.
                match ended.recv_timeout(interval) {
                    Err(RecvTimeoutError::Timeout) => {}
                    _ => break,
                }
                let status = shown.status();
                if terminal {
                    status_line::show(&line(&status, n, turn, columns()));
                } else {
                    print_error(line(&status, n, turn, usize::MAX));
                }
            }
            status_line::show("");
        };
        let thread = std::thread::Builder::new().name("noob-zmq-progress".into());
        Self {
            watcher,
            end: Some(end),
            thread: thread.spawn(show).ok(),
        }
    }

    /// Ends the progress, and prints a line about the run that took this time.
    pub(super) fn end(mut self, took: Duration) {
        self.stop();
        print_error(summary(&self.watcher.status(), took));
    }

    fn stop(&mut self) {
        drop(self.end.take());
        // Waited for, so that the line is erased before anything else is printed.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Returns the width of the terminal.
fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stderr());
    // A terminal without a window says 0.
    match size.map(|size| usize::from(size.ws_col)) {
        Ok(0) | Err(_) => 80,
        Ok(columns) => columns.max(20),
    }
}

/// Returns the line that shows a run on a terminal of this width.
fn line(status: &RunStatus, n: Option<u64>, turn: usize, columns: usize) -> String {
    let spinner = SPINNER[turn % SPINNER.len()];
    if matches!(status.state, RunnerState::Idle | RunnerState::Starting) {
        let nodes = status.nodes.iter().filter(|node| node.enabled);
        let is_ready = |status| matches!(status, NodeStatus::Ready | NodeStatus::Running);
        let ready = nodes.clone().filter(|node| is_ready(node.status)).count();
        let text = format!(
            "{spinner} starting: {ready} of {} nodes ready",
            nodes.count()
        );
        return fit(&text, columns);
    }
    let ended = ended(status);
    let rate = status.epochs_per_second;
    let mut text = match n {
        Some(n) if n > 0 => {
            let share = (ended as f64 / n as f64).min(1.0);
            let bar = match columns {
                0..60 => 0,
                60..100 => 10,
                _ => 20,
            };
            let full = (share * f64::from(bar as u32)) as usize;
            let bar = match bar {
                0 => String::new(),
                bar => format!("[{}{}] ", "#".repeat(full), ".".repeat(bar - full)),
            };
            format!("{bar}{:3.0} %  {ended}/{n} epochs", 100.0 * share)
        }
        _ => format!("{spinner} {ended} epochs"),
    };
    text += &format!("  {}/s", short(rate));
    match n {
        Some(n) if rate > 0.0 => {
            let left = n.saturating_sub(ended) as f64 / rate;
            text += &format!("  {} left", time(left));
        }
        _ => text += &format!("  {}", time(status.uptime)),
    }
    if let Some(slowest) = status.slowest() {
        let load = 100.0 * slowest.load;
        text += &format!("  slowest: {} ({load:.0} % busy)", slowest.node);
    }
    let lost = status.epochs.failed + status.epochs.skipped;
    for (count, what) in [
        (lost, "lost"),
        (status.dropped(), "dropped"),
        (status.restarts, "restarts"),
    ] {
        if count > 0 {
            text += &format!("  {count} {what}");
        }
    }
    fit(&text, columns)
}

/// Returns the line at the end of a run that took this time.
pub(super) fn summary(status: &RunStatus, took: Duration) -> String {
    let seconds = took.as_secs_f64();
    let ended = ended(status);
    let rate = if seconds > 0.0 {
        ended as f64 / seconds
    } else {
        0.0
    };
    let s = if ended == 1 { "" } else { "s" };
    let mut text = format!(
        "{ended} epoch{s} in {}, {}/s: {} failed, {} skipped, {} events dropped",
        time(seconds),
        short(rate),
        status.epochs.failed,
        status.epochs.skipped,
        status.dropped()
    );
    if status.restarts > 0 {
        text += &format!(", {} restarts", status.restarts);
    }
    text
}

fn ended(status: &RunStatus) -> u64 {
    let epochs = &status.epochs;
    epochs.done + epochs.failed + epochs.skipped
}

/// Returns a number with three digits or so.
pub(super) fn short(number: f64) -> String {
    let (scaled, unit) = match number.abs() {
        scale if scale >= 1e9 => (number / 1e9, "G"),
        scale if scale >= 1e6 => (number / 1e6, "M"),
        scale if scale >= 1e4 => (number / 1e3, "k"),
        _ => (number, ""),
    };
    let digits = match scaled.abs() {
        scale if scale >= 100.0 || scaled.fract() == 0.0 => 0,
        scale if scale >= 10.0 => 1,
        _ => 2,
    };
    format!("{scaled:.digits$}{unit}")
}

/// Returns a time in a unit that suits it.
pub(super) fn time(seconds: f64) -> String {
    let seconds = seconds.max(0.0);
    if seconds < 1e-3 {
        return format!("{:.0} µs", seconds * 1e6);
    }
    if seconds < 1.0 {
        return format!("{:.0} ms", seconds * 1e3);
    }
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    let whole = seconds as u64;
    match whole / 3600 {
        0 => format!("{}:{:02} min", whole / 60, whole % 60),
        hours => format!("{hours}:{:02} h", whole / 60 % 60),
    }
}

/// Cuts a text so that it leaves the last column free: the cursor then stays in the line.
fn fit(text: &str, columns: usize) -> String {
    if text.width() < columns {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut width = 0;
    for letter in text.chars() {
        width += letter.to_string().width();
        if width + 1 >= columns {
            break;
        }
        cut.push(letter);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status() -> RunStatus {
        let text = "
noob_id: shown
nodes:
  frames: {type: noob_zmq.node.tests.count, params: {start: 0}}
  filter: {type: noob_zmq.node.tests.multiply, depends: [{left: frames.index}]}
";
        let tube = crate::tube::from_text("shown.yaml", text, ()).unwrap();
        let mut status = RunStatus::of(&tube, "zmq");
        status.state = RunnerState::Running;
        (status.epochs.done, status.epochs.skipped) = (240, 10);
        status.epochs_per_second = 125.0;
        status.uptime = 2.0;
        status.nodes[1].load = 0.934;
        status.nodes[0].load = 0.1;
        status
    }

    #[test]
    fn line_has_share_rate_time_left_and_slowest_node() {
        assert_eq!(
            line(&status(), Some(1000), 0, 120),
            "[#####...............]  25 %  250/1000 epochs  125/s  6.0 s left  \
             slowest: filter (93 % busy)  10 lost"
        );
        assert_eq!(
            line(&status(), None, 1, 120),
            "/ 250 epochs  125/s  2.0 s  slowest: filter (93 % busy)  10 lost"
        );
    }

    #[test]
    fn line_fits_into_a_narrow_terminal() {
        for columns in 20..120 {
            let shown = line(&status(), Some(1000), 0, columns);
            assert!(shown.width() < columns, "{columns}: {shown}");
        }
        assert_eq!(fit("日本日本", 5), "日");
    }

    #[test]
    fn start_shows_the_nodes_that_are_ready() {
        let mut status = status();
        status.state = RunnerState::Starting;
        status.nodes[0].status = NodeStatus::Ready;
        let shown = line(&status, Some(1000), 2, 80);
        assert_eq!(shown, "- starting: 1 of 2 nodes ready");
    }

    #[test]
    fn summary_has_epochs_time_rate_failures_and_drops() {
        assert_eq!(
            summary(&status(), Duration::from_millis(2000)),
            "250 epochs in 2.0 s, 125/s: 0 failed, 10 skipped, 0 events dropped"
        );
    }

    #[test]
    fn numbers_and_times_have_units_that_suit_them() {
        let numbers = [0.0, 1.5, 250.0, 9999.0, 51_234.0, 2e6].map(short);
        assert_eq!(numbers, ["0", "1.50", "250", "9999", "51.2k", "2M"]);
        let times = [2e-5, 0.25, 59.0, 61.0, 7322.0].map(time);
        assert_eq!(times, ["20 µs", "250 ms", "59.0 s", "1:01 min", "2:02 h"]);
    }
}
