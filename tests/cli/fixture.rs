//! A directory of its own for the command, and its outputs as text.

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use noob_zmq_tests::processes::left_in;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub(crate) struct Cli {
    pub(crate) dir: TempDir,
}

impl Cli {
    pub(crate) fn new() -> Self {
        Self {
            dir: TempDir::with_prefix("nz").unwrap(),
        }
    }

    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Writes the tube `t` with these nodes to `t.yaml`, and returns its path as an argument.
    pub(crate) fn tube(&self, nodes: &str) -> String {
        let path = self.file("t.yaml", format!("noob_id: t\nnodes:{nodes}"));
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_host"));
        command
            .env("NOOB_ZMQ_RUNTIME_DIR", self.dir.path().join("r"))
            .env_remove("RUST_LOG")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        command
    }

    /// Runs the command while another run goes on.
    pub(crate) fn run_beside(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command().args(arguments).output().unwrap();
        assert_eq!(left_in(&self.dir.path().join("r")), Vec::<String>::new());
        output
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns a tube that counts, as an argument.
pub(crate) fn counting_tube(cli: &Cli) -> String {
    let tube = cli.file(
        "count.yaml",
        "noob_id: t
nodes:
  count: {type: test.count}
  return: {type: return, depends: count.index}
",
    );
    tube.to_str().unwrap().to_owned()
}

/// Runs a line of the shell in the directory, where `$NZ` is the command; returns its outputs.
pub(crate) fn shell(cli: &Cli, line: &str) -> (String, String) {
    let mut command = Command::new("bash");
    command
        .args(["-c", line])
        .current_dir(cli.dir.path())
        .env("NZ", env!("CARGO_BIN_EXE_host"))
        .env("NO_COLOR", "1")
        .env("NOOB_ZMQ_RUNTIME_DIR", "r");
    let output = command.output().unwrap();
    (text(&output.stdout), text(&output.stderr))
}

/// Run in the background, which is stopped on drop.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn start(cli: &Cli, tube: &str) -> Self {
        let mut command = cli.command();
        command.args(["run", tube]).stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let pid = Pid::from_child(&self.0);
        let _ = kill_process(pid, Signal::TERM);
        let _ = self.0.wait();
    }
}
