//! `noob-zmq top` in a real terminal.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use noob_zmq_tests::processes::wait_for;

use crate::fixture::{Cli, Running, text};

const SOON: Duration = Duration::from_secs(20);

/// Server of tmux with one window, which ends on drop.
struct Tmux {
    name: String,
}

impl Tmux {
    /// Runs the command in a terminal of 140 columns; `None`, aloud, where there is no tmux.
    fn start(cli: &Cli, arguments: &str) -> Option<Self> {
        if Command::new("tmux").arg("-V").output().is_err() {
            eprintln!("skipped: there is no tmux");
            return None;
        }
        let runs = cli.dir.path().join("r");
        // The directory of a test is its own, and so is the server.
        let name = cli.dir.path().file_name().unwrap().to_str().unwrap();
        let name = format!("noob-zmq-test-{name}");
        let line = format!(
            "NOOB_ZMQ_RUNTIME_DIR={} {} {arguments}",
            runs.display(),
            env!("CARGO_BIN_EXE_host")
        );
        let tmux = Self { name };
        let window = ["-x", "140", "-y", "30"];
        let started = tmux.call(&[&["new-session", "-d"][..], &window, &[&line]].concat());
        assert!(started.is_some(), "tmux starts");
        Some(tmux)
    }

    fn call(&self, arguments: &[&str]) -> Option<String> {
        let mut command = Command::new("tmux");
        command.args(["-L", &self.name, "-f", "/dev/null"]);
        let output = command.args(arguments).stdin(Stdio::null()).output().ok()?;
        output.status.success().then(|| text(&output.stdout))
    }

    /// Waits until the screen has this text.
    fn wait_for(&self, part: &str) {
        wait_for(&format!("`{part}` on the screen"), SOON, || {
            let screen = self.call(&["capture-pane", "-p"])?;
            screen.contains(part).then_some(())
        });
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = self.call(&["kill-server"]);
    }
}

#[test]
fn top_shows_a_run_and_answers_to_keys() {
    let cli = Cli::new();
    let running = Running::start(
        &cli,
        &cli.tube(
            "
  count: {type: test.count}
  slow: {type: test.slow, params: {ms: 5}, depends: [{value: count.index}]}
  loud: {type: test.shout, depends: [{value: slow.value}]}
  return: {type: return, depends: loud.value}
",
        ),
    );
    let Some(tmux) = Tmux::start(&cli, "top t") else {
        return;
    };
    tmux.wait_for("slow.value -> loud.value");
    tmux.wait_for("  t  running  ");
    wait_for("the load of the slow node", SOON, || {
        let screen = tmux.call(&["capture-pane", "-p"])?;
        let row = screen.lines().find(|line| line.starts_with("slow "))?;
        row.contains("#").then_some(())
    });
    for key in ["j", "v"] {
        tmux.call(&["send-keys", key]).unwrap();
    }
    tmux.wait_for("slow.value in epoch ");
    for key in ["j", "o"] {
        tmux.call(&["send-keys", key]).unwrap();
    }
    tmux.wait_for("stdout of ");
    tmux.call(&["send-keys", "p"]).unwrap();
    tmux.wait_for("  t  paused  ");
    tmux.call(&["send-keys", "p"]).unwrap();
    drop(running);
    tmux.wait_for("  t  ended  ");
    tmux.call(&["send-keys", "q"]).unwrap();
    wait_for("the end of the view", SOON, || {
        tmux.call(&["list-sessions"]).is_none().then_some(())
    });
}

#[test]
fn top_shows_a_run_of_another_host_and_its_values() {
    let cli = Cli::new();
    let tube = cli.tube(
        "
  count: {type: test.count}
  slow: {type: test.slow, params: {ms: 5}, depends: [{value: count.index}]}
  return: {type: return, depends: slow.value}
",
    );
    let mut command = cli.command();
    command.args(["run", &tube, "--listen", "127.0.0.1:0", "--plain"]);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut running = Running(command.spawn().unwrap());
    let mut said = BufReader::new(running.0.stderr.take().unwrap()).lines();
    let at = said.find_map(|line| {
        let line = line.ok()?;
        line.strip_prefix("listening at ").map(str::to_owned)
    });
    // The runs of this directory are not those of the other host.
    let here = Cli::new();
    let Some(tmux) = Tmux::start(&here, &format!("top --join {} --plain", at.unwrap())) else {
        return;
    };
    tmux.wait_for("  t  running  ");
    for key in ["j", "v"] {
        tmux.call(&["send-keys", key]).unwrap();
    }
    tmux.wait_for("slow.value in epoch ");
    drop(running);
    tmux.wait_for("  t  ended  ");
}

#[test]
fn top_without_a_terminal_says_so() {
    let cli = Cli::new();
    let _running = Running::start(&cli, &cli.tube("\n  count: {type: test.count}\n"));
    wait_for("the run", SOON, || {
        let output = cli.run_beside(&["ps"]);
        (text(&output.stdout).lines().count() == 2).then_some(())
    });
    let output = cli.run_beside(&["top"]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(error.contains("`noob-zmq top` needs a terminal"), "{error}");
}
