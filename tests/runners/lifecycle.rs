//! Start and end of runners.

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::{RunError, Runner, RunnerExt};
use noob_zmq_tests::processes::{assert_gone, of_run};
use noob_zmq_tests::runners::{each, tube, zmq};

const CHAIN: &str = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}]}
  four: {type: test.double, depends: [{value: twice.value}]}
  return: {type: return, depends: four.value}
";

#[test]
fn init_and_deinit_are_idempotent() {
    each(CHAIN, |runner| {
        assert!(!runner.running());
        runner.init().unwrap();
        runner.init().unwrap();
        assert!(runner.running());
        assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Int(0)));
        runner.deinit().unwrap();
        runner.deinit().unwrap();
        assert!(!runner.running());
        runner.init().unwrap();
        let epoch = std::sync::Arc::new(std::sync::Mutex::new(None));
        let heard = std::sync::Arc::clone(&epoch);
        runner.add_callback(Box::new(move |event| {
            *heard.lock().unwrap() = Some(event.epoch.number());
        }));
        // The sources restart, and the epoch numbers go on.
        assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Int(0)));
        assert_eq!(*epoch.lock().unwrap(), Some(1));
    });
}

#[test]
fn each_node_has_a_process_with_its_own_title() {
    let mut private = zmq(tube(CHAIN));
    private.runner.init().unwrap();
    let id = private.runner.runner_id().unwrap().to_owned();
    let mut lines: Vec<String> = of_run(&id).into_iter().map(|(_, line)| line).collect();
    lines.sort();
    assert_eq!(lines.len(), 3, "{lines:?}");
    for (line, node) in lines.iter().zip([
        "count (test.count)",
        "four (test.double)",
        "twice (test.double)",
    ]) {
        assert!(
            line.starts_with(&format!("noob-zmq: node {node}, run {id}")),
            "{line}"
        );
    }
    for (name, pid) in private.runner.processes() {
        let comm = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap();
        assert_eq!(comm.trim(), format!("noob:{name}"));
    }
    private.runner.deinit().unwrap();
    assert_gone(&private.runs(), &id);
}

#[test]
fn two_runners_do_not_share_sockets() {
    let (mut one, mut two) = (zmq(tube(CHAIN)), zmq(tube(CHAIN)));
    assert_eq!(one.runner.run(3).unwrap().len(), 3);
    assert_eq!(two.runner.process(Map::new()).unwrap(), Some(Value::Int(0)));
    assert_eq!(
        one.runner.process(Map::new()).unwrap(),
        Some(Value::Int(12))
    );
}

#[test]
fn drop_ends_every_process() {
    let mut private = zmq(tube(CHAIN));
    private.runner.init().unwrap();
    let (id, runs) = (
        private.runner.runner_id().unwrap().to_owned(),
        private.runs(),
    );
    let noob_zmq_tests::runners::Private { runner, root } = private;
    drop(runner);
    assert_gone(&runs, &id);
    drop(root);
}

#[test]
fn panic_of_the_caller_ends_every_process() {
    let mut private = zmq(tube(CHAIN));
    private.runner.init().unwrap();
    let (id, runs) = (
        private.runner.runner_id().unwrap().to_owned(),
        private.runs(),
    );
    let noob_zmq_tests::runners::Private { runner, root } = private;
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _runner = runner;
        std::panic::resume_unwind(Box::new("the caller's own"));
    }));
    assert!(caught.is_err());
    assert_gone(&runs, &id);
    drop(root);
}

#[test]
fn runner_works_inside_an_async_program() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut private = zmq(tube(CHAIN));
        assert_eq!(
            private.runner.process(Map::new()).unwrap(),
            Some(Value::Int(0))
        );
        drop(private);
    });
}

#[test]
fn directory_too_deep_for_sockets_is_an_error_with_path() {
    let root = tempfile::tempdir().unwrap();
    let deep = root.path().join("d".repeat(90));
    let mut runner = noob_zmq::runner::ZmqRunner::builder(tube(CHAIN))
        .runtime_dir(&deep)
        .build();
    let error = runner.init().unwrap_err().to_string();
    assert!(
        error.contains(&*deep.to_string_lossy()) && error.contains("and may have 79,"),
        "{error}"
    );
    assert_eq!(
        noob_zmq_tests::processes::left_in(&deep),
        Vec::<String>::new()
    );
}

/// As in noob, a run ends when the last source has ended.
#[test]
fn function_that_nothing_feeds_keeps_the_run_going() {
    let finite = "
nodes:
  count: {type: test.count, params: {limit: 2}}
  add: {type: test.add, depends: [{left: count.index}, {right: RIGHT}]}
  return: {type: return, depends: add.value}
";
    let helper = "  one: {type: test.double, params: {value: 1}}\n";
    let beside = finite.replace("RIGHT", "one.value") + helper;
    assert_eq!(tube(&beside).warnings.len(), 1);
    each(&beside, |runner| {
        assert_eq!(runner.run(5).unwrap(), [2, 3].map(Value::Int));
        assert_eq!(runner.process(Map::new()).unwrap(), None);
    });
    let alone = finite.replace("RIGHT", "count.index");
    assert_eq!(tube(&alone).warnings, []);
    each(&alone, |runner| {
        assert_eq!(runner.run(5).unwrap(), [0, 2].map(Value::Int));
        let ended = runner.process(Map::new()).unwrap_err();
        assert!(matches!(ended, RunError::Exhausted), "{ended}");
    });
}
