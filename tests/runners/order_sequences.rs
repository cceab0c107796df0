//! Random sequences of orders to a runner, from one and from several threads.
//!
//! The runner must answer as a model does, and neither hang nor panic.

use std::collections::BTreeSet;
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use noob_zmq::graph::{Map, Value};
use noob_zmq::runner::{RunError, Runner, RunnerExt, RunnerHandle, TaskRunner};
use noob_zmq_tests::runners::{tube, zmq};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const COUNT: &str = "
nodes:
  count: {type: test.count}
  same: {type: test.echo, depends: [{value: count.index}]}
  spare: {type: test.running_sum, depends: [{value: count.index}]}
  return: {type: return, depends: same.value}
";

/// Order to a runner.
#[derive(Debug, Clone, Copy)]
enum Order {
    Init,
    Process,
    Run(u64),
    /// Takes the first number of values of an `iter` over the second.
    Iter(u64, u64),
    Start,
    Stop,
    /// Enables or disables a node without dependents.
    Switch(bool),
    Deinit,
}

fn order() -> impl Strategy<Value = Order> {
    prop_oneof![
        1 => Just(Order::Init),
        5 => Just(Order::Process),
        3 => (0_u64..200).prop_map(Order::Run),
        3 => (1_u64..100)
            .prop_flat_map(|n| (1..=n, Just(n)))
            .prop_map(|(some, n)| Order::Iter(some, n)),
        3 => Just(Order::Start),
        4 => Just(Order::Stop),
        2 => any::<bool>().prop_map(Order::Switch),
        1 => Just(Order::Deinit),
    ]
}

/// Model of a runner whose tube counts.
#[derive(Debug)]
struct Model {
    running: bool,
    /// Whether the node without dependents is enabled.
    enabled: bool,
    free: bool,
    /// Whether a `stop` has no run to end yet.
    stopped: bool,
    /// Value of the next epoch that is returned.
    next: i64,
}

fn numbers(values: Vec<Value>) -> Vec<i64> {
    values
        .iter()
        .map(|value| value.as_i64().expect("a number"))
        .collect()
}

fn taken(runner: &mut dyn Runner, some: u64, n: u64) -> Result<Vec<i64>, RunError> {
    let values = runner.iter(n)?;
    let values: Result<Vec<Value>, RunError> = values.take(some as usize).collect();
    values.map(numbers)
}

fn free<T: std::fmt::Debug>(answer: &Result<T, RunError>) -> bool {
    matches!(answer, Err(RunError::RunsInBackground))
}

fn switch(runner: &mut dyn Runner, enabled: bool) -> Result<(), RunError> {
    if enabled {
        runner.enable_node("spare")
    } else {
        runner.disable_node("spare")
    }
}

impl Model {
    const fn new() -> Self {
        Self {
            running: false,
            enabled: true,
            free: false,
            stopped: false,
            next: 0,
        }
    }

    fn implicit_init(&mut self) {
        if !std::mem::replace(&mut self.running, true) {
            self.next = 0;
        }
    }

    /// Checks returned values: consecutive ones, `n` of them, or fewer after a stop.
    fn handed_over(&mut self, values: &[i64], n: u64) {
        let expected: Vec<i64> = (self.next..).take(values.len()).collect();
        assert_eq!(values, expected);
        if std::mem::take(&mut self.stopped) {
            assert!(values.len() as u64 <= n);
        } else {
            assert_eq!(values.len() as u64, n);
        }
        self.next += values.len() as i64;
    }

    /// Gives the order to the runner and to the model, and compares the answers.
    fn obey(&mut self, runner: &mut dyn Runner, order: Order) {
        match order {
            Order::Init => {
                runner.init().unwrap();
                self.implicit_init();
            }
            Order::Process => {
                let answer = runner.process(Map::new());
                if self.free {
                    return assert!(free(&answer), "{answer:?}");
                }
                self.implicit_init();
                assert_eq!(answer.unwrap(), Some(Value::Int(self.next)));
                self.next += 1;
            }
            Order::Run(n) => {
                let answer = runner.run(n);
                if self.free {
                    return assert!(free(&answer), "{answer:?}");
                }
                self.implicit_init();
                self.handed_over(&numbers(answer.unwrap()), n);
            }
            Order::Iter(some, n) => {
                let answer = taken(runner, some, n);
                if self.free {
                    return assert!(free(&answer), "{answer:?}");
                }
                self.implicit_init();
                self.handed_over(&answer.unwrap(), some);
            }
            Order::Start => {
                let answer = runner.start();
                if self.free {
                    return assert!(free(&answer), "{answer:?}");
                }
                answer.unwrap();
                self.implicit_init();
                (self.free, self.stopped) = (true, false);
            }
            Order::Stop => {
                let ran = runner.stop().unwrap();
                self.next += i64::try_from(ran).unwrap();
                if !std::mem::take(&mut self.free) {
                    assert_eq!(ran, 0);
                    self.stopped = true;
                }
            }
            Order::Switch(enabled) => {
                let answer = switch(runner, enabled);
                if self.free && self.enabled != enabled {
                    return assert!(free(&answer), "{answer:?}");
                }
                answer.unwrap();
                self.enabled = enabled;
            }
            Order::Deinit => {
                runner.deinit().unwrap();
                (self.running, self.free) = (false, false);
            }
        }
        assert_eq!(runner.running(), self.running);
    }
}

/// Fails if `test` does not end in time.
fn ends(test: impl FnOnce() + Send + 'static) {
    let (say, ended) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        test();
        let _ = say.send(());
    });
    match ended.recv_timeout(Duration::from_secs(120)) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
        _ => thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
    }
}

fn cases(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        max_shrink_iters: 20,
        failure_persistence: None,
        ..Config::default()
    })
}

/// Builds a runner, and gives it a sequence of orders.
type Make = fn(&mut dyn FnMut(&mut dyn Runner));

fn one_after_the_other(times: u32, make: Make) {
    let orders = proptest::collection::vec(order(), 1..25);
    let outcome = cases(times).run(&orders, |orders| {
        ends(move || {
            make(&mut |runner| {
                let mut model = Model::new();
                for order in &orders {
                    model.obey(runner, *order);
                }
            });
        });
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// Lets several threads give orders to one runner while they run epochs by its handle.
fn all_at_once(
    runner: &Mutex<&mut (dyn Runner + Send)>,
    caller: &RunnerHandle,
    orders: &[Vec<Order>],
) {
    let lock = || runner.lock().unwrap();
    lock().init().unwrap();
    let deinits = orders
        .iter()
        .flatten()
        .any(|order| matches!(order, Order::Deinit));
    let returned = Mutex::new(Vec::new());
    let freely = Mutex::new(0);
    let got = &returned;
    let give = |order: &Order| {
        let answer = match *order {
            Order::Init => lock().init().map(|()| vec![]),
            Order::Process => lock()
                .process(Map::new())
                .map(|value| numbers(value.into_iter().collect())),
            Order::Run(n) => lock().run(n).map(numbers),
            Order::Iter(some, n) => taken(*lock(), some, n),
            Order::Start => lock().start().map(|()| vec![]),
            Order::Stop => lock().stop().map(|ran| {
                *freely.lock().unwrap() += ran;
                vec![]
            }),
            Order::Switch(enabled) => switch(*lock(), enabled).map(|()| vec![]),
            Order::Deinit => lock().deinit().map(|()| vec![]),
        };
        match answer {
            Ok(values) => returned.lock().unwrap().extend(values),
            Err(RunError::RunsInBackground) => {}
            Err(error) => panic!("{order:?}: {error}"),
        }
    };
    std::thread::scope(|scope| {
        for orders in orders {
            let calls = orders.len();
            scope.spawn(|| orders.iter().for_each(give));
            scope.spawn(move || {
                for _ in 0..calls {
                    match caller.process(Map::new()) {
                        Ok(value) => got
                            .lock()
                            .unwrap()
                            .extend(numbers(value.into_iter().collect())),
                        Err(RunError::Closed { .. }) if deinits => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
    });
    give(&Order::Stop);
    // Consumes a remaining stop, and takes results that were fetched and not read.
    give(&Order::Run(0));
    give(&Order::Run(200));
    let returned = returned.into_inner().unwrap();
    if !deinits {
        let distinct: BTreeSet<i64> = returned.iter().copied().collect();
        assert_eq!(
            distinct.len(),
            returned.len(),
            "a value was handed over twice"
        );
        let highest = distinct.last().map_or(0, |last| *last as u64 + 1);
        let seen = distinct.len() as u64 + freely.into_inner().unwrap();
        assert_eq!(seen, highest, "as many epochs as values");
    }
}

fn from_several_threads(times: u32, make: fn(&[Vec<Order>])) {
    let orders = proptest::collection::vec(proptest::collection::vec(order(), 1..15), 2..4);
    let outcome = cases(times).run(&orders, |orders| {
        ends(move || make(&orders));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn task_runner_accepts_orders_in_any_sequence() {
    one_after_the_other(100, |test| {
        test(&mut TaskRunner::new(tube(COUNT)).unwrap());
    });
}

#[test]
fn zmq_runner_accepts_orders_in_any_sequence() {
    one_after_the_other(8, |test| test(&mut zmq(tube(COUNT)).runner));
}

#[test]
fn task_runner_accepts_orders_of_several_threads() {
    from_several_threads(100, |orders| {
        let mut runner = TaskRunner::new(tube(COUNT)).unwrap();
        let caller = runner.runner_handle().unwrap();
        all_at_once(&Mutex::new(&mut runner), &caller, orders);
    });
}

#[test]
fn zmq_runner_accepts_orders_of_several_threads() {
    from_several_threads(8, |orders| {
        let mut private = zmq(tube(COUNT));
        let caller = private.runner.runner_handle().unwrap();
        all_at_once(&Mutex::new(&mut private.runner), &caller, orders);
    });
}
