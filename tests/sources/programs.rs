//! Node processes that run other programs than the runner's.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use noob_zmq::graph::{Map, TubeNode, Value};
use noob_zmq::runner::zmq::{Program, ZmqRunnerBuilder};
use noob_zmq::runner::{RunError, Runner};
use noob_zmq_tests::processes::{assert_gone, left_in, wait_for, with};
use noob_zmq_tests::runners::{Private, zmq_with};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::runners::tube;

const NODES: &str = "nodes:
  count: {type: made.count}
  own: {type: made.program, depends: [{value: count.value}]}
  other: {type: made.program, restart: on-failure, depends: [{value: count.value}]}
  return: {type: return, depends: [{own: own.value}, {other: other.value}]}
";
const MADE: &str = env!("CARGO_BIN_EXE_made");
/// Script that runs its argument of number 0, and follows it.
const FOLLOWED: &str = "exec \"$0\" \"$1\"";
/// Script that runs its argument of number 0 as a child.
const CHILD: &str = "\"$0\" \"$1\"; exit $?";

/// Returns a runner whose node `other` runs a program.
fn other(program: Program) -> Private {
    zmq_with(tube(NODES), |builder: ZmqRunnerBuilder| {
        builder
            .node_programs(move |node: &TubeNode| (&*node.id == "other").then(|| program.clone()))
    })
}

/// Returns a text that only the processes of one test have as an argument.
fn unique(what: &str) -> String {
    format!("made-{what}-{}", std::process::id())
}

fn shell(script: &str, text: &str) -> Program {
    Program::new("sh").args(["-c", script, MADE, text])
}

fn told(runner: &mut dyn Runner, node: &str) -> Value {
    let value = runner.process_map(Map::new()).unwrap();
    value.and_then(|value| value.get(node).cloned()).unwrap()
}

fn end(mut private: Private) {
    let id = private.runner.runner_id().map(str::to_owned).unwrap();
    private.runner.deinit().unwrap();
    assert_gone(&private.runs(), &id);
}

#[test]
fn node_runs_the_program_that_is_chosen_for_it() {
    let program = Program::new(MADE).arg("one").env("MADE_VARIABLE", "two");
    let mut private = other(program);
    let value = private.runner.process_map(Map::new()).unwrap().unwrap();
    let of = |node: &str, key: &str| value.get(node).unwrap().get(key).cloned().unwrap();
    assert_eq!(of("other", "executable"), "made".into());
    assert_eq!(of("other", "variable"), "two".into());
    let arguments = of("other", "arguments");
    let arguments = arguments.as_list().unwrap();
    assert!(
        arguments[0]
            .as_str()
            .unwrap()
            .starts_with("noob-zmq: node other (made.program)")
    );
    assert_eq!(arguments[1..], ["one".into()]);
    // Every other node runs this test binary.
    assert_eq!(of("own", "variable"), "".into());
    let this = std::env::current_exe().unwrap();
    let this = this.file_name().unwrap().to_str().unwrap();
    assert_eq!(of("own", "executable"), this.into());
    end(private);
}

#[test]
fn program_keeps_its_name_where_it_asks_for_it() {
    let mut private = other(Program::new(MADE).keep_arg0());
    let value = told(&mut private.runner, "other");
    let arguments = value.get("arguments").and_then(Value::as_list).unwrap();
    assert_eq!(arguments, [MADE.into()]);
    end(private);
}

#[test]
fn killed_program_is_started_again_as_it_was() {
    let text = unique("killed");
    let mut private = other(shell(FOLLOWED, &text));
    let before = told(&mut private.runner, "other");
    let pid = before.get("pid").and_then(Value::as_i64).unwrap();
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    let after = wait_for("another process", Duration::from_secs(20), || {
        let after = told(&mut private.runner, "other");
        (after.get("pid") != before.get("pid")).then_some(after)
    });
    for key in ["executable", "arguments"] {
        assert_eq!(after.get(key), before.get(key));
    }
    end(private);
    assert_eq!(with(&text), []);
}

#[test]
fn program_below_a_shell_ends_with_its_run() {
    let text = unique("child");
    let mut private = other(shell(CHILD, &text));
    assert_eq!(
        told(&mut private.runner, "other").get("executable"),
        Some(&"made".into())
    );
    // The shell and its child.
    assert_eq!(with(&text).len(), 2);
    end(private);
    assert_eq!(with(&text), []);
}

#[test]
fn program_that_is_not_there_is_named() {
    let mut private = other(Program::new("/nowhere/python3"));
    let error = private.runner.init().unwrap_err();
    assert!(
        matches!(&error, RunError::Start { node, .. } if &**node == "other"),
        "{error}"
    );
    let error = error.to_string();
    assert!(
        error.contains("the program `/nowhere/python3` cannot be run: "),
        "{error}"
    );
    assert_eq!(left_in(&private.runs()), Vec::<String>::new());
}

#[test]
fn program_that_is_no_node_is_an_error() {
    let mut private = zmq_with(tube(NODES), |builder| {
        builder.node_program(Program::new("true"))
    });
    let error = private.runner.init().unwrap_err().to_string();
    assert!(
        error.contains("exited with code 0 before it was ready"),
        "{error}"
    );
    assert_eq!(left_in(&private.runs()), Vec::<String>::new());
}

#[test]
fn program_with_another_type_of_the_name_is_an_error() {
    let nodes = "nodes:
  count: {type: test.count}
  even: {type: test.even, depends: [{value: count.index}]}
";
    let mut private = zmq_with(tube(nodes), |builder| {
        builder.node_programs(|node: &TubeNode| {
            (&*node.id == "even").then(|| Program::new(env!("CARGO_BIN_EXE_other")))
        })
    });
    let error = private.runner.init().unwrap_err().to_string();
    for part in [
        "the node `even` (made.yaml:4:3) could not start",
        "the type `test.even` of this program has no slot `value`",
    ] {
        assert!(error.contains(part), "{part:?} is not in {error}");
    }
}

#[test]
fn default_program_hosts_the_nodes_of_the_command_and_dies_with_it() {
    let text = unique("default");
    let dir = TempDir::with_prefix("nz").unwrap();
    let file = dir.path().join("t.yaml");
    std::fs::write(&file, format!("noob_id: t\n{NODES}")).unwrap();
    let mut run = Command::new(MADE)
        .args(["run", "--json"])
        .arg(&file)
        .env("MADE_WRAPPED", &text)
        .env("NOOB_ZMQ_RUNTIME_DIR", dir.path().join("r"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    // Kept: a run ends when nobody reads its output.
    let mut stdout = BufReader::new(run.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    assert!(line.contains(&text), "{line}");
    assert_eq!(with(&text).len(), 3, "a process for each node");
    run.kill().unwrap();
    run.wait().unwrap();
    wait_for("no process of the run", Duration::from_secs(10), || {
        (with(&text).is_empty() && left_in(&dir.path().join("r")).is_empty()).then_some(())
    });
}
