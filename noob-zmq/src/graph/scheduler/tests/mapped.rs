//! Sub-epochs: map and gather.

use super::{Applied, Driver};

const MAPPED: &[&str] = &[
    "a.x > m",
    "m.value > c",
    "c.v > g",
    "m.n > g",
    "g.value > e",
    "a.x ? r",
    "c.v ? r",
    "e.v ? r",
];
const MAPPED_NODES: &str = "a m:map c g:gather e r:return";

#[test]
fn mapped_nodes_run_per_item_and_gathered_ones_once() {
    let mut d = Driver::new(MAPPED_NODES, MAPPED);
    d.scheduler.open(0);
    d.ready();
    d.call("0", "a", "a.x=1");
    assert_eq!(d.ready(), ["m@0"]);
    d.say("0/m.0", "m.value=1");
    d.say("0/m.1", "m.value=1");
    d.call("0", "m", "m.n=1");
    assert_eq!(d.ready(), ["c@0/m.0", "c@0/m.1"]);
    d.call("0/m.1", "c", "c.v=1");
    assert!(
        d.ready().is_empty(),
        "a gather takes the items in their order"
    );
    d.call("0/m.0", "c", "c.v=1");
    assert_eq!(d.ready(), ["g@0/m.0"]);
    assert_eq!(d.say("0/m.0", "g.value=0"), [Applied::New]);
    assert_eq!(
        d.done("0/m.0", "g"),
        [Applied::Duplicate],
        "its one signal was said"
    );
    assert_eq!(d.ready(), ["g@0/m.1"]);
    d.say("0", "g.value=1");
    d.done("0/m.1", "g");
    assert_eq!(d.ready(), ["e@0"]);
    d.call("0", "e", "e.v=1");
    assert_eq!(d.ready(), ["r@0/m.0", "r@0/m.1"]);
    d.done("0/m.0", "r");
    assert!(d.ended().is_empty());
    d.done("0/m.1", "r");
    assert_eq!(d.ended(), [0]);
    assert_eq!(d.scheduler.retained(), 0);
}

#[test]
fn last_gathered_value_counts_after_all_calls() {
    let mut d = Driver::new(
        "a m:map g:gather e",
        &["a.x > m", "m.value > g", "g.value > e"],
    );
    d.scheduler.open(0);
    d.ready();
    d.call("0", "a", "a.x=1");
    d.ready();
    for item in ["0/m.0", "0/m.1", "0/m.2"] {
        d.say(item, "m.value=1");
    }
    d.call("0", "m", "m.n=1");
    assert_eq!(d.ready(), ["g@0/m.0"]);
    d.say("0", "g.value=1");
    d.done("0/m.0", "g");
    assert_eq!(d.ready(), ["g@0/m.1"]);
    d.say("0/m.1", "g.value=0");
    assert_eq!(d.ready(), ["g@0/m.2"]);
    d.say("0", "g.value=1");
    d.done("0/m.2", "g");
    assert_eq!(d.ready(), ["e@0"]);
    d.done("0", "e");
    assert_eq!(d.ended(), [0]);
}

#[test]
fn gather_without_values_emits_nothing() {
    let mut d = Driver::new(
        "a m:map f g:gather o",
        &["a.x > m", "m.value > f", "f.v > g", "g.value ? o"],
    );
    d.scheduler.open(0);
    d.ready();
    d.call("0", "a", "a.x=1");
    d.ready();
    d.say("0/m.0", "m.value=1");
    d.say("0/m.1", "m.value=1");
    d.call("0", "m", "m.n=1");
    assert_eq!(d.ready(), ["f@0/m.0", "f@0/m.1"]);
    d.call("0/m.0", "f", "f.v=0");
    d.call("0/m.1", "f", "f.v=1");
    assert_eq!(d.ready(), ["g@0/m.1"]);
    d.say("0/m.1", "g.value=0");
    assert_eq!(d.ready(), ["o@0"]);
    d.done("0", "o");
    assert_eq!(d.ended(), [0]);
}

#[test]
fn map_without_items_leaves_nodes_to_its_epoch() {
    for dead in [false, true] {
        let mut d = Driver::new(
            "a m:map c k:map e r:return",
            &[
                "a.x > m",
                "m.value > c",
                "c.v > k",
                "k.value > e",
                "e.v ? r",
                "a.y ? r",
            ],
        );
        d.scheduler.open(0);
        d.ready();
        if dead {
            d.call("0", "a", "a.x=0 a.y=1");
        } else {
            d.call("0", "a", "a.x=1 a.y=1");
            assert_eq!(d.ready(), ["m@0"]);
            d.say("0", "m.value=0 m.n=0");
            d.done("0", "m");
        }
        assert_eq!(d.ready(), ["r@0"]);
        d.done("0", "r");
        assert_eq!(d.ended(), [0]);
    }
}

#[test]
fn gather_of_counted_items_is_called_where_there_are_none() {
    let edges = &[
        "a.x > m",
        "m.value > c",
        "c.v > g",
        "m.n > g:n",
        "c.v > h",
        "g.value ? r",
        "h.value ? r",
    ];
    for n_first in [false, true] {
        let nodes = "a m:map c g:gather h:gather r:return";
        let mut all = Driver::new(nodes, edges);
        let mut alone = Driver::for_node(nodes, edges, "g");
        all.scheduler.open(0);
        all.ready();
        all.call("0", "a", "a.x=1");
        assert_eq!(all.ready(), ["m@0"]);
        for d in [&mut all, &mut alone] {
            // The number of items arrives from another process before or after the items.
            d.say(
                "0",
                if n_first {
                    "m.n=1 m.value=0"
                } else {
                    "m.value=0 m.n=1"
                },
            );
        }
        all.done("0", "m");
        // The process of c tells that c is not called.
        alone.say("0", "c.v=0");
        assert_eq!(all.ready(), ["g@0"], "h has no value, and does not count");
        assert_eq!(alone.ready(), ["g@0"]);
        all.say("0", "g.value=1");
        all.done("0", "g");
        assert_eq!(all.ready(), ["r@0"]);
        all.done("0", "r");
        assert_eq!(all.ended(), [0]);
        alone.done("0", "g");
        assert_eq!(alone.ended(), [0]);
    }
}

#[test]
fn outer_values_reach_earlier_and_later_items() {
    let mut d = Driver::new(
        "a b s m:map p",
        &["a.x > m", "b.x > s", "m.value > p", "s.v > p", "b.y ? p"],
    );
    d.scheduler.open(0);
    assert_eq!(d.ready(), ["a@0", "b@0"]);
    d.call("0", "a", "a.x=1");
    d.ready();
    d.say("0/m.0", "m.value=1");
    d.call("0", "b", "b.x=1 b.y=0");
    assert_eq!(d.ready(), ["s@0"], "once, in its own epoch");
    d.call("0", "s", "s.v=1");
    assert_eq!(d.ready(), ["p@0/m.0"]);
    d.say("0/m.1", "m.value=1");
    assert_eq!(d.ready(), ["p@0/m.1"]);
    d.call("0", "m", "m.n=1");
    d.done("0/m.0", "p");
    d.done("0/m.1", "p");
    assert_eq!(d.ended(), [0]);
}

#[test]
fn stateful_node_below_nested_maps_runs_in_item_order() {
    let mut d = Driver::new(
        "a m:map k:map s*",
        &["a.x > m", "m.value > k", "k.value > s"],
    );
    d.scheduler.open_next();
    d.scheduler.open_next();
    d.ready();
    // Everything of epoch 1 first, and the inner items backwards.
    for root in ["1", "0"] {
        d.call(root, "a", "a.x=1");
        for item in [format!("{root}/m.1"), format!("{root}/m.0")] {
            d.say(&item, "m.value=1");
            d.say(&format!("{item}/k.1"), "k.value=1");
            d.say(&format!("{item}/k.0"), "k.value=1");
            d.call(&item, "k", "k.n=1");
        }
        d.call(root, "m", "m.n=1");
    }
    let mut order = Vec::new();
    loop {
        let ready: Vec<String> = d
            .ready()
            .into_iter()
            .filter(|ready| ready.starts_with("s@"))
            .collect();
        let [next] = ready.as_slice() else { break };
        let at = next.trim_start_matches("s@").to_owned();
        d.done(&at, "s");
        order.push(at);
    }
    let expected: Vec<String> = ["0", "1"]
        .iter()
        .flat_map(|root| {
            [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(m, k)| format!("{root}/m.{m}/k.{k}"))
        })
        .collect();
    assert_eq!(order, expected);
    assert_eq!(d.ended(), [0, 1]);
}

#[test]
fn join_of_unrelated_maps_is_blocked() {
    let mut d = Driver::new(
        "a m:map k:map j",
        &["a.x > m", "a.x > k", "m.value > j", "k.value > j"],
    );
    assert!(
        d.scheduler
            .plan()
            .is_blocked(d.scheduler.plan().node_index("j").expect("j"))
    );
    d.scheduler.open(0);
    d.ready();
    d.call("0", "a", "a.x=1");
    d.say("0/m.0", "m.value=1");
    d.done("0", "m k");
    assert_eq!(d.ended(), [0]);
}

#[test]
fn map_gather_map_gather_completes() {
    let mut d = Driver::new(
        "a m:map g:gather k:map h:gather r:return",
        &[
            "a.x > m",
            "m.value > g",
            "m.n > g",
            "g.value > k",
            "k.value > h",
            "k.n > h",
            "h.value ? r",
            "g.value ? r",
        ],
    );
    d.scheduler.open(0);
    d.ready();
    d.call("0", "a", "a.x=1");
    d.ready();
    d.say("0/m.0", "m.value=1");
    d.call("0", "m", "m.n=1");
    assert_eq!(d.ready(), ["g@0/m.0"]);
    d.say("0", "g.value=1");
    d.done("0/m.0", "g");
    assert_eq!(d.ready(), ["k@0"]);
    d.say("0/k.0", "k.value=1");
    d.call("0", "k", "k.n=1");
    assert_eq!(d.ready(), ["h@0/k.0"]);
    d.say("0", "h.value=1");
    d.done("0/k.0", "h");
    assert_eq!(d.ready(), ["r@0"]);
    d.done("0", "r");
    assert_eq!(d.ended(), [0]);
}
