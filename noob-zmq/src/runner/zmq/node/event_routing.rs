//! Routing of the events of a node: who needs which values, and on which topic they travel.
//!
//! | topic | subscribers | events |
//! |---|---|---|
//! | `event` | command node, and the nodes fed by this one | all, if small or all needed |
//! | `receipt` | command node | all, without large values; implied calls that are overdue |
//! | `feed` | nodes that this one feeds | small ones beside those of a receipt, implied calls |
//! | `NODE.SIGNAL` | nodes that take the signal | large ones |

use std::collections::HashSet;

use super::group::links::GroupLinks;
use crate::graph::{Bytes, Emit, Event, Name, Plan, Tube, TubeNodeKind};
use crate::runner::admission::{RETURNED, SNAPSHOT};
use crate::runner::wanted_values::WantedValues;
use crate::wire::{Events, Message, Progress, Receipt};

/// Topic of small events for the nodes that a node feeds.
pub(super) const FEED: &str = "feed";
/// Size in bytes from which a value is not sent to a process that does not use it.
const LARGE: u64 = 512;

/// Subscribers to the events of a node, as the tube has them.
#[derive(Debug)]
pub(super) struct EventRouting {
    node: Name,
    /// Signals that nodes in other processes take.
    taken: HashSet<Name>,
    wanted: WantedValues,
    /// Whether the reports of another node imply the calls of this one.
    implied: bool,
    /// Whether the command node needs the values of all events.
    observed: bool,
    /// Whether a subscriber is no part of the run, and receives all events.
    has_outsiders: bool,
}

impl EventRouting {
    /// Creates the routing of a node of a tube.
    pub(super) fn new(
        node: Name,
        tube: &Tube,
        plan: &Plan,
        observed: bool,
        group: &GroupLinks,
    ) -> Self {
        // Disabled nodes count too: they may be enabled during the run.
        let is_hosted = |node: &Name| {
            let node = tube.nodes.get(node);
            node.is_some_and(|node| node.kind != TubeNodeKind::Return && !group.contains(&node.id))
        };
        let out = tube.edges.iter().filter(|edge| edge.source_node == node);
        let taken = out.filter(|edge| is_hosted(&edge.target_node));
        let mut routing = Self {
            taken: taken.map(|edge| edge.source_signal.clone()).collect(),
            wanted: WantedValues::of(tube),
            implied: false,
            observed,
            has_outsiders: false,
            node,
        };
        routing.plan(plan);
        routing
    }

    /// Plans anew: a node was enabled or disabled.
    pub(super) fn plan(&mut self, plan: &Plan) {
        let node = plan.node_index(&self.node);
        let calls = self.wanted.implied_calls(plan);
        self.implied = node.is_some_and(|node| calls.is_implied(node));
    }

    /// Whether a node in another process takes a signal.
    pub(super) fn has_takers(&self) -> bool {
        !self.taken.is_empty()
    }

    /// Records that the command node needs the values of all events.
    pub(super) const fn observe(&mut self) {
        self.observed = true;
    }

    /// Ends that events of another node imply those of this one, before it has emitted any.
    pub(super) const fn report_calls(&mut self) {
        self.implied = false;
    }

    /// Sets whether a subscriber is no part of the run.
    pub(super) const fn set_outsiders(&mut self, has_outsiders: bool) {
        self.has_outsiders = has_outsiders;
    }

    /// Ends that events of another node imply those of this one, if these are large.
    ///
    /// Returns whether they did so before.
    ///
    /// The command node does the same when it receives the first size of a value: it then waits for
    /// every size, since the window of the run counts bytes.
    pub(super) fn end_implication(&mut self, events: &[Event]) -> bool {
        let ends = self.implied && events.iter().any(|event| self.withholds(event));
        self.implied &= !ends;
        ends
    }

    /// Whether the command node need not receive these events: those of another node tell it that
    /// they were emitted.
    pub(super) fn are_implied(&self, events: &[Event]) -> bool {
        let is_implied = |event: &Event| {
            matches!(event.value, Emit::Value(_)) && !is_control(event) && !is_large(event)
        };
        self.implied && !self.observed && !self.has_outsiders && events.iter().all(is_implied)
    }

    /// Whether one message serves everybody: the command node or a stranger needs every value, or
    /// all are small.
    pub(super) fn is_for_all(&self, events: &[Event]) -> bool {
        self.observed
            || self.has_outsiders
            || !events
                .iter()
                .any(|event| is_control(event) || self.withholds(event))
    }

    /// Whether the command node does without the value of an event.
    fn withholds(&self, event: &Event) -> bool {
        is_large(event) && !is_control(event) && !self.wanted.contains(&self.node, &event.signal)
    }

    /// Returns the events that nodes in other processes take, in their order, each row of one topic
    /// with the topic.
    pub(super) fn for_nodes(&self, events: &[Event]) -> Vec<(Bytes, Vec<Event>)> {
        let mut messages: Vec<(Option<&Name>, Vec<Event>)> = Vec::new();
        for event in events {
            if !self.taken.contains(&event.signal) {
                continue;
            }
            let signal = is_large(event).then_some(&event.signal);
            match messages.last_mut() {
                Some((topic, row)) if *topic == signal => row.push(event.clone()),
                _ => messages.push((signal, vec![event.clone()])),
            }
        }
        let topic = |signal: Option<&Name>| match signal {
            None => Bytes::from_static(FEED.as_bytes()),
            Some(signal) => topic_of(&self.node, signal).into(),
        };
        let messages = messages.into_iter();
        messages.map(|(signal, row)| (topic(signal), row)).collect()
    }

    /// Returns the receipt of events.
    pub(super) fn receipt(&self, events: Vec<Event>) -> Receipt {
        Receipt::new(events, |event| self.withholds(event))
    }
}

/// Returns the topics at a feeder of a node.
pub(super) fn topics_at(feeder: &Name, node: &Name, tube: &Tube) -> Vec<String> {
    let edges = tube.edges.iter();
    let taken = edges.filter(|edge| edge.source_node == *feeder && edge.target_node == *node);
    let mut topics: Vec<String> = taken
        .map(|edge| topic_of(feeder, &edge.source_signal))
        .collect();
    topics.sort_unstable();
    topics.dedup();
    topics.extend([Events::KIND, FEED, Progress::KIND].map(str::to_owned));
    topics
}

fn topic_of(node: &Name, signal: &Name) -> String {
    format!("{node}.{signal}")
}

fn is_control(event: &Event) -> bool {
    [SNAPSHOT, RETURNED].contains(&&*event.signal)
}

fn is_large(event: &Event) -> bool {
    matches!(&event.value, Emit::Value(value) if value.size() >= LARGE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Epoch, Map, Timestamp, Value};

    const TUBE: &str = "
noob_id: routing
nodes:
  a: {type: noob_zmq.node.tests.count, params: {start: 0}}
  b: {type: noob_zmq.node.tests.multiply, depends: [{left: a.index}]}
  c: {type: noob_zmq.node.tests.multiply, depends: [{left: b.value}]}
  return: {type: return, depends: [{b: b.value}]}
";

    fn routing(node: &str, observed: bool) -> EventRouting {
        let tube = crate::tube::from_text("routing.yaml", TUBE, Map::new());
        let tube = tube.unwrap_or_else(|errors| panic!("{errors}"));
        let group = GroupLinks::default();
        EventRouting::new(node.into(), &tube, &Plan::new(&tube), observed, &group)
    }

    fn event(node: &str, signal: &str, value: Value) -> Event {
        Event {
            id: 0,
            timestamp: Timestamp::from_micros(0),
            node_id: node.into(),
            signal: signal.into(),
            epoch: Epoch::root(0),
            value: Emit::Value(value),
        }
    }

    fn large() -> Value {
        Value::Bytes(vec![0; 2048].into())
    }

    fn topics(routing: &EventRouting, events: &[Event]) -> Vec<(String, usize)> {
        let messages = routing.for_nodes(events).into_iter();
        let text = |topic: &Bytes| String::from_utf8(topic.to_vec()).unwrap();
        messages
            .map(|(topic, row)| (text(&topic), row.len()))
            .collect()
    }

    #[test]
    fn small_events_are_one_message_for_all() {
        let small = [event("a", "index", Value::Int(1))];
        assert!(routing("a", false).is_for_all(&small));
    }

    #[test]
    fn large_value_is_withheld_where_the_run_does_not_use_it() {
        let a = routing("a", false);
        let events = [
            event("a", "index", Value::Int(1)),
            event("a", "index", large()),
            event("a", "index", Value::Int(2)),
        ];
        assert!(!a.is_for_all(&events));
        let rows = [("feed", 1), ("a.index", 1), ("feed", 1)];
        assert_eq!(
            topics(&a, &events),
            rows.map(|(topic, len)| (topic.into(), len))
        );
        let receipt = a.receipt(events.to_vec());
        assert_eq!(receipt.withheld, [(1, large().size())]);
        assert_eq!(receipt.events[1].value, Emit::Value(Value::Null));
        assert_eq!(receipt.events[2], events[2]);
    }

    #[test]
    fn returned_and_observed_values_are_sent_to_the_command_node() {
        assert!(routing("b", false).is_for_all(&[event("b", "value", large())]));
        let mut a = routing("a", false);
        a.set_outsiders(true);
        assert!(a.is_for_all(&[event("a", "index", large())]));
        a.set_outsiders(false);
        assert!(!a.is_for_all(&[event("a", "index", large())]));
        a.observe();
        assert!(a.is_for_all(&[event("a", "index", large())]));
        assert!(routing("a", true).is_for_all(&[event("a", SNAPSHOT, large())]));
    }

    #[test]
    fn values_of_a_node_between_are_implied() {
        const CHAIN: &str = "
noob_id: routing
nodes:
  a: {type: noob_zmq.node.tests.count, params: {start: 0}}
  b: {type: noob_zmq.node.tests.multiply, depends: [{left: a.index}]}
  c: {type: noob_zmq.node.tests.multiply, depends: [{left: b.value}]}
  return: {type: return, depends: [{c: c.value}]}
";
        let tube = crate::tube::from_text("routing.yaml", CHAIN, Map::new());
        let mut tube = tube.unwrap_or_else(|errors| panic!("{errors}"));
        let group = GroupLinks::default();
        let routing = |tube: &Tube, node: &str| {
            EventRouting::new(node.into(), tube, &Plan::new(tube), false, &group)
        };
        let small = event("b", "value", Value::Int(1));
        let [a, mut b, c] = ["a", "b", "c"].map(|node| routing(&tube, node));
        assert!(b.are_implied(std::slice::from_ref(&small)));
        assert!(!a.are_implied(&[event("a", "index", Value::Int(1))]));
        assert!(!c.are_implied(&[event("c", "value", Value::Int(1))]));
        let nothing = Event {
            value: Emit::Nothing,
            ..small.clone()
        };
        let checkpoint = event("b", SNAPSHOT, Value::Int(1));
        for other in [nothing, checkpoint, event("b", "value", large())] {
            assert!(!b.are_implied(&[small.clone(), other]));
        }
        // From its first large value on, the node reports itself.
        let mut ended = routing(&tube, "b");
        assert!(!ended.end_implication(std::slice::from_ref(&small)));
        assert!(ended.end_implication(&[event("b", "value", large())]));
        assert!(!ended.are_implied(std::slice::from_ref(&small)));
        // So does the process that is started in its place.
        let mut restarted = routing(&tube, "b");
        restarted.report_calls();
        assert!(!restarted.are_implied(std::slice::from_ref(&small)));
        // Without its reader, the node reports itself.
        tube.nodes.get_mut("c").unwrap().enabled = false;
        assert!(!routing(&tube, "b").are_implied(std::slice::from_ref(&small)));
        b.observe();
        assert!(!b.are_implied(&[small]));
    }

    #[test]
    fn checkpoint_is_in_the_receipt_alone() {
        let b = routing("b", false);
        let events = [
            event("b", "value", Value::Int(1)),
            event("b", SNAPSHOT, large()),
        ];
        assert!(!b.is_for_all(&events));
        assert_eq!(topics(&b, &events), [("feed".into(), 1)]);
        let receipt = b.receipt(events.to_vec());
        assert_eq!(
            (receipt.events, receipt.withheld),
            (events.to_vec(), Vec::new())
        );
        // Nobody but the runner takes its value.
        assert!(topics(&routing("c", false), &[event("c", "value", large())]).is_empty());
    }

    #[test]
    fn node_subscribes_to_the_signals_that_it_takes() {
        let tube = crate::tube::from_text("routing.yaml", TUBE, Map::new());
        let tube = tube.unwrap_or_else(|errors| panic!("{errors}"));
        let topics = topics_at(&"a".into(), &"b".into(), &tube);
        assert_eq!(topics, ["a.index", "event", "feed", "progress"]);
    }
}
