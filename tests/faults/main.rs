//! Processes that are killed, that exit, that hang: real ones, with real signals.

mod chaos;
mod checkpoints;
mod failure_policy;
mod large_values;
mod matrix;
mod restarts;
mod soak;
mod stopped_run;
mod stops;
mod stuck;

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use noob_zmq::graph::{Epoch, Map, Value};
use noob_zmq::runner::{NodeDeath, RunError, Runner, RunnerExt};
use noob_zmq_tests::processes::{assert_gone, is_stopped, left_in, of_run, wait_for};
use noob_zmq_tests::runners::{Private, tube, zmq};
use rustix::process::{Pid, Signal, kill_process};

noob_zmq::test_nodes!();

const SOON: Duration = Duration::from_secs(20);

/// count → hang (at epoch 2) → return
fn hanging(marker: &Path) -> String {
    format!(
        "
nodes:
  count: {{type: test.count}}
  stuck: {{type: test.hang_at, params: {{at: 2, marker: '{}'}}, depends: [{{value: count.index}}]}}
  return: {{type: return, depends: stuck.value}}
",
        marker.display()
    )
}

/// Sends a signal; after SIGSTOP, waits until the process is stopped.
///
/// The kernel stops thread by thread, on a busy machine not at once, and until then the other
/// threads go on.
fn signal(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(pid.cast_signed()).expect("a pid"), signal)
        .expect("a process to signal");
    if signal == Signal::STOP {
        wait_for("it to be stopped", SOON, || is_stopped(pid).then_some(()));
    }
}

fn death(error: RunError) -> NodeDeath {
    match error {
        RunError::Died(death) => *death,
        other => panic!("expected the death of a node, got: {other}"),
    }
}

fn pid_of(private: &Private, node: &str) -> u32 {
    private
        .runner
        .processes()
        .iter()
        .find(|(name, _)| &**name == node)
        .expect("a node of that name")
        .1
}

#[test]
fn a_node_killed_in_the_middle_of_process_ends_the_call_with_its_name() {
    let marks = tempfile::tempdir().unwrap();
    let marker = marks.path().join("stuck");
    let mut private = zmq(tube(&hanging(&marker)));
    private.runner.init().unwrap();
    let id = private.runner.runner_id().unwrap().to_owned();
    let victim = pid_of(&private, "stuck");
    let killer = std::thread::spawn(move || {
        wait_for("the node to be in its call", SOON, || {
            marker.exists().then_some(())
        });
        signal(victim, Signal::KILL);
        Instant::now()
    });
    for epoch in 0..2 {
        assert_eq!(
            private.runner.process(Map::new()).unwrap(),
            Some(Value::Int(epoch))
        );
    }
    let died = death(private.runner.process(Map::new()).unwrap_err());
    let told = killer.join().unwrap().elapsed();
    assert!(
        told < Duration::from_secs(2),
        "it took {told:?} to hear of it"
    );
    assert_eq!(
        (&*died.node, died.epoch.clone()),
        ("stuck", Some(Epoch::root(2)))
    );
    assert_eq!(died.how, "was killed by signal 9 (SIGKILL)");
    assert_eq!(died.place.as_deref(), Some("test.yaml:5:3"));
    let again = private.runner.process(Map::new()).unwrap_err();
    assert!(
        matches!(again, RunError::Closed { .. }) && again.to_string().contains("stuck"),
        "{again}"
    );
    private.runner.deinit().unwrap();
    assert_gone(&private.runs(), &id);
    // As good as new.
    private.runner.init().unwrap();
    assert_eq!(
        private.runner.process(Map::new()).unwrap(),
        Some(Value::Int(0))
    );
}

#[test]
fn a_node_killed_in_the_middle_of_a_run_ends_the_run_with_its_name() {
    let mut private = zmq(tube(
        "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}]}
  return: {type: return, depends: twice.value}
",
    ));
    private.runner.init().unwrap();
    let victim = pid_of(&private, "twice");
    let mut seen = 0;
    let error = private.runner.run_each_all(&mut |_| {
        seen += 1;
        if seen == 100 {
            signal(victim, Signal::KILL);
        }
        std::ops::ControlFlow::Continue(())
    });
    assert_eq!(&*death(error.unwrap_err()).node, "twice");
}

#[test]
fn a_node_killed_between_calls_is_named_at_the_next() {
    let mut private = zmq(tube(
        "nodes: {count: {type: test.count}, return: {type: return, depends: count.index}}",
    ));
    private.runner.init().unwrap();
    let id = private.runner.runner_id().unwrap().to_owned();
    signal(pid_of(&private, "count"), Signal::KILL);
    wait_for("the node to be gone", SOON, || {
        of_run(&id).is_empty().then_some(())
    });
    let error = wait_for("the runner to know", SOON, || {
        private.runner.process(Map::new()).err()
    });
    assert!(
        error.to_string().contains("`count`") && error.to_string().contains("SIGKILL"),
        "{error}"
    );
}

#[test]
fn a_node_that_exits_is_reported_with_its_code_and_last_words() {
    let mut private = zmq(tube(
        "
nodes:
  count: {type: test.count}
  quits: {type: test.exit_at, params: {at: 1}, depends: [{value: count.index}]}
  return: {type: return, depends: quits.value}
",
    ));
    assert_eq!(
        private.runner.process(Map::new()).unwrap(),
        Some(Value::Int(0))
    );
    let died = death(private.runner.process(Map::new()).unwrap_err());
    assert_eq!(
        (&*died.node, died.how.as_str()),
        ("quits", "exited with code 7")
    );
    assert_eq!(
        died.stderr.last().map(String::as_str),
        Some("the driver gave up"),
        "{:?}",
        died.stderr
    );
}

#[test]
fn a_node_that_is_stuck_or_stopped_does_not_outlive_its_runner() {
    let marks = tempfile::tempdir().unwrap();
    let marker = marks.path().join("stuck");
    let mut private = zmq(tube(&hanging(&marker)));
    private.runner.init().unwrap();
    let id = private.runner.runner_id().unwrap().to_owned();
    signal(pid_of(&private, "count"), Signal::STOP);
    let begun = Instant::now();
    private.runner.deinit().unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "{:?}",
        begun.elapsed()
    );
    assert_gone(&private.runs(), &id);
}

#[test]
fn a_node_that_dies_at_its_start_is_named_at_once() {
    // The tube is fine here, and wrong where the node is started: its working directory has no such
    // file.
    let mut private = zmq(tube(
        "
nodes:
  count: {type: test.count}
  sum: {type: test.running_sum, params: {start: -1}, depends: [{value: count.index}]}
  return: {type: return, depends: sum.value}
",
    ));
    let begun = Instant::now();
    let error = private.runner.init().unwrap_err();
    assert!(error.to_string().contains("`sum`"), "{error}");
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(left_in(&private.runs()), Vec::<String>::new());
}

/// A runner in a process of its own, running a tube for ever, in its own directory.
struct Host {
    process: Child,
    runner_id: String,
    root: PathBuf,
    _dir: tempfile::TempDir,
}

impl Host {
    fn start(text: &str) -> Self {
        let dir = tempfile::TempDir::with_prefix("nz").unwrap();
        let root = dir.path().join("r");
        let file = dir.path().join("test.yaml");
        std::fs::write(&file, format!("noob_id: test\n{text}")).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_host"))
            .args(["run", "--json"])
            .arg(&file)
            .env("NOOB_ZMQ_RUNTIME_DIR", &root)
            .env_remove("XDG_RUNTIME_DIR")
            .env("HOST_ENDS_WITH_ITS_TEST", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "0");
        // Somebody must go on reading, or the runner waits.
        std::thread::spawn(move || lines.for_each(drop));
        let runner_id = left_in(&root).pop().expect("the directory of the run");
        Self {
            process,
            runner_id,
            root,
            _dir: dir,
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const FOREVER: &str = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}]}
  four: {type: test.double, depends: [{value: twice.value}]}
  return: {type: return, depends: four.value}
";

#[test]
fn nothing_is_left_of_a_runner_that_was_killed() {
    let mut host = Host::start(FOREVER);
    assert_eq!(of_run(&host.runner_id).len(), 3);
    host.process.kill().unwrap();
    host.process.wait().unwrap();
    assert_gone(&host.root, &host.runner_id);
}

#[test]
fn nothing_is_left_of_a_runner_that_was_killed_while_a_node_was_stuck_and_another_stopped() {
    let marks = tempfile::tempdir().unwrap();
    let marker = marks.path().join("stuck");
    let mut host = Host::start(&hanging(&marker));
    wait_for("the node to be in its call", SOON, || {
        marker.exists().then_some(())
    });
    let count = of_run(&host.runner_id)
        .into_iter()
        .find(|(_, line)| line.contains("node count"))
        .expect("the source")
        .0;
    signal(count, Signal::STOP);
    host.process.kill().unwrap();
    host.process.wait().unwrap();
    assert_gone(&host.root, &host.runner_id);
}

#[test]
fn a_program_that_forgets_to_be_a_node_is_told_so() {
    let dir = tempfile::TempDir::with_prefix("nz").unwrap();
    let file = dir.path().join("test.yaml");
    std::fs::write(&file, format!("noob_id: test\n{FOREVER}")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_forgetful"));
    command
        .arg(&file)
        .env("NOOB_ZMQ_RUNTIME_DIR", dir.path().join("r"))
        .process_group(0);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(said.contains("#[noob_zmq::main]"), "{said}");
    assert_eq!(left_in(&dir.path().join("r")), Vec::<String>::new());
}

#[test]
fn a_program_that_never_reads_its_instructions_does_not_hold_up_the_runner() {
    let dir = tempfile::TempDir::with_prefix("nz").unwrap();
    let file = dir.path().join("test.yaml");
    // More than a pipe holds.
    let comment = format!("# {}\n", "x".repeat(100)).repeat(3000);
    std::fs::write(&file, format!("noob_id: test\n{comment}{FOREVER}")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_forgetful"));
    command
        .arg(&file)
        .env("FORGETFUL_STAYS", "1")
        .env("NOOB_ZMQ_RUNTIME_DIR", dir.path().join("r"))
        .stderr(Stdio::piped())
        .process_group(0);
    let mut process = command.spawn().unwrap();
    let ended = wait_for("the runner to give up", SOON, || {
        process.try_wait().unwrap()
    });
    let mut said = String::new();
    std::io::Read::read_to_string(&mut process.stderr.take().unwrap(), &mut said).unwrap();
    assert!(
        !ended.success() && said.contains("`count` (it has not reported)"),
        "{said}"
    );
    assert_eq!(left_in(&dir.path().join("r")), Vec::<String>::new());
}
