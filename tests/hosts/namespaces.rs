//! Runs over hosts that are network namespaces with a switch between them.

use std::time::{Duration, Instant};

pub(crate) use noob_zmq_tests::namespaces::{NAMES, NamespaceNet, address};

use crate::host_fixture::TestHost;
use crate::lossy_network::LossyNetwork;
use crate::multi_host::{CHAIN, DIAMOND, MAP, equals_one_process};

/// Returns the three hosts of a network.
pub(crate) fn hosts_of(net: &NamespaceNet) -> [TestHost; 3] {
    NAMES.map(|host| TestHost::new(host, Some(&net.name(host))))
}

/// Asserts the results of a chain, a diamond and a map over the hosts, for hundreds of epochs.
fn assert_tubes_equal_one_process(net: &NamespaceNet) {
    let [desk, lab, roof] = hosts_of(net);
    for (tube, listen, remote) in [
        (CHAIN, "10.77.0.1:5600", "count,twice,four"),
        (DIAMOND, "0.0.0.0:5600", "left,right,sum"),
        (MAP, "10.77.0.1:5600", "twice,items"),
    ] {
        equals_one_process(&desk, [&lab, &roof], tube, listen, remote);
    }
}

#[test]
fn tubes_over_namespaces_equal_one_process() {
    let Some(net) = NamespaceNet::create() else {
        return;
    };
    assert_tubes_equal_one_process(&net);
}

#[test]
fn tubes_over_a_lossy_network_equal_one_process() {
    let Some(net) = NamespaceNet::create() else {
        return;
    };
    let Some(weather) = LossyNetwork::over(&net) else {
        return;
    };
    assert_tubes_equal_one_process(&net);
    let (late, lost) = weather.ends();
    eprintln!("{late} packets were late, {lost} were lost");
    assert!(late > 1000 && lost > 0, "{late} late, {lost} lost");
}

/// Tube that runs for some seconds, so that it can be disturbed.
const LONG: &str = "
nodes:
  count: {type: test.count, params: {limit: 4000}}
  twice: {type: test.slow, params: {ms: 1}, depends: [{value: count.index}]}
  four: {type: test.double, depends: [{value: twice.value}]}
  return: {type: return, depends: four.value}
";

#[test]
fn network_cut_of_two_seconds_loses_nothing() {
    let Some(net) = NamespaceNet::create() else {
        return;
    };
    let [desk, lab, roof] = hosts_of(&net);
    desk.allow(&[&lab, &roof]);
    let expected = desk.run_in_one_process(LONG, &[]);
    let (mut run, at) = desk.run_with_remote(LONG, "10.77.0.1:5600", "twice,four", &[]);
    let mut nodes = [
        lab.host_node("twice", &at, &desk),
        roof.host_node("four", &at, &desk),
    ];
    run.wait_for_lines(300);
    net.disconnect("lab").unwrap();
    std::thread::sleep(Duration::from_secs(2));
    net.reconnect("lab");
    run.wait_for_success();
    assert_eq!(run.stdout(), expected);
    // The connections of the hosts to the runner have survived: no host has joined again.
    let said = run.stderr();
    assert_eq!(said.matches("a host has joined").count(), 2, "{said}");
    for node in &mut nodes {
        node.wait_for_success();
    }
}

#[test]
fn unreachable_host_ends_the_run_and_itself_within_ten_seconds() {
    let Some(net) = NamespaceNet::create() else {
        return;
    };
    let [desk, lab, roof] = hosts_of(&net);
    desk.allow(&[&lab, &roof]);
    let endless = LONG.replace(", params: {limit: 4000}", "");
    let (mut run, at) = desk.run_with_remote(&endless, "10.77.0.1:5600", "twice,four", &[]);
    let mut away = lab.host_node("twice", &at, &desk);
    let mut other = roof.host_node("four", &at, &desk);
    run.wait_for_lines(100);
    net.disconnect("lab").unwrap();
    let begun = Instant::now();
    assert_eq!(run.end().code(), Some(1));
    let said = run.stderr();
    assert!(
        said.contains("the node `twice` (")
            && said.contains("the connection to its host (10.77.0.2:"),
        "{said}"
    );
    away.end();
    other.end();
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    lab.assert_clean();
    roof.assert_clean();
}
