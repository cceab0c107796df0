//! Runs with a page: of a runner of the test, and of the command.

use std::io::{BufRead, BufReader, Lines};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use noob_zmq::page::{Page, PageOptions, serve};
use noob_zmq::runner::{Runner, SyncRunner};
use noob_zmq_tests::processes::wait_for;
use noob_zmq_tests::runners::tube;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::http::{SOON, Site};

const COUNTED: &str = "
nodes:
  count: {type: test.count}
  picture: {type: test.picture, depends: [{number: count.index}]}
  twice: {type: test.double, depends: [{value: count.index}]}
  return: {type: return, depends: twice.value}
";

/// Tube of six nodes with a map: `weigh` is the slowest and can be killed, `preview` drops.
pub(crate) const CAMERA: &str = "
  camera: {type: test.camera}
  strips: {type: test.strips, params: {n: 4}, depends: [{picture: camera.value}]}
  each: {type: map, depends: [{value: strips.value}]}
  weigh: {type: test.weigh, params: {ms: 6}, restart: always, depends: [{strip: each.value}]}
  all: {type: gather, depends: [{value: weigh.value}, {n: each.n}]}
  preview:
    type: test.preview
    params: {ms: 100}
    depends: [{picture: {from: camera.value, policy: latest}}]
  return: {type: return, depends: all.value}
";

/// Runner in the process of the test, with a page.
pub(crate) fn counted() -> (SyncRunner, Page, Site) {
    let mut runner = SyncRunner::new(tube(COUNTED)).unwrap();
    runner.init().unwrap();
    let page = serve(runner.watcher(), &PageOptions::default()).unwrap();
    let site = Site::new(page.url());
    (runner, page, site)
}

/// Directory of its own for the command.
pub(crate) struct Rig {
    pub(crate) dir: TempDir,
}

/// Command in the background, which is stopped on drop.
pub(crate) struct Running {
    pub(crate) child: Child,
    pub(crate) site: Site,
    /// Lines of standard output.
    pub(crate) values: Receiver<String>,
    /// Address at which the command listens for other hosts.
    pub(crate) listening: Receiver<String>,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self {
            dir: TempDir::with_prefix("nz").unwrap(),
        }
    }

    /// Writes the tube `rig` with these nodes.
    pub(crate) fn tube(&self, nodes: &str) -> PathBuf {
        let path = self.dir.path().join("t.yaml");
        std::fs::write(&path, format!("noob_id: rig\nnodes:{nodes}")).unwrap();
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_host"));
        command
            .args(arguments)
            .env("NOOB_ZMQ_RUNTIME_DIR", self.dir.path().join("r"))
            .env("NO_COLOR", "1")
            .env_remove("RUST_LOG")
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        command
    }

    /// Starts a command, and waits for the address of its page.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.command(arguments);
        command
            .env("HOST_ENDS_WITH_ITS_TEST", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let errors = child.stderr.take().unwrap();
        let out = child.stdout.take().unwrap();
        let (sender, addresses) = channel();
        let (values_sender, values) = channel();
        let (listening_sender, listening) = channel();
        // Both outputs are read to their ends, so that the command never waits for the test.
        let from_errors = sender.clone();
        std::thread::spawn(move || {
            for line in lines(errors).map_while(Result::ok) {
                if let Some(url) = line.strip_prefix("view: ") {
                    let _ = from_errors.send(url.to_owned());
                }
                if let Some(at) = line.strip_prefix("listening at ") {
                    let _ = listening_sender.send(at.to_owned());
                }
                eprintln!("{line}");
            }
        });
        std::thread::spawn(move || {
            for line in lines(out).map_while(Result::ok) {
                let _ = match line.starts_with("http://") {
                    true => sender.send(line),
                    false => values_sender.send(line),
                };
            }
        });
        let url = addresses.recv_timeout(SOON);
        let url = url.expect("the address of the page, soon");
        Running {
            child,
            site: Site::new(&url),
            values,
            listening,
        }
    }
}

fn lines<T: std::io::Read>(output: T) -> Lines<BufReader<T>> {
    BufReader::new(output).lines()
}

impl Running {
    /// Stops the command, and waits for its end.
    pub(crate) fn stop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        // Not by `Child::wait`, which closes standard input: the command would end at once.
        wait_for("the end of the command", SOON, || {
            self.child.try_wait().unwrap_or(None)
        });
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}
