//! Commands that run beside a test.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::processes::wait_for;

/// Longest time that a test waits for a command.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Running command, which is killed when this is dropped.
pub struct RunningCommand {
    child: Child,
    what: String,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
    readers: Vec<std::thread::JoinHandle<()>>,
}

impl RunningCommand {
    /// Returns the handle of a process whose output is piped.
    ///
    /// # Panics
    /// A process without pipes.
    #[must_use]
    pub fn new(mut child: Child, what: String) -> Self {
        let (stdout, stderr) = (Arc::default(), Arc::default());
        let readers = vec![
            keep(child.stdout.take().unwrap(), Arc::clone(&stdout)),
            keep(child.stderr.take().unwrap(), Arc::clone(&stderr)),
        ];
        Self {
            child,
            what,
            stdout,
            stderr,
            readers,
        }
    }

    /// Returns the standard output so far.
    #[must_use]
    pub fn stdout(&self) -> String {
        self.stdout
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the standard error so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        self.stderr
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the id of the process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends the process in order, as Ctrl-C does.
    pub fn interrupt(&self) {
        let pid = rustix::process::Pid::from_raw(self.pid().cast_signed()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    }

    /// Waits for a line with `text` on standard error; returns the line from there.
    pub fn wait_for_stderr(&self, text: &str) -> String {
        let what = format!("`{text}` from {}", self.what);
        let begun = std::time::Instant::now();
        loop {
            let said = self.stderr();
            if let Some(from) = said.find(text)
                && let Some(line) = said[from..].split_once('\n')
            {
                return line.0.to_owned();
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "still waiting for {what}; it said\n{said}"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for this number of lines on standard output.
    pub fn wait_for_lines(&self, lines: usize) {
        let enough = || (self.stdout().lines().count() >= lines).then_some(());
        wait_for(&format!("{lines} lines of {}", self.what), PATIENCE, enough);
    }

    /// Waits for this line on standard output.
    pub fn wait_for_line(&mut self, line: &str) {
        let begun = std::time::Instant::now();
        while !self.stdout().lines().any(|said| said == line) {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && begun.elapsed() < 2 * PATIENCE,
                "still waiting for `{line}` from {}; it said\n{}\n{}",
                self.what,
                self.stdout(),
                self.stderr()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the end of the process, and returns its status.
    pub fn end(&mut self) -> ExitStatus {
        let begun = std::time::Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "still waiting for the end of {}; it said\n{}",
                self.what,
                self.stderr()
            );
            std::thread::sleep(Duration::from_millis(5));
        };
        for reader in self.readers.drain(..) {
            let _ = reader.join();
        }
        status
    }

    /// Waits for the end of the process, which must succeed.
    pub fn wait_for_success(&mut self) {
        let status = self.end();
        assert!(
            status.success(),
            "{}: {status}\n{}",
            self.what,
            self.stderr()
        );
    }

    /// Kills the process.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        self.end();
    }
}

impl Drop for RunningCommand {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn keep(from: impl Read + Send + 'static, to: Arc<Mutex<String>>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut lines = BufReader::new(from);
        let mut line = Vec::new();
        while let Ok(1..) = lines.read_until(b'\n', &mut line) {
            let mut text = to.lock().unwrap_or_else(PoisonError::into_inner);
            text.push_str(&String::from_utf8_lossy(&line));
            line.clear();
        }
    })
}
