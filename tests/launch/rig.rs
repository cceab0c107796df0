//! Hosts of a test: directories of this machine, and network namespaces with an `sshd` each.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use noob_zmq_tests::namespaces::{NamespaceNet, address};
use noob_zmq_tests::processes::{left_in, wait_for, with_environment};
use noob_zmq_tests::running_command::RunningCommand;
use tempfile::TempDir;

use crate::tubes::Placed;

/// Longest time until nothing is left of a run.
const GONE: Duration = Duration::from_secs(10);

/// Hosts of a test: `desk` has the runner; `lab` and `roof` are the others.
pub(crate) struct Rig {
    /// Dropped before the directory of the configurations.
    sshds: Vec<RunningCommand>,
    network: Option<NamespaceNet>,
    dir: TempDir,
}

impl Rig {
    /// Returns hosts that are directories of this machine.
    pub(crate) fn new() -> Self {
        let dir = TempDir::with_prefix("nz").unwrap();
        // Processes of the test are known by the path of their program.
        symlink(env!("CARGO_BIN_EXE_host"), dir.path().join("tool")).unwrap();
        symlink(env!("CARGO_BIN_EXE_other"), dir.path().join("other")).unwrap();
        fs::create_dir(dir.path().join("bin")).unwrap();
        symlink(env!("CARGO_BIN_EXE_host"), dir.path().join("bin/noob-zmq")).unwrap();
        Self {
            sshds: Vec::new(),
            network: None,
            dir,
        }
    }

    /// Returns hosts that are network namespaces with an `sshd` on `lab` and `roof`; prints why and
    /// returns `None` where there cannot be any.
    pub(crate) fn with_ssh() -> Option<Self> {
        for program in ["/usr/sbin/sshd", "/usr/bin/ssh", "/usr/bin/ssh-keygen"] {
            if !Path::new(program).exists() {
                eprintln!("SKIPPED: there is no `{program}` (apt-get install openssh-server)");
                return None;
            }
        }
        let mut rig = Self::new();
        rig.network = Some(NamespaceNet::create()?);
        // Where sshd gives up its rights; it refuses to start without the folder.
        fs::create_dir_all("/run/sshd").unwrap();
        for key in ["host", "client", "stranger"] {
            let mut keygen = Command::new("ssh-keygen");
            let keygen = keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]);
            assert!(keygen.arg(rig.path(key)).status().unwrap().success());
        }
        fs::copy(rig.path("client.pub"), rig.path("authorized")).unwrap();
        rig.write_client();
        for (host, i) in [("lab", 1), ("roof", 2)] {
            rig.start_sshd(host, &address(i));
        }
        Some(rig)
    }

    /// Writes the configuration of ssh, and a program `ssh` that uses it.
    fn write_client(&self) {
        let dir = self.dir.path().display();
        let mut config = String::new();
        for (host, at, key, port) in [
            ("lab", address(1), "client", 22),
            ("roof", address(2), "client", 22),
            ("stranger", address(1), "stranger", 22),
            ("closed", address(1), "client", 23),
        ] {
            config += &format!(
                "Host {host}\n  HostName {at}\n  Port {port}\n  IdentityFile {dir}/{key}\n"
            );
        }
        config += "Host *\n  User root\n  IdentitiesOnly yes\n  StrictHostKeyChecking no\n  \
                   UserKnownHostsFile /dev/null\n  LogLevel ERROR\n";
        self.file("ssh_config", &config);
        let script = format!("#!/bin/sh\nexec /usr/bin/ssh -F {dir}/ssh_config \"$@\"\n");
        self.script("bin/ssh", &script);
    }

    fn start_sshd(&mut self, host: &str, at: &str) {
        let dir = self.dir.path().display();
        let config = self.file(
            &format!("sshd_{host}"),
            &format!(
                "ListenAddress {at}:22\nHostKey {dir}/host\nAuthorizedKeysFile {dir}/authorized\n\
                 StrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\nLogLevel INFO\n\
                 SetEnv NOOB_ZMQ_RUNTIME_DIR={dir}/r-{host} HOST_OF_TEST={host} \
                 HOME={dir} PATH={dir}/bin:/usr/bin:/bin\n"
            ),
        );
        let mut command = self.command(host, "/usr/sbin/sshd");
        command.args(["-D", "-e", "-f"]).arg(config);
        let sshd = launch(command, format!("the sshd of {host}"));
        sshd.wait_for_stderr("Server listening");
        self.sshds.push(sshd);
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.dir.path().join(file)
    }

    /// Returns the path of a file, as an argument.
    pub(crate) fn text(&self, file: &str) -> String {
        self.path(file).to_str().unwrap().to_owned()
    }

    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Writes a program.
    pub(crate) fn script(&self, name: &str, text: &str) {
        let path = self.file(name, text);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(crate) fn network(&self) -> &NamespaceNet {
        self.network.as_ref().unwrap()
    }

    /// Returns the command that launches a program on a host.
    fn command(&self, host: &str, program: &str) -> Command {
        match &self.network {
            None => Command::new(program),
            Some(network) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", &network.name(host), program]);
                command
            }
        }
    }

    /// Starts the command of the test program on a host.
    pub(crate) fn start(&self, host: &str, arguments: &[&str]) -> RunningCommand {
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", self.text("bin"));
        self.start_with_path(host, arguments, &path)
    }

    /// Starts the command with this search path of programs.
    pub(crate) fn start_with_path(
        &self,
        host: &str,
        arguments: &[&str],
        path: &str,
    ) -> RunningCommand {
        let mut command = self.command(host, &self.text("tool"));
        command
            .args(arguments)
            .env("PATH", path)
            // No key of the user is used, nor made.
            .env("HOME", self.dir.path())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("RUST_LOG")
            .env("NOOB_ZMQ_RUNTIME_DIR", self.path(&format!("r-{host}")))
            .env("HOST_ENDS_WITH_ITS_TEST", "1");
        launch(command, arguments.join(" "))
    }

    /// Writes the tube and its placement, where `hosts` has the entries of the two hosts; returns
    /// the arguments of a run.
    pub(crate) fn placed(&self, placed: &Placed, hosts: [&str; 2]) -> Vec<String> {
        let mut placement = format!(
            "runner: desk\nhosts:\n  desk:\n  lab: {}\n  roof: {}\nnodes:\n",
            hosts[0], hosts[1]
        );
        for (host, nodes) in [("lab", placed.lab), ("roof", placed.roof)] {
            for node in nodes {
                placement += &format!("  {node}: {{host: {host}}}\n");
            }
        }
        self.file("tube.yaml", &format!("noob_id: test\n{}", placed.tube));
        self.file("p.yaml", &placement);
        let words = ["run", &self.text("tube.yaml"), "--json", "--placement"];
        let mut words: Vec<String> = words.map(str::to_owned).to_vec();
        words.push(self.text("p.yaml"));
        words
    }

    /// Starts a run over the two hosts, which are reached by ssh.
    pub(crate) fn run_by_ssh(&self, placed: &Placed) -> RunningCommand {
        let tool = self.text("tool");
        let host = |name: &str| format!("{{ssh: {name}, program: {tool}}}");
        self.run_with(placed, [&host("lab"), &host("roof")], &[])
    }

    /// Starts a run with these entries of the hosts, and further arguments.
    pub(crate) fn run_with(
        &self,
        placed: &Placed,
        hosts: [&str; 2],
        more: &[&str],
    ) -> RunningCommand {
        let words = self.placed(placed, hosts);
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        words.extend(more);
        if !more.contains(&"--wait") {
            words.extend(["--wait", "60"]);
        }
        self.start("desk", &words)
    }

    /// Returns the values of a tube in a runner of one process.
    pub(crate) fn expected(&self, placed: &Placed) -> String {
        let tube = self.file("expected.yaml", &format!("noob_id: test\n{}", placed.tube));
        let tube = tube.to_str().unwrap();
        let mut run = self.start("desk", &["run", tube, "--json", "--runner", "sync"]);
        run.wait_for_success();
        run.stdout()
    }

    /// Returns the processes of the test whose command line contains `text`.
    pub(crate) fn processes(&self, text: &str) -> Vec<u32> {
        let found = with_environment(&self.text(""));
        let found = found.into_iter().filter(|(_, line)| line.contains(text));
        found.map(|(pid, _)| pid).collect()
    }

    /// Returns the only process of the test whose command line contains `text`, once it is there.
    pub(crate) fn process(&self, text: &str) -> u32 {
        wait_for(&format!("the process `{text}`"), GONE, || {
            match *self.processes(text) {
                [pid] => Some(pid),
                _ => None,
            }
        })
    }

    /// Asserts that no process of the test is left.
    pub(crate) fn assert_no_process_left(&self) {
        let gone = || self.processes("").is_empty().then_some(());
        wait_for("the end of all processes of the test", GONE, gone);
    }

    /// Asserts that no process of the test is left but those whose command line contains `but`, and
    /// no file of a run.
    pub(crate) fn assert_nothing_left(&self, but: &str) {
        let begun = std::time::Instant::now();
        loop {
            let mut left: Vec<String> = with_environment(&self.text(""))
                .into_iter()
                .filter(|(_, line)| but.is_empty() || !line.contains(but))
                .map(|(pid, line)| format!("{pid}: {line}"))
                .collect();
            for host in ["desk", "lab", "roof"] {
                left.extend(left_in(&self.path(&format!("r-{host}"))));
            }
            if left.is_empty() {
                return;
            }
            assert!(begun.elapsed() < GONE, "left after {GONE:?}: {left:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Starts a command with pipes.
fn launch(mut command: Command, what: String) -> RunningCommand {
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    RunningCommand::new(child, what)
}

/// Kills a process.
pub(crate) fn kill(pid: u32) {
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

/// Returns the last line of a text that begins with `error: `, which must be its only one.
pub(crate) fn only_error(text: &str) -> &str {
    let errors: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert_eq!(errors.len(), 1, "{text}");
    errors[0]
}
