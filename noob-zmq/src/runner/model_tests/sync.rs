//! [`SyncRunner`] gives what the reference gives.

use proptest::prelude::*;

use super::graph::{graphs, tube};
use super::nodes::{Calls, live, number};
use super::oracle::Oracle;
use crate::graph::Map;
use crate::runner::{RunError, RunnerExt, SyncRunner};

proptest! {
    #[test]
    fn the_sync_runner_makes_the_calls_of_the_reference(specs in graphs()) {
        let calls = Calls::default();
        let mut runner = SyncRunner::with_nodes(tube(&specs), |plan, known| {
            Ok(live(plan, &specs[number(known)], known, &calls))
        })
        .expect("a runner");
        let mut oracle = Oracle::new(&specs);
        for epoch in 0..8 {
            if oracle.exhausted() {
                prop_assert!(matches!(runner.process(Map::new()), Err(RunError::Exhausted)));
                break;
            }
            let expected = oracle.epoch(epoch);
            prop_assert_eq!(runner.process(Map::new()).expect("no error"), None);
            let made = std::mem::take(&mut *calls.lock().expect("no panic"));
            prop_assert_eq!(&made, &expected, "epoch {}", epoch);
            prop_assert_eq!(runner.kept(), 0);
        }
    }
}
