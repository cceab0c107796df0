//! One root epoch after the other: edges, silence, stateful order, exhaustion.

use super::{Applied, Driver};

#[test]
fn a_chain_runs_node_by_node_and_ends_once() {
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
fn nothing_on_a_required_edge_ends_the_branch() {
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
fn nothing_travels_through_nodes_that_cannot_run_to_the_first_optional_slot() {
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
fn a_node_whose_slots_are_all_optional_runs_without_any() {
    let mut d = Driver::new("a o", &["a.x ? o", "a.x ? o", "a.y ? o"]);
    d.scheduler.open(0);
    d.ready();
    d.call("0", "a", "a.x=0 a.y=0");
    assert_eq!(d.ready(), ["o@0"]);
}

#[test]
fn a_signal_that_was_not_said_comes_to_nothing_when_the_node_is_done() {
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
fn what_lies_below_a_disabled_node_never_runs_and_the_epoch_ends_all_the_same() {
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
fn an_epoch_in_which_nothing_can_run_ends_at_once() {
    let mut d = Driver::new("a- b", &["a.x > b"]);
    assert_eq!(d.scheduler.open_next(), 0);
    assert_eq!(d.scheduler.open_next(), 1);
    assert_eq!(d.ended(), [0, 1]);
    assert!(!d.scheduler.exhausted());
}

#[test]
fn inputs_are_waited_for() {
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
fn events_of_any_order_and_twice_are_tolerated() {
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
fn a_stateful_node_waits_for_its_own_call_before_and_for_no_more() {
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
fn a_stateful_node_that_cannot_run_lets_the_next_epoch_go_only_in_its_turn() {
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
fn a_stateful_node_waits_for_epochs_that_were_not_heard_of() {
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
fn an_aborted_epoch_is_forgotten_and_the_next_goes_on() {
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
fn a_source_that_ends_takes_what_lies_below_it_out_of_all_later_epochs() {
    let mut d = Driver::new("a* k* x o", &["a.x > x", "x.v ? o", "k.x ? o"]);
    for _ in 0..3 {
        d.scheduler.open_next();
    }
    assert_eq!(d.ready(), ["a@0", "k@0"]);
    d.call("0", "k", "k.x=1");
    assert_eq!(d.ready(), ["k@1"]);
    d.call("0", "a", "a.x=!");
    // In its own epoch, nothing happened; in later ones neither it nor anything below it runs, live or not.
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
fn a_node_that_needs_only_inputs_keeps_the_tube_from_being_exhausted() {
    let mut d = Driver::new("a b r:return", &["input.k > b", "a.x ? r", "b.x ? r"]);
    d.scheduler.open(0);
    d.say("0", "a.x=!");
    assert!(!d.scheduler.exhausted());
}

#[test]
fn a_cycle_never_runs_and_does_not_hang() {
    let mut d = Driver::new("a b c d", &["a.x > b", "c.x > b", "b.x > c", "c.x > d"]);
    d.scheduler.open(0);
    d.ready();
    d.call("0", "a", "a.x=1");
    assert_eq!(d.ended(), [0]);
}

/// Without end, if all epochs below were gone through one by one.
#[test]
fn an_epoch_with_a_high_number_begins_as_quickly_as_any_where_a_later_one_is_over_already() {
    const FIRST: u32 = 4_000_000_000;
    let mut d = Driver::new("s*", &[]);
    d.scheduler.start_at(FIRST);
    assert_eq!(d.scheduler.close(FIRST + 2), Applied::New);
    assert_eq!(d.scheduler.open(FIRST), Applied::New);
    assert_eq!(d.ready(), [format!("s@{FIRST}")]);
}
