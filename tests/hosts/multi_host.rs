//! Runs over several hosts that are directories of this machine: what they give, and what becomes of them when something goes wrong.

use std::time::{Duration, Instant};

use crate::host_fixture::Machine;

const LOOPBACK: &str = "127.0.0.1:0";

pub(crate) const CHAIN: &str = "
nodes:
  count: {type: test.count, params: {limit: 500}}
  twice: {type: test.double, depends: [{value: count.index}]}
  four: {type: test.double, depends: [{value: twice.value}]}
  return: {type: return, depends: four.value}
";

pub(crate) const DIAMOND: &str = "
nodes:
  count: {type: test.count, params: {limit: 500}}
  left: {type: test.double, depends: [{value: count.index}]}
  right: {type: test.even, depends: [{value: count.index}]}
  join: {type: test.add, depends: [{left: left.value}, {right: right.value}]}
  sum: {type: test.running_sum, depends: [{value: join.value}]}
  return: {type: return, depends: sum.value}
";

pub(crate) const MAP: &str = "
nodes:
  n: {type: test.count, params: {start: 1, limit: 40}}
  range: {type: test.range, depends: [{n: n.index}]}
  items: {type: map, depends: [{value: range.value}]}
  twice: {type: test.double, depends: [{value: items.value}]}
  all: {type: gather, depends: [{value: twice.value}, {n: items.n}]}
  return: {type: return, depends: all.value}
";

/// A source without an end, and a node between it and the return.
const ENDLESS: &str = "
nodes:
  count: {type: test.count}
  slow: {type: test.slow, depends: [{value: count.index}], params: {ms: 1}}
  return: {type: return, depends: slow.value}
";

/// The desk runs the tube, and each of the nodes `remote` is hosted by one of two others; all is as with one process.
pub(crate) fn equals_one_process(
    desk: &Machine,
    others: [&Machine; 2],
    tube: &str,
    listen: &str,
    remote: &str,
) {
    desk.allow(&others);
    let expected = desk.expected(tube, &[]);
    let (mut run, at) = desk.serve(tube, listen, remote, &[]);
    // Whoever listens everywhere is reached somewhere.
    let at = at.replace("0.0.0.0", "10.77.0.1");
    let mut nodes: Vec<_> = remote
        .split(',')
        .enumerate()
        .map(|(i, node)| others[i % 2].host(node, &at, desk))
        .collect();
    run.ends_well();
    assert_eq!(run.stdout(), expected);
    assert!(expected.lines().count() > 10);
    for node in &mut nodes {
        node.ends_well();
    }
    for machine in [desk, others[0], others[1]] {
        machine.is_clean();
    }
}

fn three() -> (Machine, Machine, Machine) {
    let [desk, lab, roof] = ["desk", "lab", "roof"].map(|name| Machine::new(name, None));
    (desk, lab, roof)
}

#[test]
fn a_chain_over_hosts_gives_what_it_gives_in_one_process() {
    let (desk, lab, roof) = three();
    equals_one_process(&desk, [&lab, &roof], CHAIN, LOOPBACK, "twice");
    equals_one_process(&desk, [&lab, &roof], CHAIN, LOOPBACK, "count,twice,four");
}

#[test]
fn a_diamond_over_hosts_gives_what_it_gives_in_one_process() {
    let (desk, lab, roof) = three();
    equals_one_process(&desk, [&lab, &roof], DIAMOND, LOOPBACK, "left,right,sum");
}

#[test]
fn a_map_over_hosts_gives_what_it_gives_in_one_process() {
    let (desk, lab, roof) = three();
    equals_one_process(&desk, [&lab, &roof], MAP, "[::1]:0", "items,twice,all");
}

#[test]
fn a_host_may_come_before_the_runner() {
    let (desk, lab, _) = three();
    desk.allow(&[&lab]);
    let free = std::net::TcpListener::bind(LOOPBACK)
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let mut node = lab.host("twice", &free, &desk);
    let expected = desk.expected(CHAIN, &[]);
    let (mut run, _) = desk.serve(CHAIN, &free, "twice", &[]);
    run.ends_well();
    node.ends_well();
    assert_eq!(run.stdout(), expected);
}

#[test]
fn whoever_does_not_come_is_named_and_so_is_the_runner_that_is_not_there() {
    let (desk, lab, _) = three();
    desk.allow(&[&lab]);
    let (mut run, at) = desk.serve(CHAIN, LOOPBACK, "twice,four", &["--wait", "6"]);
    let mut node = lab.host("four", &at, &desk);
    run.says("a host has joined");
    assert_eq!(run.end().code(), Some(1));
    let said = run.stderr();
    assert!(
        said.contains("`twice` (no other host has joined for it: run `noob-zmq node --join ADDR --server-key KEY --id twice` there)"),
        "{said}"
    );
    assert!(!said.contains("`four` (no other host"), "{said}");
    node.ends_well();
    for machine in [&desk, &lab] {
        machine.is_clean();
    }

    let key = lab.path("key");
    let key = key.to_str().unwrap();
    let away = lab.run(&[
        "node",
        "--join",
        &at,
        "--server-key",
        desk.key(),
        "--key",
        key,
        "--id",
        "a",
        "--wait",
        "1",
    ]);
    assert!(
        away.stderr()
            .contains("no runner could be joined within 1s"),
        "{}",
        away.stderr()
    );
}

#[test]
fn who_is_not_meant_to_join_is_told_why() {
    let (desk, lab, roof) = three();
    desk.allow(&[&lab]);
    let (_run, at) = desk.serve(ENDLESS, LOOPBACK, "slow", &[]);
    let mut first = lab.host("slow", &at, &desk);
    for (machine, node, why) in [
        (
            &lab,
            "count",
            "the run leaves no node `count` to other hosts; it leaves `slow`",
        ),
        (&roof, "slow", "it does not let this key in"),
    ] {
        let mut refused = machine.host(node, &at, &desk);
        assert_eq!(refused.end().code(), Some(1));
        assert!(refused.stderr().contains(why), "{}", refused.stderr());
    }
    first.says("connected");
    let mut again = lab.host("slow", &at, &desk);
    assert_eq!(again.end().code(), Some(1));
    assert!(
        again
            .stderr()
            .contains("the node `slow` has joined already"),
        "{}",
        again.stderr()
    );
    // With the key of somebody else, the runner is not the one that was meant.
    let mut fooled = lab.host("slow", &at, &roof);
    assert_eq!(fooled.end().code(), Some(1));
    assert!(
        fooled
            .stderr()
            .contains("another key than the one that is expected"),
        "{}",
        fooled.stderr()
    );
    first.kill();
}

#[test]
fn a_remote_node_ends_with_its_runner_and_leaves_nothing() {
    let (desk, lab, _) = three();
    desk.allow(&[&lab]);
    let (mut run, at) = desk.serve(ENDLESS, LOOPBACK, "slow", &[]);
    let mut node = lab.host("slow", &at, &desk);
    run.prints(20);
    run.kill();
    let begun = Instant::now();
    node.end();
    assert!(begun.elapsed() < Duration::from_secs(10));
    lab.is_clean();
}

#[test]
fn a_host_that_is_lost_ends_the_run_and_is_named() {
    let (desk, lab, _) = three();
    desk.allow(&[&lab]);
    let (mut run, at) = desk.serve(ENDLESS, LOOPBACK, "slow", &[]);
    let mut node = lab.host("slow", &at, &desk);
    run.prints(20);
    node.kill();
    assert_eq!(run.end().code(), Some(1));
    let said = run.stderr();
    assert!(
        said.contains("the node `slow` (")
            && said.contains("is lost: the connection to its host (127.0.0.1:"),
        "{said}"
    );
    desk.is_clean();
}

#[test]
fn another_host_may_take_the_place_of_one_that_is_lost_and_nothing_is() {
    let tube = CHAIN.replace(
        "four: {type: test.double,",
        "four: {type: test.slow, params: {ms: 2}, restart: on-failure,",
    );
    let (desk, lab, roof) = three();
    desk.allow(&[&lab, &roof]);
    let expected = desk.expected(&tube, &[]);
    let (mut run, at) = desk.serve(&tube, LOOPBACK, "four", &[]);
    let mut first = lab.host("four", &at, &desk);
    run.prints(50);
    first.kill();
    run.says("it is started again");
    let mut second = roof.host("four", &at, &desk);
    run.ends_well();
    assert_eq!(run.stdout(), expected);
    second.ends_well();
}

#[test]
fn a_host_that_has_taken_the_place_of_another_is_left_in_peace() {
    // Longer than a host is waited for.
    let tube = CHAIN.replace("limit: 500", "limit: 5500").replace(
        "four: {type: test.double,",
        "four: {type: test.slow, params: {ms: 2}, restart: on-failure,",
    );
    let (desk, lab, roof) = three();
    desk.allow(&[&lab, &roof]);
    let (mut run, at) = desk.serve(&tube, LOOPBACK, "four", &["--wait", "8"]);
    let mut first = lab.host("four", &at, &desk);
    run.prints(50);
    first.kill();
    run.says("it is started again");
    // That takes longer than the pause, after which the run waits for another.
    let expected = desk.expected(&tube.replace("ms: 2", "ms: 0"), &[]);
    let mut second = roof.host("four", &at, &desk);
    run.ends_well();
    assert_eq!(run.stdout(), expected);
    second.ends_well();
}

#[test]
fn a_key_that_is_taken_out_of_the_file_ends_what_its_owner_hosts() {
    let (desk, lab, _) = three();
    desk.allow(&[&lab]);
    let (mut run, at) = desk.serve(ENDLESS, LOOPBACK, "slow", &[]);
    let mut node = lab.host("slow", &at, &desk);
    run.prints(20);
    desk.allow(&[]);
    let begun = Instant::now();
    let cut = run.says("the link was cut");
    eprintln!(
        "a key that is taken out is cut off after {:?}",
        begun.elapsed()
    );
    assert!(
        cut.starts_with("the link was cut: the key ")
            && cut.contains("is not among those that are let in"),
        "{cut}"
    );
    assert_eq!(run.end().code(), Some(1));
    let said = run.stderr();
    assert!(
        said.contains("the node `slow` (")
            && said.contains("is lost: the connection to its host (127.0.0.1:"),
        "{said}"
    );
    node.end();
    lab.is_clean();
}

#[test]
fn without_keys_nobody_listens_where_others_reach_it() {
    let (desk, ..) = three();
    let tube = desk.file("tube.yaml", &format!("noob_id: test\n{CHAIN}"));
    let tube = tube.to_str().unwrap();
    let public = desk.run(&[
        "run",
        tube,
        "--listen",
        "0.0.0.0:0",
        "--remote",
        "twice",
        "--plain",
    ]);
    assert!(
        public.stderr().contains("make a key by `noob-zmq keygen`"),
        "{}",
        public.stderr()
    );
    let absent = desk.path("none");
    let keyless = desk.run(&[
        "run",
        tube,
        "--listen",
        "0.0.0.0:0",
        "--remote",
        "twice",
        "--key",
        absent.to_str().unwrap(),
    ]);
    assert!(
        keyless.stderr().contains("make a key by `noob-zmq keygen"),
        "{}",
        keyless.stderr()
    );
    desk.is_clean();
}

#[test]
fn plain_tcp_joins_hosts_on_loopback() {
    let (desk, lab, _) = three();
    let expected = desk.expected(CHAIN, &[]);
    let tube = desk.file("tube.yaml", &format!("noob_id: test\n{CHAIN}"));
    let mut run = desk.start(&[
        "run",
        tube.to_str().unwrap(),
        "--json",
        "--listen",
        LOOPBACK,
        "--remote",
        "twice",
        "--plain",
    ]);
    let at = run
        .says("listening at")
        .split(' ')
        .nth(2)
        .unwrap()
        .to_owned();
    let mut node = lab.start(&["node", "--join", &at, "--id", "twice", "--plain"]);
    run.ends_well();
    node.ends_well();
    assert_eq!(run.stdout(), expected);
}

#[test]
fn a_key_that_begins_with_a_dash_is_a_key() {
    let (desk, ..) = three();
    let key = desk.path("key");
    let dashed = "-GZ4-BOO46UooT3YMb-fOc8MbkZZNUn2Swg68WCTYEc";
    let away = desk.run(&[
        "node",
        "--join",
        "127.0.0.1:1",
        "--server-key",
        dashed,
        "--key",
        key.to_str().unwrap(),
        "--id",
        "a",
        "--wait",
        "0",
    ]);
    let said = away.stderr();
    assert!(said.contains("no runner could be joined"), "{said}");
}
