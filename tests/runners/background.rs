//! Free runs, and runner handles of many threads and tasks.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::Duration;

use noob_zmq::graph::{Emit, Map, Value};
use noob_zmq::runner::{RunError, Runner, RunnerExt, RunnerHandle, TaskRunner};
use noob_zmq_tests::processes::wait_for;
use noob_zmq_tests::runners::{inputs, tube, zmq};

const COUNT: &str = "
nodes:
  count: {type: test.count}
  twice: {type: test.double, depends: [{value: count.index}]}
  return: {type: return, depends: twice.value}
";

const SUM: &str = "
input:
  left: {type: int, scope: process}
nodes:
  sum: {type: test.add, depends: [{left: input.left}], params: {right: 1000}}
  same: {type: test.echo, depends: [{value: sum.value}]}
  return: {type: return, depends: same.value}
";

/// Runs `test` with each runner that has its own threads.
fn both<T>(
    text: &str,
    test: impl Fn(&mut dyn Runner, &dyn Fn() -> Result<RunnerHandle, RunError>) -> T,
) {
    // Handles behave the same before and after the start of the runner.
    let mut task = TaskRunner::new(tube(text)).unwrap();
    let caller = task.runner_handle();
    test(&mut task, &|| caller.clone());
    let mut private = zmq(tube(text));
    let caller = private.runner.runner_handle();
    test(&mut private.runner, &|| caller.clone());
}

fn is_free<T: std::fmt::Debug>(refused: Result<T, RunError>) {
    assert!(
        matches!(refused, Err(RunError::RunsInBackground)),
        "{refused:?}"
    );
}

#[test]
fn free_run_restarts_without_losing_an_epoch() {
    both(COUNT, |runner, _| {
        let (say, heard) = mpsc::channel();
        runner.add_callback(Box::new(move |event| {
            if let (true, Emit::Value(value)) = (&*event.node_id == "twice", &event.value) {
                let _ = say.send(value.clone());
            }
        }));
        let mut next = 0;
        for round in 1..=3 {
            runner.start().unwrap();
            for _ in 0..200 {
                assert_eq!(heard.recv().unwrap(), Value::Int(2 * next), "round {round}");
                next += 1;
            }
            is_free(runner.start());
            is_free(runner.process(Map::new()));
            is_free(runner.run(1));
            is_free(runner.iter(1).map(drop));
            is_free(runner.disable_node("twice"));
            let ran = runner.stop().unwrap();
            // Every opened epoch has completed: all events were received, and no more follow.
            let rest: Vec<Value> = heard.try_iter().collect();
            let expected: Vec<Value> = (next..next + rest.len() as i64)
                .map(|index| Value::Int(2 * index))
                .collect();
            assert_eq!(rest, expected);
            next += rest.len() as i64;
            assert_eq!(ran, 200 + rest.len() as u64);
            assert_eq!(
                runner.process(Map::new()).unwrap(),
                Some(Value::Int(2 * next))
            );
            assert_eq!(heard.recv().unwrap(), Value::Int(2 * next));
            next += 1;
        }
        assert_eq!(runner.stop().unwrap(), 0);
        assert_eq!(runner.run(5).unwrap(), [], "it was stopped before");
        assert_eq!(runner.run(1).unwrap(), [Value::Int(2 * next)]);
    });
}

#[test]
fn free_run_ends_with_its_source_and_reports_the_cause() {
    let limited = COUNT.replace("test.count}", "test.count, params: {limit: 300}}");
    both(&limited, |runner, caller| {
        let (say, ended) = mpsc::channel();
        runner.add_callback(Box::new(move |event| {
            if event.value == Emit::Value(598.into()) {
                let _ = say.send(());
            }
        }));
        runner.start().unwrap();
        ended.recv().unwrap();
        assert_eq!(runner.stop().unwrap(), 300);
        let more = caller().unwrap().process(Map::new());
        assert!(matches!(more, Err(RunError::Exhausted)), "{more:?}");
    });
    let failing = COUNT.replace("test.double,", "test.fail_at, params: {at: 20},");
    both(&failing, |runner, _| {
        let (say, heard) = mpsc::channel();
        runner.add_callback(Box::new(move |event| {
            let _ = say.send(event.epoch.number());
        }));
        runner.start().unwrap();
        // The source has passed that epoch.
        while heard.recv().unwrap() < 20 {}
        let error = loop {
            match runner.stop() {
                // The run stopped before the epoch failed: the epoch is still to come.
                Ok(_) => runner.start().unwrap(),
                Err(error) => break error.to_string(),
            }
        };
        assert!(error.contains("the node `twice`"), "{error}");
        assert!(error.contains("epoch 20: the frame is refused"), "{error}");
        assert!(runner.process(Map::new()).is_ok(), "it can go on");
    });
}

#[test]
fn deinit_reports_the_error_that_ended_a_free_run() {
    let failing = COUNT.replace("test.double,", "test.fail_at, params: {at: 0},");
    let is_told = |told: Result<(), RunError>| {
        let error = told.unwrap_err().to_string();
        assert!(error.contains("epoch 0: the frame is refused"), "{error}");
    };
    let mut task = TaskRunner::new(tube(&failing)).unwrap();
    let (say, heard) = mpsc::channel();
    task.add_callback(Box::new(move |event| {
        if &*event.node_id == "twice" {
            let _ = say.send(());
        }
    }));
    task.start().unwrap();
    // The node has passed that epoch.
    heard.recv().unwrap();
    is_told(task.deinit());
    let mut private = zmq(tube(&failing));
    private.runner.start().unwrap();
    wait_for("the epoch to have failed", Duration::from_secs(60), || {
        (private.runner.report().epochs.failed > 0).then_some(())
    });
    is_told(private.runner.deinit());
    assert!(private.runner.deinit().is_ok(), "it is told once");
}

#[test]
fn deinit_ends_a_free_run() {
    both(COUNT, |runner, caller| {
        runner.start().unwrap();
        runner.deinit().unwrap();
        assert!(!runner.running());
        let refused = caller().unwrap().process(Map::new());
        assert!(
            matches!(refused, Err(RunError::Closed { .. })),
            "{refused:?}"
        );
        // The source restarts.
        assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Int(0)));
        runner.start().unwrap();
    });
}

#[test]
fn threads_run_epochs_at_once_and_get_their_own_results() {
    both(SUM, |runner, caller| {
        runner.init().unwrap();
        let caller = caller().unwrap();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let caller = caller.clone();
                scope.spawn(move || {
                    for call in 0..50 {
                        let left = thread * 100 + call;
                        let given = inputs([("left", Value::Int(left))]);
                        let returned = caller.process(given).unwrap();
                        assert_eq!(returned, Some(Value::Int(left + 1000)));
                    }
                });
            }
            // The runner itself runs epochs concurrently.
            for left in 0..20 {
                let given = inputs([("left", Value::Int(-left))]);
                let returned = runner.process(given).unwrap();
                assert_eq!(returned, Some(Value::Int(1000 - left)));
            }
        });
        let missing = caller.process(Map::new()).unwrap_err().to_string();
        assert!(missing.contains("needs the input `left`"), "{missing}");
    });
}

#[test]
fn tasks_run_epochs_during_a_free_run() {
    both(COUNT, |runner, caller| {
        runner.start().unwrap();
        let caller = caller().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let values = runtime.block_on(async {
            let tasks: Vec<_> = (0..100)
                .map(|_| {
                    let caller = caller.clone();
                    tokio::spawn(async move { caller.process_async(Map::new()).await })
                })
                .collect();
            let mut values = BTreeSet::new();
            for task in tasks {
                let value = task.await.unwrap().unwrap().unwrap();
                values.insert(value.as_i64().unwrap());
            }
            values
        });
        assert_eq!(
            values.len(),
            100,
            "each has an epoch of its own: {values:?}"
        );
        let ran = runner.stop().unwrap();
        let next = i64::try_from(ran).unwrap() + 100;
        assert_eq!(
            runner.process(Map::new()).unwrap(),
            Some(Value::Int(2 * next))
        );
    });
}

#[test]
fn callback_that_runs_an_epoch_is_refused() {
    both(COUNT, |runner, caller| {
        let (say, heard) = mpsc::channel();
        let caller = caller().unwrap();
        runner.add_callback(Box::new(move |_| {
            let refused = caller.process(Map::new()).unwrap_err();
            let _ = say.send(refused.to_string());
        }));
        assert_eq!(runner.process(Map::new()).unwrap(), Some(Value::Int(0)));
        let refused = heard.recv().unwrap();
        assert!(
            refused.starts_with("a callback cannot run epochs"),
            "{refused}"
        );
    });
}
