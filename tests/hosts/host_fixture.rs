//! A host of a test: a directory for its keys and runs, and optionally a network namespace.
//!
//! Processes that were started on the host end with it.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use noob_zmq_tests::processes::{left_in, wait_for};
pub(crate) use noob_zmq_tests::running_command::{PATIENCE, RunningCommand};
use tempfile::TempDir;

/// Host of a test.
pub(crate) struct TestHost {
    dir: TempDir,
    namespace: Option<String>,
    program: &'static str,
    /// Public line of the host's key.
    pub(crate) line: String,
}

impl TestHost {
    /// Returns a host with a new key.
    pub(crate) fn new(name: &str, namespace: Option<&str>) -> Self {
        let mut machine = Self {
            dir: TempDir::with_prefix("nz").unwrap(),
            namespace: namespace.map(str::to_owned),
            program: env!("CARGO_BIN_EXE_host"),
            line: String::new(),
        };
        let key = machine.path("key");
        let made = machine.run(&["keygen", key.to_str().unwrap(), "--name", name]);
        machine.line = made.stdout().trim().to_owned();
        assert!(
            machine.line.starts_with("noob-ed25519 "),
            "{}",
            made.stderr()
        );
        machine
    }

    /// Uses another program than that of the tests.
    pub(crate) const fn with_program(mut self, program: &'static str) -> Self {
        self.program = program;
        self
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    /// Returns the public half of the host's key.
    pub(crate) fn key(&self) -> &str {
        self.line.split(' ').nth(1).unwrap()
    }

    /// Allows the keys of these hosts as nodes.
    pub(crate) fn allow(&self, others: &[&Self]) {
        let others: Vec<_> = others.iter().map(|other| ("node", *other)).collect();
        self.allow_as(&others);
    }

    /// Allows the keys of these hosts, each in its role.
    pub(crate) fn allow_as(&self, others: &[(&str, &Self)]) {
        let lines: Vec<String> = others
            .iter()
            .map(|(role, other)| format!("{role} {}\n", other.line))
            .collect();
        let new = self.path("allow.new");
        std::fs::write(&new, lines.concat()).unwrap();
        std::fs::rename(new, self.path("allow")).unwrap();
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs the command of the test program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> RunningCommand {
        let mut started = self.start(arguments);
        started.end();
        started
    }

    /// Returns the command that launches a program on this host.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        match &self.namespace {
            None => Command::new(program),
            Some(namespace) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", namespace]).arg(program);
                command
            }
        }
    }

    /// Returns the command that runs an ignored test of this program on this host.
    pub(crate) fn test_program(&self, test: &str) -> Command {
        let mut command = self.command(std::env::current_exe().unwrap());
        command.args([test, "--exact", "--ignored", "--nocapture"]);
        command
    }

    /// Starts the command of the test program.
    pub(crate) fn start(&self, arguments: &[&str]) -> RunningCommand {
        let mut command = self.command(self.program);
        command.args(arguments);
        self.launch(command, arguments.join(" "))
    }

    /// Starts a program as one of this host.
    pub(crate) fn launch(&self, mut command: Command, what: String) -> RunningCommand {
        let child = command
            .env("NOOB_ZMQ_RUNTIME_DIR", self.path("r"))
            .env("HOST_ENDS_WITH_ITS_TEST", "1")
            .env("RUST_LOG", "noob_zmq=info")
            .env("NOOB_ZMQ_LOG", "noob_zmq=warn")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        RunningCommand::new(child, what)
    }

    /// Hosts a node of the run that listens at `at` on another host.
    pub(crate) fn host_node(&self, node: &str, at: &str, runner: &Self) -> RunningCommand {
        let key = self.path("key");
        self.start(&[
            "node",
            "--join",
            at,
            "--server-key",
            runner.key(),
            "--key",
            key.to_str().unwrap(),
            "--id",
            node,
        ])
    }

    /// Runs a tube with remote nodes; returns the address where the runner listens.
    pub(crate) fn run_with_remote(
        &self,
        tube: &str,
        listen: &str,
        remote: &str,
        more: &[&str],
    ) -> (RunningCommand, String) {
        let tube = self.file("tube.yaml", &format!("noob_id: test\n{tube}"));
        let key = self.path("key");
        let mut arguments = vec![
            "run",
            tube.to_str().unwrap(),
            "--json",
            "--key",
            key.to_str().unwrap(),
            "--listen",
            listen,
            "--remote",
            remote,
        ];
        arguments.extend(more);
        if !more.contains(&"--wait") {
            arguments.extend(["--wait", "60"]);
        }
        let run = self.start(&arguments);
        let line = run.wait_for_stderr("listening at");
        let at = line.split(' ').nth(2).unwrap().to_owned();
        (run, at)
    }

    /// Returns the output of a tube in a runner of one process.
    pub(crate) fn run_in_one_process(&self, tube: &str, more: &[&str]) -> String {
        let tube = self.file("expected.yaml", &format!("noob_id: test\n{tube}"));
        let mut arguments = vec!["run", tube.to_str().unwrap(), "--json", "--runner", "sync"];
        arguments.extend(more);
        self.run(&arguments).stdout()
    }

    /// Asserts that no run has left files on this host.
    pub(crate) fn assert_clean(&self) {
        let dir: PathBuf = self.path("r");
        let clean = || left_in(&dir).is_empty().then_some(());
        wait_for("an empty directory of runs", Duration::from_secs(10), clean);
    }
}
