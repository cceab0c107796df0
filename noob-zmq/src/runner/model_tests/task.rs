//! [`TaskRunner`] gives what the reference gives, whatever runs beside what.

use proptest::prelude::*;

use super::graph::{graphs, tube};
use super::nodes::{Calls, Given, live, number};
use super::oracle::Oracle;
use crate::runner::{Runner, TaskRunner};

const EPOCHS: u32 = 6;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_task_runner_makes_the_calls_of_the_reference(specs in graphs()) {
        let calls = Calls::default();
        let make = |plan: &_, known: &_| Ok(live(plan, &specs[number(known)], known, &calls));
        let mut runner = TaskRunner::with_nodes(tube(&specs), make).expect("a runner");
        runner.run(u64::from(EPOCHS)).expect("no error");
        runner.deinit().expect("no error");
        let mut oracle = Oracle::new(&specs);
        let mut expected = Given::new();
        let mut epochs = 0;
        while epochs < EPOCHS && !oracle.exhausted() {
            expected.append(&mut oracle.epoch(epochs));
            epochs += 1;
        }
        // Epochs that were begun before a source has ended may go on to their end.
        let mut made = calls.lock().expect("no panic").clone();
        made.retain(|(_, epoch), _| epoch.number() < epochs);
        prop_assert_eq!(made, expected);
    }
}
