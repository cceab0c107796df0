//! The scheduler in the process of one node, which receives only the signals upstream.

use super::{Applied, Driver};

#[test]
fn upstream_signals_are_enough_for_a_node_process() {
    let nodes = "a b c x";
    let edges = &["a.v > b", "b.v > c", "x.v ? c"];
    let mut d = Driver::for_node(nodes, edges, "c");
    let plan = d.scheduler.plan().clone();
    let c = plan.node_index("c").expect("c");
    let upstream: Vec<_> = plan
        .upstream(c)
        .into_iter()
        .map(|signal| plan.node_name(plan.signal_node(signal)).to_string())
        .collect();
    assert_eq!(upstream, ["a", "b", "x"]);
    d.scheduler.open(0);
    assert!(d.ready().is_empty(), "other nodes are not handed out");
    d.say("0", "a.v=1 x.v=0");
    assert!(
        d.ready().is_empty() && d.ended().is_empty(),
        "silence of b proves nothing"
    );
    d.say("0", "b.v=1");
    assert_eq!(d.ready(), ["c@0"]);
    d.done("0", "c");
    assert_eq!(d.ended(), [0]);
    // b emits nothing at all, since it cannot run.
    d.say("1", "a.v=0");
    assert_eq!(d.ended(), [1]);
    assert_eq!(d.say("1", "x.v=1"), [Applied::Closed]);
    assert_eq!(d.scheduler.close(2), Applied::New);
    assert_eq!(d.say("2", "a.v=1"), [Applied::Closed]);
    assert_eq!(d.scheduler.retained(), 0);
}

#[test]
fn gather_calls_are_counted_from_upstream_signals() {
    let mut d = Driver::for_node(
        "a m:map f g:gather e",
        &[
            "a.x > m",
            "m.value > f",
            "f.v > g",
            "m.n > g",
            "g.value > e",
        ],
        "e",
    );
    // Four items: dropped, gathered, gathered and emitted, dropped. Publishers interleave freely.
    d.say("0", "g.value=1");
    let early = d.say("0/m.1", "g.value=0");
    assert!(matches!(early[..], [Applied::Pending(_)]), "{early:?}");
    assert!(d.ready().is_empty());
    for item in 0..4 {
        d.say(&format!("0/m.{item}"), "m.value=1");
    }
    d.say("0/m.1", "g.value=0");
    d.say("0", "m.n=1");
    d.say("0/m.0", "f.v=0");
    assert!(d.ready().is_empty());
    d.say("0/m.3", "f.v=0");
    assert_eq!(d.ready(), ["e@0"]);
    d.done("0", "e");
    assert_eq!(d.ended(), [0]);
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
