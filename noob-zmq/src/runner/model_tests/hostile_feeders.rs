//! Feeders that tell anything: the process of a node neither panics nor keeps anything of an epoch
//! that is closed.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;

use super::graph::{Spec, graphs_up_to, name, signal_name, tube};
use crate::graph::{
    Emit, Epoch, Event, Outcome, Plan, Scheduler, Segment, SignalUpdate, Timestamp, Value,
};
use crate::runner::admission::{EventFilter, OpenedEpochs, Statement};

/// Number of root epochs; the last one is not announced.
const EPOCHS: u32 = 3;

/// Numbers of a statement: sender, node, signal, root epoch, items, update, and whether it is an
/// event.
type Lie = (u8, u8, u8, u32, Vec<u32>, u8, bool);

fn lies() -> impl Strategy<Value = Vec<Lie>> {
    let byte = any::<u8>;
    let items = vec(0..3_u32, 0..4);
    vec(
        (
            byte(),
            byte(),
            byte(),
            0..EPOCHS,
            items,
            byte(),
            any::<bool>(),
        ),
        0..120,
    )
}

/// Returns the statement of a node of `known` about one of them, in an epoch of the maps above.
fn statement(specs: &[Spec], known: &[usize], lie: &Lie) -> Statement {
    let (sender, node, signal, number, items, update, event) = lie;
    let sender = known[usize::from(*sender) % known.len()];
    let node = known[usize::from(*node) % known.len()];
    let spec = &specs[node];
    let signal = signal_name(spec, usize::from(*signal) % 2);
    let maps = spec.chain.iter().copied().chain([node]);
    let segments = maps.zip(items).map(|(map, index)| Segment {
        node: name(map),
        index: *index,
    });
    let epoch = Epoch::new(*number, segments);
    if *event {
        return Statement::Event(Event {
            id: u64::from(*update),
            timestamp: Timestamp::from_micros(0),
            node_id: name(node),
            signal,
            epoch,
            value: match update % 4 {
                0 => Emit::Nothing,
                1 => Emit::Exhausted,
                _ => Emit::Value(Value::Int(1)),
            },
        });
    }
    let update = [
        SignalUpdate::Value,
        SignalUpdate::Nothing,
        SignalUpdate::Never,
        SignalUpdate::Last,
        SignalUpdate::Exhausted,
    ][usize::from(*update) % 5];
    let outcome = Outcome::new(name(node), signal, epoch, update);
    Statement::Outcome(name(sender), outcome)
}

/// Admits a statement, and all that it makes due.
fn admit(filter: &mut EventFilter, scheduler: &mut Scheduler, statement: Statement) {
    let opened = OpenedEpochs::below(EPOCHS - 1);
    let mut due = vec![statement];
    while !due.is_empty() {
        for statement in due {
            let _ = match statement {
                Statement::Event(event) => filter.admit(scheduler, opened, &event),
                Statement::Outcome(sender, outcome) => {
                    filter.admit_outcome(scheduler, opened, &sender, &outcome)
                }
            };
        }
        due = filter.take_due(scheduler);
    }
}

proptest! {
    #[test]
    fn lies_of_feeders_cost_nothing_beyond_their_epoch(
        specs in graphs_up_to(12),
        lies in lies(),
        me: prop::sample::Index,
        ahead: bool,
    ) {
        let tube = tube(&specs);
        let plan = Plan::new(&tube);
        let me = plan.nodes().nth(me.index(specs.len())).expect("a node");
        let local = Arc::new(plan.around(me));
        let is_known = |node: &usize| local.node_index(&name(*node)).is_some();
        let known: Vec<usize> = (0..specs.len()).filter(is_known).collect();
        let place = local.node_index(plan.node_name(me)).expect("itself");
        let mut scheduler = Scheduler::for_node(local.clone(), place);
        if ahead {
            scheduler.dispatch_ahead();
        }
        let mut filter = EventFilter::for_node();
        for number in 0..EPOCHS - 1 {
            let _ = scheduler.open(number);
        }
        for lie in &lies {
            admit(&mut filter, &mut scheduler, statement(&specs, &known, lie));
            while let Some((epoch, node)) = scheduler.next_ready() {
                prop_assert_eq!(node, place);
                let _ = scheduler.node_done(&epoch, node);
            }
            // One item or call has a few outcomes at most.
            prop_assert!(scheduler.take_outcomes().len() <= 1000);
            prop_assert!(filter.retained() <= lies.len());
            scheduler.take_closed().for_each(|number| filter.close_epoch(number));
        }
        for number in 0..EPOCHS {
            let _ = scheduler.close(number);
            filter.close_epoch(number);
        }
        prop_assert_eq!((scheduler.retained(), filter.retained()), (0, 0));
    }
}
