//! `noob-zmq ps` and `tap`, and the progress of `run`.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use noob_zmq_tests::processes::wait_for;
use serde_json::Value;

use crate::fixture::{Cli, Running, text};

const SOON: Duration = Duration::from_secs(20);

const SLOW: &str = "
  count: {type: test.count}
  slow: {type: test.slow, params: {ms: 5}, depends: [{value: count.index}]}
  return: {type: return, depends: slow.value}
";

fn runs(cli: &Cli) -> Vec<Value> {
    let output = cli.command().args(["ps", "--json"]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Waits until the run has completed epochs, and returns its status.
fn wait_for_epochs(cli: &Cli) -> Value {
    wait_for("a run that completes epochs", SOON, || {
        let run = runs(cli).pop()?;
        let rate = run["epochs_per_second"].as_f64()?;
        let slow = run["nodes"][1]["load"].as_f64()?;
        (rate > 0.0 && slow > 0.0).then_some(run)
    })
}

#[test]
fn ps_lists_runs_and_their_slowest_node() {
    let cli = Cli::new();
    assert_eq!(runs(&cli), Vec::<Value>::new());
    let running = Running::start(&cli, &cli.tube(SLOW));
    let run = wait_for_epochs(&cli);
    assert_eq!(run["tube"], "t");
    assert_eq!(run["state"], "running");
    assert_eq!(run["pid"], running.0.id());
    let output = cli.command().arg("ps").output().unwrap();
    let table = text(&output.stdout);
    let row = table.lines().nth(1).unwrap();
    assert!(row.starts_with(run["run"].as_str().unwrap()), "{table}");
    assert!(row.contains("  slow ") && row.ends_with('%'), "{table}");
    drop(running);
    assert_eq!(runs(&cli), Vec::<Value>::new());
}

#[test]
fn tap_prints_the_values_of_a_slow_signal_in_their_order() {
    let cli = Cli::new();
    let running = Running::start(&cli, &cli.tube(SLOW));
    wait_for_epochs(&cli);
    let output = cli.run_beside(&["tap", "t", "slow.value", "-n", "40"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines = text(&output.stdout);
    let mut expected = None;
    for line in lines.lines() {
        let sample: Value = serde_json::from_str(line).unwrap();
        assert_eq!(sample["signal"], "slow.value");
        let value = sample["value"].as_u64().unwrap();
        assert_eq!(sample["epoch"], value.to_string());
        let skipped = sample["skipped"].as_u64().unwrap();
        if let Some(expected) = expected {
            assert_eq!(value, expected + skipped, "{lines}");
        }
        expected = Some(value + 1);
    }
    assert_eq!(lines.lines().count(), 40);
    let output = cli.run_beside(&["tap", "t", "slow.valu"]);
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    let signals = "no signal `slow.valu`; its signals are `count.index`, `slow.value`";
    assert!(error.contains(signals), "{error}");
    let output = cli.run_beside(&["tap", "other", "slow.value"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no run is called `other`"));
    drop(running);
    let output = cli.run(&["tap", "t", "slow.value"]);
    assert!(text(&output.stderr).contains("no run of this user goes on"));
}

#[test]
fn tap_ends_with_its_run_and_with_its_reader() {
    let cli = Cli::new();
    let running = Running::start(&cli, &cli.tube(SLOW));
    wait_for_epochs(&cli);
    let tap = || {
        let mut command = cli.command();
        command.args(["tap", "t", "count.index"]);
        command.stdout(Stdio::piped()).spawn().unwrap()
    };
    let (mut read, mut left) = (tap(), tap());
    let mut lines = BufReader::new(read.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("count.index"));
    drop(left.stdout.take());
    assert!(left.wait().unwrap().success());
    drop(running);
    assert!(read.wait().unwrap().success());
}

/// Runs a line of the shell with a terminal; `None`, aloud, where there is no `script`.
fn on_a_terminal(cli: &Cli, arguments: &str) -> Option<String> {
    let line = format!("{} {arguments}", env!("CARGO_BIN_EXE_host"));
    let mut command = Command::new("script");
    command
        .args(["-qec", &line, "/dev/null"])
        .env("NOOB_ZMQ_RUNTIME_DIR", cli.dir.path().join("r"))
        .env_remove("RUST_LOG")
        .stdin(Stdio::null());
    match command.output() {
        Ok(output) => Some(text(&output.stdout)),
        Err(error) => {
            eprintln!("skipped: `script` gives no terminal: {error}");
            None
        }
    }
}

#[test]
fn progress_is_shown_on_a_terminal_and_ends_with_a_line() {
    let cli = Cli::new();
    let tube = cli.tube(
        "
  count: {type: test.count}
  slow: {type: test.slow, params: {ms: 5}, depends: [{value: count.index}]}
  loud: {type: test.shout, depends: [{value: slow.value}]}
  return: {type: return, depends: loud.value}
",
    );
    let Some(shown) = on_a_terminal(&cli, &format!("run {tube} -n 200")) else {
        return;
    };
    let start = shown.get(..3000);
    assert!(shown.contains("/200 epochs"), "{start:?}");
    assert!(shown.contains("slowest: slow ("), "{start:?}");
    let last = shown.lines().last().unwrap();
    let summary = "/s: 0 failed, 0 skipped, 0 events dropped";
    assert!(
        last.contains("200 epochs in ") && last.ends_with(summary),
        "{last:?}"
    );
    // What is left when the progress is erased is whole.
    let erased = shown
        .split("\r\u{1b}[2K")
        .map(|part| part.rsplit('\n').skip(1));
    let lines: Vec<&str> = erased.flatten().map(str::trim_end).collect();
    for value in 0..200 {
        for line in [
            format!("{value}"),
            format!("[loud] stdout of {value}"),
            format!("[loud] stderr of {value}"),
        ] {
            assert!(lines.contains(&line.as_str()), "{line}: {start:?}");
        }
    }
    let quiet = on_a_terminal(&cli, &format!("run {tube} -n 3 --quiet")).unwrap();
    assert!(
        !quiet.contains("epoch") && quiet.contains("stdout of 2"),
        "{quiet:?}"
    );
}

#[test]
fn progress_is_printed_elsewhere_only_where_it_is_asked_for() {
    let cli = Cli::new();
    let tube = cli.tube(SLOW);
    let output = cli.run(&["run", &tube, "-n", "20"]);
    assert_eq!(text(&output.stderr), "");
    let output = cli.run(&["run", &tube, "-n", "20", "--progress", "always"]);
    let error = text(&output.stderr);
    assert!(
        error.ends_with("0 events dropped\n") && !error.contains('\u{1b}'),
        "{error}"
    );
    assert!(error.contains("20 epochs in "), "{error}");
    for runner in ["sync", "task"] {
        let always = ["--progress", "always", "--runner", runner];
        let output = cli.run(&[&["run", &tube, "-n", "20"][..], &always].concat());
        assert!(text(&output.stderr).contains("20 epochs in "), "{runner}");
    }
}
