//! `noob-zmq run` as a process that a test stops.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use noob_zmq_tests::processes::{left_in, of_run, wait_for};
use rustix::process::Signal;

use crate::{SOON, signal};

/// Running `noob-zmq run`, whose outputs are collected.
pub(crate) struct Run {
    pub(crate) process: Child,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
    /// Threads that read the outputs up to their ends.
    readers: [JoinHandle<()>; 2],
    pub(crate) root: PathBuf,
    dir: tempfile::TempDir,
}

impl Run {
    pub(crate) fn start(tube: impl Fn(&Path) -> String, arguments: &[&str]) -> Self {
        Self::launch(Command::new(env!("CARGO_BIN_EXE_host")), tube, arguments)
    }

    pub(crate) fn launch(
        mut program: Command,
        tube: impl Fn(&Path) -> String,
        arguments: &[&str],
    ) -> Self {
        let dir = tempfile::TempDir::with_prefix("nz").unwrap();
        let file = dir.path().join("test.yaml");
        std::fs::write(&file, format!("noob_id: test\n{}", tube(dir.path()))).unwrap();
        let root = dir.path().join("r");
        let mut process = program
            .args(["run", "--json"])
            .arg(&file)
            .args(arguments)
            .env("NOOB_ZMQ_RUNTIME_DIR", &root)
            .env_remove("RUST_LOG")
            .env("HOST_ENDS_WITH_ITS_TEST", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let (stdout, of_stdout) = collect(process.stdout.take().unwrap());
        let (stderr, of_stderr) = collect(process.stderr.take().unwrap());
        Self {
            stdout,
            stderr,
            readers: [of_stdout, of_stderr],
            process,
            root,
            dir,
        }
    }

    pub(crate) fn signal(&self, request: Signal) {
        signal(self.process.id(), request);
    }

    /// Returns the processes of the nodes, and waits until there are `count`.
    pub(crate) fn nodes(&self, count: usize) -> Vec<u32> {
        let id = left_in(&self.root).pop().expect("the directory of the run");
        wait_for("the nodes", SOON, || {
            let nodes = of_run(&id);
            (nodes.len() == count).then(|| nodes.into_iter().map(|(pid, _)| pid).collect())
        })
    }

    pub(crate) fn stderr(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// Waits for this text on standard error, and returns the line that contains it.
    pub(crate) fn wait_for_stderr(&self, text: &str) -> String {
        let line = || {
            let said = self.stderr();
            let mut lines = said.lines();
            lines.find(|line| line.contains(text)).map(str::to_owned)
        };
        wait_for(text, SOON, line)
    }

    /// Waits until the node is in its call of epoch 2 or later, which writes the file, and the
    /// runner has the values of the epochs 0 and 1.
    pub(crate) fn wait_for_file(&self, file: &str) {
        let file = self.dir.path().join(file);
        wait_for("the node to be in its call", SOON, || {
            let printed = self.stdout.lock().unwrap().lines().count();
            (file.exists() && printed >= 2).then_some(())
        });
    }

    /// Lets a node go on that waits for the file `go`.
    pub(crate) fn go(&self) {
        std::fs::write(self.dir.path().join("go"), "").unwrap();
    }

    /// Waits for the end; returns the exit code and the printed values.
    pub(crate) fn end(mut self) -> (Option<i32>, Vec<u32>, String) {
        let status = wait_for("the runner to end", SOON, || {
            self.process.try_wait().unwrap()
        });
        wait_for("nothing to be left", SOON, || {
            left_in(&self.root).is_empty().then_some(())
        });
        wait_for("the outputs to be read", SOON, || {
            self.readers
                .iter()
                .all(JoinHandle::is_finished)
                .then_some(())
        });
        let printed = self.stdout.lock().unwrap().clone();
        let values = printed.lines().map(|line| line.parse().unwrap());
        (status.code(), values.collect(), self.stderr())
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn collect(from: impl Read + Send + 'static) -> (Arc<Mutex<String>>, JoinHandle<()>) {
    let to = Arc::<Mutex<String>>::default();
    let text = Arc::clone(&to);
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            *text.lock().unwrap() += &(line + "\n");
        }
    });
    (to, reader)
}
