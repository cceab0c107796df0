//! Root epochs one after the other: edges, nothing, stateful order, exhaustion.

use super::{Applied, Driver};

#[test]
fn chain_runs_in_order_and_closes_once() {
    let mut d = Driver::new("a b", &["a.x > b"]);
    assert_eq!(d.scheduler.open(0), Applied::New);
    assert_eq!(d.scheduler.open(0), Applied::Duplicate);
    assert_eq!(d.ready(), ["a@0"]);
    assert!(d.ready().is_empty(), "handed out once");
    d.call("0", "a", "a.x=1");
    assert!(d.ended().is_empty());
    assert_eq!(d.ready(), ["b@0"]);
    d.done("0", "b");
    assert_eq!(d.ended(), [0]);
    assert!(d.ended().is_empty());
    assert_eq!(d.scheduler.open(0), Applied::Closed);
    assert_eq!(d.say("0", "a.x=1"), [Applied::Closed]);
    assert_eq!(d.scheduler.retained(), 0);
}

#[test]
fn nothing_on_required_edge_skips_the_branch() {
    let mut d = Driver::new("a b c d", &["a.1 > b", "a.2 > c", "b.x > d", "c.x > d"]);
    d.scheduler.open(0);
    assert_eq!(d.ready(), ["a@0"]);
    d.call("0", "a", "a.1=0 a.2=1");
    assert_eq!(d.ready(), ["c@0"]);
    d.call("0", "c", "c.x=1");
    assert!(d.ready().is_empty());
    assert_eq!(d.ended(), [0]);
}

#[test]
fn nothing_passes_skipped_nodes_to_an_optional_slot() {
    let mut d = Driver::new("s c r t", &["s.f > r", "c.x ? r", "r.v ? t", "c.x > t"]);
    d.scheduler.open(0);
    assert_eq!(d.ready(), ["s@0", "c@0"]);
    d.call("0", "c", "c.x=1");
    assert!(d.ready().is_empty());
    d.call("0", "s", "s.f=0");
    // `r` has an optional slot of its own, and still lets the silence pass.
    assert_eq!(d.ready(), ["t@0"]);
    d.done("0", "t");
    assert_eq!(d.ended(), [0]);
}

#[test]
fn node_with_optional_slots_runs_without_values() {
    let mut d = Driver::new("a o", &["a.x ? o", "a.x ? o", "a.y ? o"]);
    d.scheduler.open(0);
    d.ready();
    d.call("0", "a", "a.x=0 a.y=0");
    assert_eq!(d.ready(), ["o@0"]);
}

#[test]
fn unemitted_signal_is_nothing_when_node_is_done() {
    let mut d = Driver::new("a b o", &["a.x > b", "a.ghost ? o", "a.ghost > b"]);
    d.scheduler.open(0);
    d.ready();
    d.say("0", "a.x=1");
    assert!(d.ready().is_empty());
    d.done("0", "a");
    assert_eq!(d.ready(), ["o@0"]);
    d.done("0", "o");
    assert_eq!(d.ended(), [0]);
}

#[test]
fn nodes_below_a_disabled_one_never_run() {
    let mut d = Driver::new(
        "a b- o r:return",
        &["a.x > b", "a.x ? o", "b.x ? o", "o.v ? r", "a.x ? r"],
    );
    d.scheduler.open(0);
    assert_eq!(d.ready(), ["a@0"]);
    d.call("0", "a", "a.x=1");
    assert!(d.ready().is_empty());
    assert_eq!(d.ended(), [0]);
    assert!(!d.scheduler.exhausted());
}

#[test]
fn epoch_without_runnable_nodes_closes_at_once() {
    let mut d = Driver::new("a- b", &["a.x > b"]);
    assert_eq!(d.scheduler.open_next(), 0);
    assert_eq!(d.scheduler.open_next(), 1);
    assert_eq!(d.ended(), [0, 1]);
    assert!(!d.scheduler.exhausted());
}

#[test]
fn nodes_wait_for_inputs() {
    let mut d = Driver::new("a b", &["input.k > a", "a.x > b", "input.j ? b"]);
    d.scheduler.open(0);
    assert!(d.ready().is_empty());
    assert_eq!(d.scheduler.input_done(0), Applied::New);
    assert_eq!(d.scheduler.input_done(0), Applied::Duplicate);
    assert_eq!(d.ready(), ["a@0"]);
    d.call("0", "a", "a.x=1");
    assert_eq!(d.ready(), ["b@0"]);
}

#[test]
fn reordered_and_duplicate_events_are_tolerated() {
    let mut d = Driver::new("a b c", &["a.x > c", "b.x > c"]);
    // Nobody opened the epoch; events do.
    assert_eq!(d.say("7", "b.x=1"), [Applied::New]);
    assert_eq!(
        d.say("7", "b.x=1 b.x=0"),
        [Applied::Duplicate, Applied::Duplicate]
    );
    assert_eq!(d.ready(), ["a@7", "b@7"]);
    assert_eq!(d.done("7", "b"), [Applied::New]);
    assert_eq!(d.done("7", "b"), [Applied::Duplicate]);
    d.say("7", "a.x=1");
    assert_eq!(d.ready(), ["c@7"]);
    assert_eq!(d.done("7", "c a"), [Applied::New, Applied::New]);
    assert_eq!(d.ended(), [7]);
    assert_eq!(d.say("7/m.0", "a.x=1"), [Applied::Closed]);
    assert_eq!(d.say("8/m.0", "a.x=1"), [Applied::Impossible]);
}

#[test]
fn stateful_node_waits_only_for_its_previous_call() {
    let mut d = Driver::new("a* b", &["a.x > b"]);
    for _ in 0..3 {
        d.scheduler.open_next();
    }
    assert_eq!(d.ready(), ["a@0"]);
    d.call("0", "a", "a.x=1");
    assert_eq!(d.ready(), ["b@0", "a@1"]);
    d.call("1", "a", "a.x=1");
    assert_eq!(d.ready(), ["b@1", "a@2"]);
    d.done("1", "b");
    assert_eq!(d.ended(), [1]);
    d.done("0", "b");
    assert_eq!(d.ended(), [0]);
    d.call("2", "a", "a.x=0");
    assert_eq!(d.ended(), [2]);
    assert_eq!(d.scheduler.retained(), 0);
}

#[test]
fn skipped_stateful_node_keeps_the_epoch_order() {
    let mut d = Driver::new("a s*", &["a.x > s"]);
    for _ in 0..3 {
        d.scheduler.open_next();
    }
    assert_eq!(d.ready(), ["a@0", "a@1", "a@2"]);
    d.call("1", "a", "a.x=0");
    d.call("2", "a", "a.x=1");
    assert_eq!(d.ended(), [1]);
    assert!(d.ready().is_empty(), "epoch 0 has not had its turn");
    d.call("0", "a", "a.x=1");
    assert_eq!(d.ready(), ["s@0"]);
    d.done("0", "s");
    assert_eq!(d.ready(), ["s@2"]);
}

#[test]
fn stateful_node_waits_for_unseen_epochs() {
    let mut d = Driver::new("a*", &[]);
    d.scheduler.open(2);
    assert!(d.ready().is_empty());
    assert_eq!(d.scheduler.close(1), Applied::New);
    assert!(d.ready().is_empty());
    assert_eq!(d.scheduler.close(0), Applied::New);
    assert_eq!(d.ready(), ["a@2"]);
    assert!(
        d.ended().is_empty(),
        "what was ended from outside is not reported"
    );
    d.done("2", "a");
    assert_eq!(d.ended(), [2]);

    let mut d = Driver::new("a*", &[]);
    d.scheduler.open(1_000_000);
    d.scheduler.start_at(1_000_000);
    assert_eq!(d.ready(), ["a@1000000"]);
}

#[test]
fn closed_epoch_is_dropped_and_the_next_continues() {
    let mut d = Driver::new("a* b*", &["a.x > b"]);
    d.scheduler.open_next();
    d.scheduler.open_next();
    d.ready();
    d.call("0", "a", "a.x=1");
    assert_eq!(d.ready(), ["b@0", "a@1"]);
    assert_eq!(d.scheduler.close(0), Applied::New);
    assert_eq!(d.done("0", "b"), [Applied::Closed]);
    d.call("1", "a", "a.x=1");
    assert_eq!(d.ready(), ["b@1"]);
    d.done("1", "b");
    assert_eq!(d.ended(), [1]);
    assert_eq!(d.scheduler.retained(), 0);
}

#[test]
fn exhausted_source_excludes_nodes_below_it() {
    let mut d = Driver::new("a* k* x o", &["a.x > x", "x.v ? o", "k.x ? o"]);
    for _ in 0..3 {
        d.scheduler.open_next();
    }
    assert_eq!(d.ready(), ["a@0", "k@0"]);
    d.call("0", "k", "k.x=1");
    assert_eq!(d.ready(), ["k@1"]);
    d.call("0", "a", "a.x=!");
    // In its own epoch the signal is nothing; in later ones neither the source nor any node below
    // runs.
    assert_eq!(d.ready(), ["o@0"]);
    d.done("0", "o");
    assert_eq!(d.ended(), [0]);
    d.call("1", "k", "k.x=1");
    assert_eq!(d.ready(), ["k@2"]);
    d.call("2", "k", "k.x=1");
    assert_eq!(d.ended(), [1, 2]);
    assert!(!d.scheduler.exhausted());
    d.scheduler.open_next();
    assert_eq!(d.ready(), ["k@3"]);
    d.call("3", "k", "k.x=!");
    assert!(d.scheduler.exhausted());
    assert_eq!(d.ended(), [3]);
    assert_eq!(d.scheduler.open_next(), 4);
    assert_eq!(d.ended(), [4]);
}

#[test]
fn input_fed_node_prevents_exhaustion() {
    let mut d = Driver::new("a b r:return", &["input.k > b", "a.x ? r", "b.x ? r"]);
    d.scheduler.open(0);
    d.say("0", "a.x=!");
    assert!(!d.scheduler.exhausted());
}

#[test]
fn cycle_never_runs_and_does_not_block() {
    let mut d = Driver::new("a b c d", &["a.x > b", "c.x > b", "b.x > c", "c.x > d"]);
    d.scheduler.open(0);
    d.ready();
    d.call("0", "a", "a.x=1");
    assert_eq!(d.ended(), [0]);
}

/// Never returns if every lower epoch is visited one by one.
#[test]
fn high_epoch_number_opens_in_constant_time() {
    const FIRST: u32 = 4_000_000_000;
    let mut d = Driver::new("s*", &[]);
    d.scheduler.start_at(FIRST);
    assert_eq!(d.scheduler.close(FIRST + 2), Applied::New);
    assert_eq!(d.scheduler.open(FIRST), Applied::New);
    assert_eq!(d.ready(), [format!("s@{FIRST}")]);
}
