//! Runs over hosts that are directories of this machine: their results, and their failures.

use std::time::{Duration, Instant};

use crate::host_fixture::TestHost;

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

/// Tube with an endless source, and a node between it and the return.
const ENDLESS: &str = "
nodes:
  count: {type: test.count}
  slow: {type: test.slow, depends: [{value: count.index}], params: {ms: 1}}
  return: {type: return, depends: slow.value}
";

/// A subscriber connects again when its link ends, and finds the other host closed.
#[test]
fn clean_run_with_hosts_logs_no_warning() {
    let (desk, lab) = (TestHost::new("desk", None), TestHost::new("lab", None));
    desk.allow(&[&lab]);
    for _ in 0..3 {
        let (mut run, at) = desk.run_with_remote(CHAIN, LOOPBACK, "twice", &[]);
        let mut node = lab.host_node("twice", &at, &desk);
        run.wait_for_success();
        node.wait_for_success();
        for said in [run.stderr(), node.stderr()] {
            let warning = said.lines().find(|line| line.contains("WARN"));
            assert_eq!(warning, None, "{said}");
        }
    }
}

/// A name of 255 bytes is longer than the path of a socket.
#[test]
fn node_of_a_long_name_runs_on_another_host() {
    let (desk, lab, roof) = three();
    let japanese = "\u{65e5}\u{672c}\u{8a9e}\u{306e}\u{9577}".repeat(5);
    let longest = "n".repeat(255);
    let tube = CHAIN.replace("twice", &japanese).replace("four", &longest);
    let remote = format!("{japanese},{longest}");
    equals_one_process(&desk, [&lab, &roof], &tube, LOOPBACK, &remote);
    equals_one_process(&desk, [&lab, &roof], &tube, LOOPBACK, &longest);
}

/// Asserts that a tube whose nodes `remote` run on two other hosts equals a run of one process.
pub(crate) fn equals_one_process(
    desk: &TestHost,
    others: [&TestHost; 2],
    tube: &str,
    listen: &str,
    remote: &str,
) {
    desk.allow(&others);
    let expected = desk.run_in_one_process(tube, &[]);
    let (mut run, at) = desk.run_with_remote(tube, listen, remote, &[]);
    // A runner that listens at every address is reached at one of them.
    let at = at.replace("0.0.0.0", "10.77.0.1");
    let mut nodes: Vec<_> = remote
        .split(',')
        .enumerate()
        .map(|(i, node)| others[i % 2].host_node(node, &at, desk))
        .collect();
    run.wait_for_success();
    assert_eq!(run.stdout(), expected);
    assert!(expected.lines().count() > 10);
    for node in &mut nodes {
        node.wait_for_success();
    }
    for machine in [desk, others[0], others[1]] {
        machine.assert_clean();
    }
}

fn three() -> (TestHost, TestHost, TestHost) {
    let [desk, lab, roof] = ["desk", "lab", "roof"].map(|name| TestHost::new(name, None));
    (desk, lab, roof)
}

#[test]
fn chain_over_hosts_equals_one_process() {
    let (desk, lab, roof) = three();
    equals_one_process(&desk, [&lab, &roof], CHAIN, LOOPBACK, "twice");
    equals_one_process(&desk, [&lab, &roof], CHAIN, LOOPBACK, "count,twice,four");
}

#[test]
fn diamond_over_hosts_equals_one_process() {
    let (desk, lab, roof) = three();
    equals_one_process(&desk, [&lab, &roof], DIAMOND, LOOPBACK, "left,right,sum");
}

#[test]
fn map_over_hosts_equals_one_process() {
    let (desk, lab, roof) = three();
    equals_one_process(&desk, [&lab, &roof], MAP, "[::1]:0", "items,twice,all");
}

#[test]
fn host_started_before_the_runner_joins() {
    let (desk, lab, _) = three();
    desk.allow(&[&lab]);
    let free = std::net::TcpListener::bind(LOOPBACK)
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let mut node = lab.host_node("twice", &free, &desk);
    let expected = desk.run_in_one_process(CHAIN, &[]);
    let (mut run, _) = desk.run_with_remote(CHAIN, &free, "twice", &[]);
    run.wait_for_success();
    node.wait_for_success();
    assert_eq!(run.stdout(), expected);
}

#[test]
fn missing_host_and_missing_runner_are_named() {
    let (desk, lab, _) = three();
    desk.allow(&[&lab]);
    let (mut run, at) = desk.run_with_remote(CHAIN, LOOPBACK, "twice,four", &["--wait", "6"]);
    let mut node = lab.host_node("four", &at, &desk);
    run.wait_for_stderr("a host has joined");
    assert_eq!(run.end().code(), Some(1));
    let said = run.stderr();
    assert!(
        said.contains(
            "`twice` (no other host has joined for it: run `noob-zmq node --join ADDR \
             --server-key KEY --id twice` there)"
        ),
        "{said}"
    );
    assert!(!said.contains("`four` (no other host"), "{said}");
    node.wait_for_success();
    for machine in [&desk, &lab] {
        machine.assert_clean();
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
fn unwanted_join_is_rejected_with_a_reason() {
    let (desk, lab, roof) = three();
    desk.allow(&[&lab]);
    let (_run, at) = desk.run_with_remote(ENDLESS, LOOPBACK, "slow", &[]);
    let mut first = lab.host_node("slow", &at, &desk);
    for (machine, node, why) in [
        (
            &lab,
            "count",
            "the run leaves no node `count` to other hosts; it leaves `slow`",
        ),
        (&roof, "slow", "it does not let this key in"),
    ] {
        let mut refused = machine.host_node(node, &at, &desk);
        assert_eq!(refused.end().code(), Some(1));
        assert!(refused.stderr().contains(why), "{}", refused.stderr());
    }
    first.wait_for_stderr("connected");
    let mut again = lab.host_node("slow", &at, &desk);
    assert_eq!(again.end().code(), Some(1));
    assert!(
        again
            .stderr()
            .contains("the node `slow` has joined already"),
        "{}",
        again.stderr()
    );
    // Given another host's key, the runner is not the expected one.
    let mut fooled = lab.host_node("slow", &at, &roof);
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
fn remote_node_ends_with_its_runner() {
    let (desk, lab, _) = three();
    desk.allow(&[&lab]);
    let (mut run, at) = desk.run_with_remote(ENDLESS, LOOPBACK, "slow", &[]);
    let mut node = lab.host_node("slow", &at, &desk);
    run.wait_for_lines(20);
    run.kill();
    let begun = Instant::now();
    node.end();
    assert!(begun.elapsed() < Duration::from_secs(10));
    lab.assert_clean();
}

#[test]
fn lost_host_ends_the_run_and_is_named() {
    let (desk, lab, _) = three();
    desk.allow(&[&lab]);
    let (mut run, at) = desk.run_with_remote(ENDLESS, LOOPBACK, "slow", &[]);
    let mut node = lab.host_node("slow", &at, &desk);
    run.wait_for_lines(20);
    node.kill();
    assert_eq!(run.end().code(), Some(1));
    let said = run.stderr();
    assert!(
        said.contains("the node `slow` (")
            && said.contains("is lost: the connection to its host (127.0.0.1:"),
        "{said}"
    );
    desk.assert_clean();
}

#[test]
fn replacement_of_a_lost_host_loses_no_epoch() {
    let tube = CHAIN.replace(
        "four: {type: test.double,",
        "four: {type: test.slow, params: {ms: 2}, restart: on-failure,",
    );
    let (desk, lab, roof) = three();
    desk.allow(&[&lab, &roof]);
    let expected = desk.run_in_one_process(&tube, &[]);
    let (mut run, at) = desk.run_with_remote(&tube, LOOPBACK, "four", &[]);
    let mut first = lab.host_node("four", &at, &desk);
    run.wait_for_lines(50);
    first.kill();
    run.wait_for_stderr("it is started again");
    let mut second = roof.host_node("four", &at, &desk);
    run.wait_for_success();
    assert_eq!(run.stdout(), expected);
    second.wait_for_success();
}

#[test]
fn replacement_host_outlives_the_wait_for_it() {
    // Longer than the wait for a host.
    let tube = CHAIN.replace("limit: 500", "limit: 5500").replace(
        "four: {type: test.double,",
        "four: {type: test.slow, params: {ms: 2}, restart: on-failure,",
    );
    let (desk, lab, roof) = three();
    desk.allow(&[&lab, &roof]);
    let (mut run, at) = desk.run_with_remote(&tube, LOOPBACK, "four", &["--wait", "8"]);
    let mut first = lab.host_node("four", &at, &desk);
    run.wait_for_lines(50);
    first.kill();
    run.wait_for_stderr("it is started again");
    // This takes longer than the pause, after which the run waits for another host.
    let expected = desk.run_in_one_process(&tube.replace("ms: 2", "ms: 0"), &[]);
    let mut second = roof.host_node("four", &at, &desk);
    run.wait_for_success();
    assert_eq!(run.stdout(), expected);
    second.wait_for_success();
}

#[test]
fn removed_key_ends_the_nodes_of_its_owner() {
    let (desk, lab, _) = three();
    desk.allow(&[&lab]);
    let (mut run, at) = desk.run_with_remote(ENDLESS, LOOPBACK, "slow", &[]);
    let mut node = lab.host_node("slow", &at, &desk);
    run.wait_for_lines(20);
    desk.allow(&[]);
    let begun = Instant::now();
    let cut = run.wait_for_stderr("the link was cut");
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
    lab.assert_clean();
}

#[test]
fn listening_without_keys_is_for_loopback_only() {
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
    desk.assert_clean();
}

#[test]
fn hosts_on_loopback_join_over_plain_tcp() {
    let (desk, lab, _) = three();
    let expected = desk.run_in_one_process(CHAIN, &[]);
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
        .wait_for_stderr("listening at")
        .split(' ')
        .nth(2)
        .unwrap()
        .to_owned();
    let mut node = lab.start(&["node", "--join", &at, "--id", "twice", "--plain"]);
    run.wait_for_success();
    node.wait_for_success();
    assert_eq!(run.stdout(), expected);
}

#[test]
fn key_that_begins_with_a_dash_is_accepted() {
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

/// Large values go to other hosts as bytes, and to processes of the same host by handle.
#[test]
fn large_values_reach_nodes_on_other_hosts() {
    const LARGE: &str = "
nodes:
  count: {type: test.count, params: {limit: 100}}
  bytes: {type: large.bytes, depends: [{n: count.index}]}
  near: {type: large.pass, depends: [{value: bytes.value}]}
  far: {type: large.pass, depends: [{value: bytes.value}]}
  one: {type: large.number_in, depends: [{value: near.value}]}
  other: {type: large.number_in, depends: [{value: far.value}]}
  sum: {type: test.add, depends: [{left: one.value}, {right: other.value}]}
  return: {type: return, depends: sum.value}
";
    let (desk, lab, roof) = three();
    equals_one_process(&desk, [&lab, &roof], LARGE, LOOPBACK, "far");
    equals_one_process(&desk, [&lab, &roof], LARGE, LOOPBACK, "far,other,bytes");
}
