//! Nodes that are enabled and disabled during the life of a runner.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::{Phase, RunError, Runner, RunnerExt, RunnerHandle, TaskRunner, ZmqRunner};
use noob_zmq_tests::processes;
use noob_zmq_tests::runners::{each, inputs, tube, zmq};
use rustix::process::{Pid, Signal, kill_process};

const ARMS: &str = "
input:
  n: {type: int, scope: process}
nodes:
  twice: {type: test.double, depends: [{value: input.n}]}
  four: {type: test.double, enabled: false, depends: [{value: twice.value}]}
  return: {type: return, depends: [{twice: twice.value}]}
  last: {type: test.double, depends: [{value: four.value}]}
";

fn twice(runner: &mut dyn Runner, n: i64) -> Option<Value> {
    runner.process(inputs([("n", Value::Int(n))])).unwrap()
}

fn returned(value: i64) -> Option<Value> {
    Some(Value::Map(inputs([("twice", Value::Int(value))]).into()))
}

#[test]
fn dependents_of_a_disabled_node_do_not_run() {
    let tube = ARMS.replace("[{twice: twice.value}]", "[{twice: last.value}]");
    each(&tube, |runner| {
        assert_eq!(twice(runner, 1), None);
        runner.enable_node("four").unwrap();
        runner.enable_node("four").unwrap();
        assert_eq!(twice(runner, 1), returned(8));
        runner.disable_node("twice").unwrap();
        assert_eq!(twice(runner, 1), None);
        runner.enable_node("twice").unwrap();
        assert_eq!(twice(runner, 2), returned(16));
    });
}

#[test]
fn node_can_be_disabled_before_init() {
    each(ARMS, |runner| {
        runner.disable_node("twice").unwrap();
        assert!(!runner.running());
        assert_eq!(twice(runner, 1), None);
        runner.enable_node("twice").unwrap();
        assert_eq!(twice(runner, 1), returned(2));
    });
}

#[test]
fn reenabled_source_restarts_and_epoch_numbers_go_on() {
    let tube = "
nodes:
  count: {type: test.count}
  return: {type: return, depends: count.index}
";
    each(tube, |runner| {
        assert_eq!(runner.run(3).unwrap().len(), 3);
        runner.disable_node("count").unwrap();
        assert_eq!(runner.run(2).unwrap(), []);
        runner.enable_node("count").unwrap();
        let epochs = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let heard = std::sync::Arc::clone(&epochs);
        runner.add_callback(Box::new(move |event| {
            if &*event.node_id == "count" {
                heard.lock().unwrap().push(event.epoch.number());
            }
        }));
        assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Int(0)));
        assert_eq!(*epochs.lock().unwrap(), [5]);
    });
}

#[test]
fn enabling_an_unknown_node_is_an_error() {
    each(ARMS, |runner| {
        let error = runner.disable_node("twise").unwrap_err().to_string();
        assert!(
            error.contains("`twise`") && error.contains("`twice`"),
            "{error}"
        );
        assert_eq!(twice(runner, 1), returned(2));
    });
    let tube = "
input:
  n: {type: int, scope: process}
nodes:
  twice: {type: test.double, depends: [{value: input.n}]}
  sum: {type: test.running_sum, enabled: false, params: {start: -1}, depends: [{value: input.n}]}
  return: {type: return, depends: [{twice: twice.value}]}
";
    each(tube, |runner| {
        assert_eq!(twice(runner, 1), returned(2));
        let error = runner.enable_node("sum").unwrap_err();
        assert!(matches!(error, RunError::Node(_)), "{error}");
        assert_eq!(twice(runner, 3), returned(6));
    });
}

const SUMS: &str = "
input:
  n: {type: int, scope: process}
nodes:
  sum: {type: test.running_sum, depends: [{value: input.n}]}
  twice: {type: test.double, depends: [{value: input.n}]}
  return: {type: return, depends: [{sum: sum.value}, {twice: twice.value}]}
";

/// Result of the tube `SUMS`.
fn sums(sum: Option<i64>, twice: Option<i64>) -> Option<Value> {
    let value = |value: Option<i64>| value.map_or(Value::Null, Value::Int);
    let map = inputs([("sum", value(sum)), ("twice", value(twice))]);
    Some(Value::Map(map.into()))
}

#[test]
fn other_nodes_keep_their_state() {
    let tube = SUMS.replace(
        "[{sum: sum.value}, {twice: twice.value}]",
        "[{sum: sum.value}]",
    );
    each(&tube, |runner| {
        let sum = |value| Some(Value::Map(inputs([("sum", Value::Int(value))]).into()));
        assert_eq!(twice(runner, 1), sum(1));
        runner.disable_node("twice").unwrap();
        assert_eq!(twice(runner, 10), sum(11));
        runner.enable_node("twice").unwrap();
        assert_eq!(twice(runner, 100), sum(111));
    });
}

#[test]
fn reenabled_node_has_fresh_state() {
    each(SUMS, |runner| {
        assert_eq!(twice(runner, 1), sums(Some(1), Some(2)));
        runner.disable_node("sum").unwrap();
        runner.process(inputs([("n", Value::Int(10))])).unwrap();
        runner.enable_node("sum").unwrap();
        assert_eq!(twice(runner, 100), sums(Some(100), Some(200)));
    });
}

#[test]
fn disabled_node_is_shut_down_and_built_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("diary");
    let tube = format!(
        "
input:
  n: {{type: int, scope: process}}
nodes:
  diary: {{type: test.diary, params: {{path: {}}}, depends: [{{value: input.n}}]}}
  twice: {{type: test.double, depends: [{{value: input.n}}]}}
  return: {{type: return, depends: [{{twice: twice.value}}]}}
",
        path.display()
    );
    each(&tube, |runner| {
        let _ = std::fs::remove_file(&path);
        // The two in-process runners have built the node already.
        let made = "new\n".to_owned();
        assert_eq!(twice(runner, 1), returned(2));
        runner.disable_node("diary").unwrap();
        assert_eq!(twice(runner, 2), returned(4));
        runner.enable_node("diary").unwrap();
        assert_eq!(twice(runner, 3), returned(6));
        runner.disable_node("diary").unwrap();
        runner.deinit().unwrap();
        let written = std::fs::read_to_string(&path).unwrap();
        let lines = written.strip_prefix(&made).unwrap_or(&written);
        assert_eq!(lines, "init\n1\ndeinit\nnew\ninit\n3\ndeinit\n");
    });
}

#[test]
fn node_that_fails_to_initialise_stays_disabled() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("closed");
    let tube = format!(
        "
input:
  n: {{type: int, scope: process}}
nodes:
  shutter: {{type: test.shutter, params: {{path: {}}}, depends: [{{value: input.n}}]}}
  sum: {{type: test.running_sum, depends: [{{value: input.n}}]}}
  return: {{type: return, depends: [{{twice: sum.value}}]}}
",
        path.display()
    );
    each(&tube, |runner| {
        let _ = std::fs::remove_file(&path);
        assert_eq!(twice(runner, 1), returned(1));
        runner.disable_node("shutter").unwrap();
        std::fs::write(&path, "").unwrap();
        for n in [1, 2] {
            let error = runner.enable_node("shutter").unwrap_err();
            let RunError::Node(failure) = &error else {
                panic!("{error}");
            };
            assert_eq!((&*failure.node, failure.phase), ("shutter", Phase::Init));
            assert!(error.to_string().contains("sealed"), "{error}");
            assert_eq!(twice(runner, 1), returned(1 + n));
        }
        std::fs::remove_file(&path).unwrap();
        runner.enable_node("shutter").unwrap();
        assert_eq!(twice(runner, 1), returned(4));
    });
}

#[test]
fn shutdown_error_is_returned_and_node_is_disabled() {
    let dir = tempfile::tempdir().unwrap();
    let tube = format!(
        "
input:
  n: {{type: int, scope: process}}
nodes:
  faulty:
    type: test.faulty
    params: {{misdeed: error, moment: ending, dir: {}}}
    depends: [{{value: input.n}}]
  return: {{type: return, depends: [{{twice: faulty.value}}]}}
",
        dir.path().display()
    );
    each(&tube, |runner| {
        let _ = std::fs::remove_file(dir.path().join("here"));
        assert_eq!(twice(runner, 1), returned(1));
        let error = runner.disable_node("faulty").unwrap_err();
        let RunError::Node(failure) = &error else {
            panic!("{error}");
        };
        assert_eq!((&*failure.node, failure.phase), ("faulty", Phase::Deinit));
        assert_eq!(twice(runner, 2), None);
        runner.enable_node("faulty").unwrap();
        assert_eq!(twice(runner, 3), returned(3));
    });
}

#[test]
fn ended_source_runs_again_after_enable() {
    let tube = "
nodes:
  count: {type: test.count, params: {limit: 2}}
  twice: {type: test.double, depends: [{value: count.index}]}
  sum: {type: test.running_sum, depends: [{value: count.index}]}
  return: {type: return, depends: sum.value}
";
    each(tube, |runner| {
        assert_eq!(runner.run_all().unwrap(), [0, 1].map(Value::Int));
        runner.disable_node("twice").unwrap();
        assert_eq!(runner.run_all().unwrap(), []);
        runner.disable_node("count").unwrap();
        runner.enable_node("count").unwrap();
        assert_eq!(runner.run_all().unwrap(), [1, 2].map(Value::Int));
    });
}

/// Calls from threads while nodes are enabled and disabled.
///
/// Every call must return the result of the tube, with or without `twice`.
fn calls_go_on(caller: &RunnerHandle, runner: &mut dyn Runner) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut answers = Vec::new();
                    while !done.load(Ordering::Acquire) {
                        answers.push(caller.process(inputs([("n", Value::Int(1))])));
                    }
                    answers
                })
            })
            .collect();
        let mut outcomes = Vec::new();
        for _ in 0..10 {
            outcomes.push(runner.disable_node("twice"));
            outcomes.push(runner.enable_node("twice"));
        }
        done.store(true, Ordering::Release);
        let mut heard: Vec<i64> = Vec::new();
        for answer in calls.into_iter().flat_map(|calls| calls.join().unwrap()) {
            // Without `twice`, the `return` is not called.
            if let Some(Value::Map(map)) = answer.unwrap() {
                assert_eq!(map.get("twice"), Some(&Value::Int(2)));
                heard.extend(map.get("sum").and_then(Value::as_i64));
            }
        }
        for outcome in outcomes {
            outcome.unwrap();
        }
        heard.sort_unstable();
        let all = heard.len();
        heard.dedup();
        assert_eq!(
            heard.len(),
            all,
            "the sum has not lost or repeated an epoch"
        );
    });
}

#[test]
fn callers_wait_while_a_node_is_reconfigured() {
    let mut tasks = TaskRunner::new(tube(SUMS)).unwrap();
    tasks.init().unwrap();
    let caller = tasks.runner_handle().unwrap();
    calls_go_on(&caller, &mut tasks);
    let mut private = zmq(tube(SUMS));
    private.runner.init().unwrap();
    let caller = private.runner.runner_handle().unwrap();
    calls_go_on(&caller, &mut private.runner);
}

#[test]
fn process_lost_while_disabled_is_replaced_on_enable() {
    let mut private = zmq(tube(SUMS));
    let runner = &mut private.runner;
    assert_eq!(twice(runner, 1), sums(Some(1), Some(2)));
    let before = runner.processes();
    runner.disable_node("twice").unwrap();
    assert_eq!(runner.processes(), before);
    let (_, pid) = before
        .iter()
        .find(|(node, _)| &**node == "twice")
        .expect("its process");
    kill_process(Pid::from_raw(*pid as i32).unwrap(), Signal::KILL).unwrap();
    processes::wait_for("it to be seen", Duration::from_secs(20), || {
        (runner.processes().len() == 1).then_some(())
    });
    runner.process(inputs([("n", Value::Int(10))])).unwrap();
    runner.enable_node("twice").unwrap();
    assert_eq!(twice(runner, 100), sums(Some(111), Some(200)));
    assert_eq!(runner.processes().len(), 2);
    assert_eq!(runner.processes()[0], before[0]);
    runner.deinit().unwrap();
}

#[test]
fn reenabled_map_is_gathered_as_before() {
    let tube = "
input:
  n: {type: int, scope: process}
nodes:
  list: {type: test.range, depends: [{n: input.n}]}
  each: {type: map, depends: [{value: list.value}]}
  or: {type: test.or_minus_one, depends: [{value: each.value}]}
  all: {type: gather, params: {n: 3}, depends: [{value: or.value}]}
  return: {type: return, depends: all.value}
";
    each(tube, |runner| {
        let list = |values: [i64; 3]| Some(Value::from(values.map(Value::Int)));
        assert_eq!(twice(runner, 3), list([0, 1, 2]));
        runner.disable_node("each").unwrap();
        assert_eq!(twice(runner, 3), None);
        assert_eq!(twice(runner, 3), None);
        runner.enable_node("each").unwrap();
        assert_eq!(twice(runner, 3), list([0, 1, 2]));
    });
}

#[test]
fn node_that_is_not_ready_stays_disabled_and_run_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("open");
    let gate = format!(
        "
input:
  n: {{type: int, scope: process}}
nodes:
  sum: {{type: test.running_sum, depends: [{{value: input.n}}]}}
  gate: {{type: test.gate, enabled: false, params: {{path: {}}}, depends: [{{value: sum.value}}]}}
  return: {{type: return, depends: [{{sum: sum.value}}]}}
",
        path.display()
    );
    let root = tempfile::tempdir().unwrap();
    let mut runner = ZmqRunner::builder(tube(&gate))
        .runtime_dir(root.path().join("r"))
        .ready_timeout(Duration::from_secs(2))
        .build();
    let sum = |value| Some(Value::Map(inputs([("sum", Value::Int(value))]).into()));
    assert_eq!(twice(&mut runner, 1), sum(1));
    let before = runner.processes();
    let error = runner.enable_node("gate").unwrap_err();
    let RunError::NotReady { waiting, .. } = &error else {
        panic!("{error}");
    };
    assert!(
        waiting.iter().any(|waiting| &*waiting.node == "gate"),
        "{error}"
    );
    assert_eq!(runner.processes(), before);
    assert_eq!(twice(&mut runner, 10), sum(11));
    std::fs::write(&path, "").unwrap();
    runner.enable_node("gate").unwrap();
    assert_eq!(twice(&mut runner, 100), sum(111));
    assert_eq!(runner.processes().len(), 2);
    runner.deinit().unwrap();
}

#[test]
fn node_disabled_during_restart_has_no_process() {
    let tube_text = "
input:
  n: {type: int, scope: process}
nodes:
  twice: {type: test.double, depends: [{value: input.n}], restart: {when: always, backoff: 1}}
  four: {type: test.double, depends: [{value: input.n}], restart: {when: always, backoff: 1}}
  return: {type: return, depends: [{twice: four.value}]}
";
    let mut private = zmq(tube(tube_text));
    let runner = &mut private.runner;
    assert_eq!(twice(runner, 1), returned(2));
    for (_, pid) in runner.processes() {
        kill_process(Pid::from_raw(pid as i32).unwrap(), Signal::KILL).unwrap();
    }
    processes::wait_for("both to be seen", Duration::from_secs(20), || {
        runner.processes().is_empty().then_some(())
    });
    // This call waits until `four` is ready again; `twice` was killed before it.
    runner.disable_node("twice").unwrap();
    let names = |runner: &ZmqRunner| {
        let processes = runner.processes().into_iter();
        processes
            .map(|(node, _)| node.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(runner), ["four"]);
    assert_eq!(twice(runner, 2), returned(4));
    runner.enable_node("twice").unwrap();
    assert_eq!(names(runner), ["twice", "four"]);
    assert_eq!(twice(runner, 3), returned(6));
    runner.deinit().unwrap();
}
