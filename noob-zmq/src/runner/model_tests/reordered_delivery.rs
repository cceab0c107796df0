//! Several epochs at once, calls that take their time, and answers that come in any order: still
//! what the reference gives.

use std::collections::VecDeque;
use std::sync::Arc;

use proptest::prelude::*;

use super::graph::{graphs, tube};
use super::nodes::{Calls, Given, live_with_end, number, of_epoch};
use super::oracle::Oracle;
use super::rng::Rng;
use crate::graph::{Emit, Epoch, NodeIx, Plan, Scheduler, SignalUpdate, Store};
use crate::node::{Emitted, Inputs, Outputs};

const EPOCHS: u32 = 7;

proptest! {
    #[test]
    fn reordered_delivery_makes_the_calls_of_the_oracle(
        specs in graphs(),
        seed: u64,
        window in 1_usize..5,
    ) {
        let tube = tube(&specs);
        let plan = Arc::new(Plan::new(&tube));
        let calls = Calls::default();
        let mut nodes: Vec<_> = plan
            .nodes()
            .map(|ix| &tube.nodes[plan.node_name(ix)])
            .map(|known| live_with_end(&tube, &plan, &specs[number(known)], known, &calls))
            .collect();
        let expected = Oracle::epochs(&specs, EPOCHS);
        let mut rng = Rng(seed);
        let mut scheduler = Scheduler::new(plan.clone());
        let mut store = Store::new(plan.clone());
        let mut opened = 0;
        let mut ended = Vec::new();
        let mut ready: Vec<(Epoch, NodeIx)> = Vec::new();
        let mut under_way: Vec<(Epoch, NodeIx, VecDeque<Emitted>)> = Vec::new();
        loop {
            let live = scheduler.open_epochs().count();
            if live < window && opened < EPOCHS && !scheduler.exhausted() {
                prop_assert_eq!(scheduler.open_next(), opened);
                opened += 1;
            }
            ready.extend(scheduler.take_ready());
            for number in scheduler.take_closed() {
                store.clear(number);
                ended.push(number);
                // Not one call is made later, or left out, and those under way have said all.
                let more = under_way
                    .iter()
                    .any(|(epoch, _, said)| epoch.number() == number && !said.is_empty());
                let open = ready.iter().any(|(epoch, _)| epoch.number() == number);
                prop_assert!(!more && !open, "epoch {} has ended early", number);
                let expected = expected[number as usize].clone();
                prop_assert_eq!(of_epoch(&calls, number), expected, "epoch {}", number);
            }
            if !ready.is_empty() && (under_way.is_empty() || rng.below(2) == 0) {
                let (epoch, node) = ready.swap_remove(rng.below(ready.len()));
                let mut outputs = Outputs::default();
                let inputs = Inputs::new(epoch.clone(), store.arguments(&epoch, node));
                nodes[node.index()].process(&inputs, &mut outputs).expect("no error");
                under_way.push((epoch, node, outputs.drain().collect()));
            } else if !under_way.is_empty() {
                let at = rng.below(under_way.len());
                let (epoch, node, said) = &mut under_way[at];
                if let Some(said) = said.pop_front() {
                    let signal = plan.signal_index(*node, &said.signal).expect("declared");
                    let epoch = said.epoch.as_ref().unwrap_or(epoch);
                    let _ = scheduler.apply(epoch, signal, SignalUpdate::from(&said.value));
                    if let Emit::Value(value) = said.value {
                        store.put(epoch, signal, value);
                    }
                } else {
                    let _ = scheduler.node_done(epoch, *node);
                    under_way.swap_remove(at);
                }
            } else if opened == EPOCHS || scheduler.exhausted() {
                break;
            }
        }
        prop_assert_eq!(scheduler.open_epochs().next(), None, "an epoch did not end");
        ended.sort_unstable();
        prop_assert_eq!(ended, (0..opened).collect::<Vec<_>>(), "each ends once");
        prop_assert_eq!((scheduler.retained(), store.retained()), (0, 0));
        let all: Given = expected.into_iter().take(opened as usize).flatten().collect();
        prop_assert_eq!(&*calls.lock().expect("no panic"), &all);
    }
}
