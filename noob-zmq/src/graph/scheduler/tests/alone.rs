//! The scheduler in the process of one node, which is told by the nodes that feed it, and tells
//! those that it feeds.

use super::{Applied, Driver};

#[test]
fn feeders_are_enough_for_a_node_process() {
    let nodes = "a b c x";
    let edges = &["a.v > b", "b.v > c", "x.v ? c"];
    let mut d = Driver::for_node(nodes, edges, "c");
    let plan = d.scheduler.plan().clone();
    let known: Vec<_> = plan
        .nodes()
        .map(|node| plan.node_name(node).clone())
        .collect();
    assert_eq!(known, ["b".into(), "c".into(), "x".into()]);
    d.scheduler.open(0);
    assert!(d.ready().is_empty(), "other nodes are not handed out");
    d.say("0", "x.v=0");
    assert!(
        d.ready().is_empty() && d.ended().is_empty(),
        "silence of b proves nothing"
    );
    d.say("0", "b.v=1");
    assert_eq!(d.ready(), ["c@0"]);
    d.done("0", "c");
    assert_eq!(d.ended(), [0]);
    // b was not called, and tells so.
    d.say("1", "b.v=0");
    assert_eq!(d.ended(), [1]);
    assert_eq!(d.say("1", "x.v=1"), [Applied::Closed]);
    assert_eq!(d.scheduler.close(2), Applied::New);
    assert_eq!(d.say("2", "b.v=1"), [Applied::Closed]);
    assert_eq!(d.scheduler.retained(), 0);
}

#[test]
fn node_tells_those_it_feeds_that_it_is_not_called() {
    let mut d = Driver::for_node("a b c d", &["a.v > b", "c.v > b", "b.v > d"], "b");
    d.say("0", "a.v=1 c.v=1");
    assert_eq!(d.ready(), ["b@0"]);
    d.call("0", "b", "b.v=1");
    assert!(d.outcomes().is_empty(), "events tell what a call emits");
    d.say("1", "a.v=0");
    assert_eq!(d.outcomes(), ["1 b.v=0"]);
    d.say("2", "a.v=never c.v=1");
    assert_eq!(d.outcomes(), ["2 b.v=never"]);
    // An exhausted source is not called in later epochs, and the nodes below are not either.
    d.say("3", "a.v=! c.v=1");
    assert_eq!(d.outcomes(), ["3 b.v=0"]);
    d.say("4", "c.v=1");
    assert_eq!(d.outcomes(), ["4 b.v=never"]);
    assert_eq!(d.ended(), [0, 1, 2, 3, 4]);
}

#[test]
fn last_value_of_a_gather_counts_when_the_gather_says_so() {
    let nodes = "a m:map f g:gather e";
    let edges = &[
        "a.x > m",
        "m.value > f",
        "f.v > g",
        "m.n > g",
        "g.value > e",
    ];
    let mut e = Driver::for_node(nodes, edges, "e");
    assert_eq!(e.say("0", "g.value=1"), [Applied::New]);
    assert!(e.ready().is_empty(), "another value may follow");
    assert_eq!(e.say("0", "g.value=1"), [Applied::New]);
    e.say("0", "g.value=last");
    assert_eq!(e.ready(), ["e@0"]);
    assert_eq!(e.say("0", "g.value=1"), [Applied::Duplicate]);
    e.done("0", "e");
    assert_eq!(e.ended(), [0]);

    let mut g = Driver::for_node(nodes, edges, "g");
    // The map feeds g too, so that its items are not taken from f.
    g.say("0/m.0", "m.value=1 f.v=1");
    g.say("0/m.1", "m.value=1 f.v=1");
    g.say("0", "m.n=1");
    assert_eq!(g.ready(), ["g@0/m.0"]);
    g.done("0/m.0", "g");
    assert_eq!(g.ready(), ["g@0/m.1"]);
    assert!(g.outcomes().is_empty());
    g.say("0", "g.value=1");
    g.done("0/m.1", "g");
    assert_eq!(g.outcomes(), ["0 g.value=last"]);
}

#[test]
fn epoch_of_mapped_node_closes_after_all_items() {
    let mut d = Driver::for_node("a m:map f", &["a.x > m", "m.value > f"], "f");
    d.say("0/m.0", "m.value=1");
    assert_eq!(d.ready(), ["f@0/m.0"]);
    d.done("0/m.0", "f");
    assert!(d.ended().is_empty(), "more items may come");
    d.say("0/m.1", "m.value=1");
    d.say("0", "m.n=1");
    assert_eq!(d.ready(), ["f@0/m.1"]);
    d.done("0/m.1", "f");
    assert_eq!(d.ended(), [0]);
}

#[test]
fn items_of_a_map_travel_along_the_edges() {
    let nodes = "a m:map f h i";
    let edges = &["a.x > m", "m.value > f", "f.v > h", "h.v > i"];
    let mut f = Driver::for_node(nodes, edges, "f");
    let mut h = Driver::for_node(nodes, edges, "h");
    f.say("0/m.0", "m.value=1");
    assert_eq!(f.outcomes(), ["0/m.0 m.value=1"]);
    f.say("0", "m.n=1");
    assert_eq!(f.outcomes(), ["0 m.value=0"]);
    // The event of f may come before.
    let early = h.say("0/m.0", "f.v=1");
    assert!(matches!(early[..], [Applied::Pending(_)]), "{early:?}");
    h.say("0/m.0", "m.value=1");
    h.say("0/m.0", "f.v=1");
    assert_eq!(h.ready(), ["h@0/m.0"]);
    h.say("0", "m.value=0");
    assert_eq!(h.say("0/m.1", "f.v=1"), [Applied::Impossible]);
    assert_eq!(h.outcomes(), ["0/m.0 m.value=1", "0 m.value=0"]);
    // A map without items.
    f.say("1", "m.value=0");
    assert_eq!(f.outcomes(), ["1 m.value=0", "1 f.v=0"]);
    h.say("1", "m.value=0 f.v=0");
    assert_eq!(h.outcomes(), ["1 m.value=0", "1 h.v=0"]);
}
