//! Runs that are stopped from outside: Ctrl-C, SIGTERM to one process or to all, and a machine that
//! is suspended.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use noob_zmq::runner::Runner;
use noob_zmq_tests::processes::{left_in, of_run, wait_for, with};
use noob_zmq_tests::runners::{tube, zmq};
use rustix::process::Signal;

use crate::stopped_run::Run;
use crate::{SOON, hanging, signal};

/// count → gate (waits for the file `go` in epoch 2) → return
fn waiting(dir: &Path) -> String {
    format!(
        "
nodes:
  count: {{type: test.count}}
  gate:
    type: test.faulty
    params: {{misdeed: wait, moment: process, at: 2, dir: '{}'}}
    depends: [{{value: count.index}}]
  return: {{type: return, depends: gate.value}}
",
        dir.display()
    )
}

/// Returns the first and the last of the epochs that a line on standard error names.
fn epochs_in(line: &str) -> (u32, u32) {
    let (_, rest) = line.split_once('(').expect("epochs");
    let (first, rest) = rest.split_once(" to ").expect("two epochs");
    let (last, _) = rest.split_once(';').expect("the nodes that are waited for");
    (first.parse().unwrap(), last.parse().unwrap())
}

#[test]
fn signal_lets_begun_epochs_finish_and_begins_none() {
    for runner in ["zmq", "task"] {
        for (request, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
            let run = Run::start(waiting, &["--runner", runner, "--grace", "60"]);
            run.wait_for_file("here");
            run.signal(request);
            let line = run.wait_for_stderr("waiting up to 60s for");
            assert!(line.contains("; epoch 2 waits for `gate`)"), "{line}");
            assert!(line.ends_with("; a second signal ends the run at once"));
            let (first, last) = epochs_in(&line);
            assert_eq!(first, 2);
            run.go();
            let (ended, values, said) = run.end();
            assert_eq!(ended, Some(code), "{runner}: {said}");
            assert_eq!(values, (0..=last).collect::<Vec<_>>(), "{runner}: {said}");
            assert_eq!(said.lines().count(), 1, "{runner}: {said}");
        }
    }
}

#[test]
fn signal_gives_up_what_outlives_the_grace_by_name() {
    for (runner, epochs) in [
        ("zmq", "epochs (2 to "),
        ("task", "epochs (2 to "),
        ("sync", ""),
    ] {
        let tube = |dir: &Path| hanging(&dir.join("here"));
        let run = Run::start(tube, &["--runner", runner, "--grace", "1"]);
        run.wait_for_file("here");
        run.signal(Signal::INT);
        let waits = run.wait_for_stderr("SIGINT: waiting up to 1s for");
        let gives_up = run.wait_for_stderr("after 1s, the run gives up");
        if runner == "sync" {
            assert!(gives_up.ends_with("the epoch in progress"), "{gives_up}");
        } else {
            assert!(gives_up.contains(epochs), "{gives_up}");
            assert!(
                gives_up.ends_with("; epoch 2 waits for `stuck`)"),
                "{gives_up}"
            );
            assert_eq!(epochs_in(&waits), epochs_in(&gives_up));
        }
        let (code, values, said) = run.end();
        assert_eq!((code, values), (Some(130), vec![0, 1]), "{runner}: {said}");
        assert_eq!(said.lines().count(), 2, "{runner}: {said}");
    }
}

#[test]
fn second_signal_ends_the_run_at_once() {
    for runner in ["zmq", "task", "sync"] {
        let run = Run::start(waiting, &["--runner", runner, "--grace", "60"]);
        run.wait_for_file("here");
        run.signal(Signal::INT);
        run.wait_for_stderr("a second signal ends the run at once");
        run.signal(Signal::INT);
        let (code, values, said) = run.end();
        assert_eq!((code, values), (Some(130), vec![0, 1]), "{runner}: {said}");
    }
}

/// A manager of services sends SIGTERM to every process of a service, in any order.
#[test]
fn sigterm_to_runner_and_nodes_is_an_orderly_stop() {
    for nodes_first in [true, false] {
        let run = Run::start(waiting, &["--grace", "60"]);
        run.wait_for_file("here");
        let nodes = run.nodes(2);
        if !nodes_first {
            run.signal(Signal::TERM);
        }
        for node in nodes {
            signal(node, Signal::TERM);
        }
        if nodes_first {
            run.signal(Signal::TERM);
        }
        let (_, last) = epochs_in(&run.wait_for_stderr("SIGTERM: waiting up to 60s for"));
        run.go();
        let (code, values, said) = run.end();
        assert_eq!(code, Some(143), "{said}");
        assert_eq!(values, (0..=last).collect::<Vec<_>>(), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn sigterm_to_one_node_is_its_end() {
    let run = Run::start(waiting, &[]);
    run.wait_for_file("here");
    let id = left_in(&run.root).pop().expect("the directory of the run");
    let nodes = of_run(&id);
    let (count, _) = nodes
        .iter()
        .find(|(_, line)| line.contains("node count "))
        .expect("the source");
    signal(*count, Signal::TERM);
    let (code, values, said) = run.end();
    assert_eq!((code, values), (Some(1), vec![0, 1]), "{said}");
    assert!(
        said.contains("`count`") && said.contains("after it was sent SIGTERM"),
        "{said}"
    );
}

/// The time of the suspension is longer than every deadline of the runner.
#[test]
fn suspended_machine_is_no_silence_of_its_nodes() {
    let limited = |dir: &Path| waiting(dir).replace("    depends", "    timeout: 5\n    depends");
    let run = Run::start(limited, &["-n", "40"]);
    run.wait_for_file("here");
    let mut processes = run.nodes(2);
    processes.push(run.process.id());
    for process in &processes {
        signal(*process, Signal::STOP);
    }
    // The suspension itself: nothing happens that could be waited for.
    std::thread::sleep(Duration::from_secs(12));
    for process in processes.iter().rev() {
        signal(*process, Signal::CONT);
    }
    run.go();
    let (code, values, said) = run.end();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(values, (0..40).collect::<Vec<_>>(), "{said}");
    assert_eq!(said, "");
}

/// Returns a time that no other process sleeps for, as an argument of `sleep`.
fn own_time(part: u32) -> String {
    format!("86400.{}{part}", std::process::id())
}

fn leaving(dir: &Path, time: &str) -> String {
    let leave = format!("params: {{time: '{time}'}}, depends: [{{value: count.index}}]");
    waiting(dir)
        .replace(
            "depends: [{value: count.index}]",
            "depends: [{value: leave.value}]",
        )
        .replace(
            "  gate:",
            &format!("  leave: {{type: test.leave, {leave}}}\n  gate:"),
        )
}

#[test]
fn process_that_node_code_leaves_ends_with_its_node() {
    for (part, victim) in ["nobody", "node", "runner"].into_iter().enumerate() {
        let time = own_time(part as u32);
        let run = Run::start(|dir| leaving(dir, &time), &["-n", "5"]);
        run.wait_for_file("here");
        let sleeps = || with(&format!("sleep {time}"));
        wait_for("the process to be left", SOON, || {
            (!sleeps().is_empty()).then_some(())
        });
        match victim {
            "nobody" => run.go(),
            "node" => {
                let id = left_in(&run.root).pop().expect("the directory of the run");
                let nodes = of_run(&id);
                let leave = nodes.iter().find(|(_, line)| line.contains("node leave "));
                signal(leave.expect("the node").0, Signal::KILL);
            }
            _ => run.signal(Signal::KILL),
        }
        let code = match victim {
            "nobody" => Some(0),
            "node" => Some(1),
            _ => None,
        };
        let (ended, _, said) = run.end();
        assert_eq!(ended, code, "{victim}: {said}");
        wait_for(&format!("the process to end with {victim}"), SOON, || {
            sleeps().is_empty().then_some(())
        });
    }
}

/// Returns the state and the parent of a process.
fn state_of(pid: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

/// Returns all processes with their states and parents.
fn all_processes() -> Vec<(u32, char, u32)> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid| state_of(pid).map(|(state, parent)| (pid, state, parent)))
        .collect()
}

/// In a container, the program is often the first process: everything whose parent ends becomes its
/// child.
#[test]
fn first_process_of_a_container_reaps_orphans() {
    let apart = [
        "--user",
        "--map-root-user",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
    ];
    let mut unshare = Command::new("unshare");
    unshare.args(apart);
    let tried = Command::new("unshare").args(apart).arg("true").output();
    if !tried.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: `unshare` cannot make a pid namespace here");
        return;
    }
    unshare.arg(env!("CARGO_BIN_EXE_host"));
    let orphans = |dir: &Path| {
        waiting(dir)
            .replace("at: 2", "at: 40")
            .replace(
                "depends: [{value: count.index}]",
                "depends: [{value: orphan.value}]",
            )
            .replace(
                "  gate:",
                "  orphan: {type: test.orphan, depends: [{value: count.index}]}\n  gate:",
            )
    };
    let run = Run::launch(
        unshare,
        orphans,
        &["-n", "50", "--window", "1", "--grace", "60"],
    );
    run.wait_for_file("here");
    let children = |parent| {
        let all = all_processes().into_iter();
        all.filter(move |process| process.2 == parent)
            .collect::<Vec<_>>()
    };
    let first = children(run.process.id())
        .first()
        .expect("the first process")
        .0;
    let runner = wait_for("the runner alone to be left", SOON, || {
        let children = children(first);
        assert!(
            !children.is_empty(),
            "the first process is the runner itself"
        );
        (children.len() == 1).then(|| children[0].0)
    });
    wait_for("no zombie of the runner to be left", SOON, || {
        let mut children = children(runner).into_iter();
        children.all(|(_, state, _)| state != 'Z').then_some(())
    });
    signal(first, Signal::TERM);
    run.wait_for_stderr("SIGTERM: waiting up to 60s for epoch 40");
    run.go();
    let (code, values, said) = run.end();
    assert_eq!(code, Some(143), "{said}");
    assert_eq!(values, (0..=40).collect::<Vec<_>>(), "{said}");
}

/// Counter of the warnings that the crate `zeromq` sends to the `log` of a program.
struct SocketWarnings;

static SOCKET_WARNINGS: Mutex<Vec<String>> = Mutex::new(Vec::new());

impl log::Log for SocketWarnings {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::Level::Warn
    }

    fn log(&self, record: &log::Record<'_>) {
        let text = record.args().to_string();
        if self.enabled(record.metadata()) && text.contains("delete unix socket") {
            SOCKET_WARNINGS.lock().unwrap().push(text);
        }
    }

    fn flush(&self) {}
}

#[test]
fn clean_stop_logs_no_warning_of_sockets() {
    log::set_logger(&SocketWarnings).unwrap();
    log::set_max_level(log::LevelFilter::Warn);
    for _ in 0..10 {
        let mut private = zmq(tube(
            "nodes: {count: {type: test.count}, return: {type: return, depends: count.index}}",
        ));
        private.runner.run(3).unwrap();
        private.runner.deinit().unwrap();
    }
    assert_eq!(*SOCKET_WARNINGS.lock().unwrap(), Vec::<String>::new());
}

/// Runs a chain of 20 nodes, once, under a limit of descriptors.
fn run_with_limit(limit: &str) -> (Option<i32>, String) {
    let dir = tempfile::TempDir::with_prefix("nz").unwrap();
    let chain = (1..20).fold("  n0: {type: test.count}\n".to_owned(), |chain, n| {
        let signal = if n == 1 { "index" } else { "value" };
        chain
            + &format!(
                "  n{n}: {{type: test.double, depends: [{{value: n{}.{signal}}}]}}\n",
                n - 1
            )
    });
    let end = "  return: {type: return, depends: n19.value}\n";
    let file = dir.path().join("test.yaml");
    std::fs::write(&file, format!("noob_id: test\nnodes:\n{chain}{end}")).unwrap();
    let line = format!("ulimit {limit} && exec \"$0\" run \"$1\" -n 1");
    let output = Command::new("bash")
        .args(["-c", &line, env!("CARGO_BIN_EXE_host")])
        .arg(&file)
        .env("NOOB_ZMQ_RUNTIME_DIR", dir.path().join("r"))
        .env_remove("RUST_LOG")
        .output()
        .unwrap();
    assert_eq!(left_in(&dir.path().join("r")), Vec::<String>::new());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), said)
}

#[test]
fn lack_of_descriptors_is_told_before_the_start() {
    for limit in ["12", "16", "40", "100"] {
        let (code, said) = run_with_limit(&format!("-n {limit}"));
        assert_eq!(code, Some(1), "{said}");
        assert!(
            said.contains("file descriptors in the process of its runner"),
            "{said}"
        );
        assert!(said.contains(&format!("and may open {limit};")), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    // The soft limit alone is raised.
    assert_eq!(run_with_limit("-Sn 64"), (Some(0), String::new()));
}
