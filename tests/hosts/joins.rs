//! Joins of programs that differ, and joins that are broken off.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::host_fixture::TestHost;
use crate::multi_host::CHAIN;
use crate::raw_peer;

const LOOPBACK: &str = "127.0.0.1:0";

#[test]
fn join_with_another_node_type_reports_the_difference() {
    let [desk, lab] = ["desk", "lab"].map(|name| TestHost::new(name, None));
    desk.allow(&[&lab]);
    let (mut run, at) = desk.run_with_remote(CHAIN, LOOPBACK, "four", &[]);
    let lab = lab.with_program(env!("CARGO_BIN_EXE_other"));
    let mut node = lab.host_node("four", &at, &desk);
    let difference = "the type `test.double` is not the same in the program of the runner \
        and in that of the host: \
        the signal `value` is `i64` in the runner's and `f64` in the host's; \
        the slot `value` is `i64` in the runner's and `f64` in the host's; \
        the slot `gain` is only in the host's (`f64 = 2.0`); run the same program on both";
    assert_eq!(node.end().code(), Some(1));
    let told = node.stderr();
    assert!(
        told.contains("this program cannot host the node `four`: ") && told.contains(difference),
        "{told}"
    );
    assert_eq!(run.end().code(), Some(1));
    let told = run.stderr();
    assert!(
        told.contains("`four`") && told.contains(difference),
        "{told}"
    );
    for machine in [&desk, &lab] {
        machine.assert_clean();
    }
}

#[test]
fn join_without_the_node_type_is_rejected_on_both_sides() {
    let [desk, lab] = ["desk", "lab"].map(|name| TestHost::new(name, None));
    desk.allow(&[&lab]);
    let tube = CHAIN.replace("four: {type: test.double", "four: {type: test.echo");
    let (mut run, at) = desk.run_with_remote(&tube, LOOPBACK, "four", &[]);
    let lab = lab.with_program(env!("CARGO_BIN_EXE_other"));
    let mut node = lab.host_node("four", &at, &desk);
    assert_eq!(node.end().code(), Some(1));
    assert_eq!(run.end().code(), Some(1));
    for told in [node.stderr(), run.stderr()] {
        assert!(
            told.contains("test.echo") && told.contains("`four`"),
            "{told}"
        );
    }
}

#[test]
fn host_needs_the_types_of_its_own_nodes_alone() {
    let [desk, lab] = ["desk", "lab"].map(|name| TestHost::new(name, None));
    desk.allow(&[&lab]);
    let tube = "nodes:
  count: {type: test.count, params: {limit: 3}}
  add: {type: test.add, depends: [{left: count.index}, {right: count.index}]}
  return: {type: return, depends: add.value}
";
    let (mut run, at) = desk.run_with_remote(tube, LOOPBACK, "count", &[]);
    // This program has no `test.add`.
    let lab = lab.with_program(env!("CARGO_BIN_EXE_other"));
    let mut node = lab.host_node("count", &at, &desk);
    run.wait_for_success();
    node.wait_for_success();
    assert_eq!(run.stdout(), "0\n2\n4\n");
    for machine in [&desk, &lab] {
        machine.assert_clean();
    }
}

const SEALED: &str = "nodes:
  count: {type: test.count, params: {limit: 3}}
  seal: {type: test.seal, depends: [{value: count.index}]}
  unseal: {type: test.unseal, depends: [{value: seal.value}]}
  return: {type: return, depends: unseal.value}
";

#[test]
fn hosts_exchange_no_objects_of_other_languages() {
    for remote in ["seal", "unseal"] {
        let [desk, lab] = ["desk", "lab"].map(|name| TestHost::new(name, None));
        desk.allow(&[&lab]);
        let (mut run, at) = desk.run_with_remote(SEALED, LOOPBACK, remote, &[]);
        let mut node = lab.host_node(remote, &at, &desk);
        assert_eq!(run.end().code(), Some(1));
        node.end();
        let told = run.stderr();
        assert!(
            told.contains("the node `seal`")
                && told.contains("an object of kind `sealed` would go to"),
            "{told}"
        );
        assert!(told.contains("has the role `objects`"), "{told}");
        for machine in [&desk, &lab] {
            machine.assert_clean();
        }
    }
}

#[test]
fn hosts_whose_keys_allow_it_exchange_objects() {
    for remote in ["seal", "unseal", "seal,unseal"] {
        let [desk, lab] = ["desk", "lab"].map(|name| TestHost::new(name, None));
        desk.allow_as(&[("node,objects", &lab)]);
        let (mut run, at) = desk.run_with_remote(SEALED, LOOPBACK, remote, &[]);
        let nodes: Vec<_> = remote.split(',').collect();
        let mut nodes: Vec<_> = nodes
            .iter()
            .map(|node| lab.host_node(node, &at, &desk))
            .collect();
        run.wait_for_success();
        nodes.iter_mut().for_each(|node| node.wait_for_success());
        assert_eq!(run.stdout(), "0\n1\n2\n");
    }
}

/// Opens a relay to `runner` whose first connection breaks once both sides have sent their first
/// block; later connections are stable.
async fn breaking_once(runner: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind(LOOPBACK).await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = vec![0; 64 << 10];
        let (mut guest, _) = listener.accept().await.unwrap();
        let mut there = TcpStream::connect(runner).await.unwrap();
        let said = guest.read(&mut buffer).await.unwrap();
        there.write_all(&buffer[..said]).await.unwrap();
        let said = there.read(&mut buffer).await.unwrap();
        guest.write_all(&buffer[..said]).await.unwrap();
        // The request, which is not forwarded.
        assert!(guest.read(&mut buffer).await.unwrap() > 0);
        drop((guest, there));
        while let Ok((mut guest, _)) = listener.accept().await {
            let mut there = TcpStream::connect(runner).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut guest, &mut there).await });
        }
    });
    at
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connection_broken_during_join_is_made_again() {
    let [desk, lab] = ["desk", "lab"].map(|name| TestHost::new(name, None));
    let expected = desk.run_in_one_process(CHAIN, &[]);
    let tube = desk.file("tube.yaml", &format!("noob_id: test\n{CHAIN}"));
    let mut arguments = vec!["run", tube.to_str().unwrap(), "--json", "--plain"];
    arguments.extend(["--listen", LOOPBACK, "--remote", "four"]);
    let mut run = desk.start(&arguments);
    let line = run.wait_for_stderr("listening at");
    let at = line.split(' ').nth(2).unwrap().parse().unwrap();
    let way = breaking_once(at).await.to_string();
    let mut node = lab.start(&["node", "--join", &way, "--id", "four", "--plain"]);
    run.wait_for_success();
    node.wait_for_success();
    assert_eq!(run.stdout(), expected);
    let told = node.stderr();
    assert!(told.contains("joining begins anew"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn host_lost_during_join_leaves_its_place_to_the_next() {
    let [desk, lab] = ["desk", "lab"].map(|name| TestHost::new(name, None));
    let (key, public) = raw_peer::key();
    desk.allow(&[&lab]);
    let allowed = std::fs::read_to_string(desk.path("allow")).unwrap();
    let allowed = format!("{allowed}node noob-ed25519 {public} hasty\n");
    std::fs::write(desk.path("allow"), allowed).unwrap();
    let expected = desk.run_in_one_process(CHAIN, &[]);
    let (mut run, at) = desk.run_with_remote(CHAIN, LOOPBACK, "twice", &[]);
    let gate: SocketAddr = at.parse().unwrap();
    let mut hasty = raw_peer::connect_socket(gate, Some(&key), "join/twice")
        .await
        .unwrap();
    let version = env!("CARGO_PKG_VERSION");
    hasty.write_all(&hello(version)).await.unwrap();
    // The host gets the offer, and leaves.
    assert!(hasty.read_u32().await.unwrap() > 0);
    drop(hasty);
    run.wait_for_stderr("a host is gone before it has joined");
    let mut node = lab.host_node("twice", &at, &desk);
    run.wait_for_success();
    node.wait_for_success();
    assert_eq!(run.stdout(), expected);
}

/// Returns a block of the join protocol, written by hand: its length, and msgpack.
fn block(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap();
    [&length.to_be_bytes()[..], body].concat()
}

/// `{"version": version, "hosts": ["127.0.0.1:9"]}`.
fn hello(version: &str) -> Vec<u8> {
    let mut body = b"\x82\xa7version".to_vec();
    body.push(0xa0 | u8::try_from(version.len()).unwrap());
    body.extend(version.as_bytes());
    body.extend(b"\xa5hosts\x91\xab127.0.0.1:9");
    block(&body)
}

#[tokio::test]
async fn join_with_another_version_reports_both_versions() {
    let [desk, lab] = ["desk", "lab"].map(|name| TestHost::new(name, None));
    let (key, public) = raw_peer::key();
    desk.allow(&[&lab]);
    let allowed = std::fs::read_to_string(desk.path("allow")).unwrap();
    let allowed = format!("{allowed}node noob-ed25519 {public} old\n");
    std::fs::write(desk.path("allow"), allowed).unwrap();
    let expected = desk.run_in_one_process(CHAIN, &[]);
    let (mut run, at) = desk.run_with_remote(CHAIN, LOOPBACK, "twice", &[]);

    let gate: SocketAddr = at.parse().unwrap();
    let mut old = raw_peer::connect_socket(gate, Some(&key), "join/twice")
        .await
        .unwrap();
    old.write_all(&hello("0.0.9")).await.unwrap();
    let mut answer = vec![0; old.read_u32().await.unwrap() as usize];
    old.read_exact(&mut answer).await.unwrap();
    drop(old);
    let why = format!(
        "the program there is of version 0.0.9, and the runner of version {}: use the same on both",
        env!("CARGO_PKG_VERSION")
    );
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.contains("Refused") && answer.contains(&why),
        "{answer}"
    );

    let mut node = lab.host_node("twice", &at, &desk);
    run.wait_for_success();
    node.wait_for_success();
    assert_eq!(run.stdout(), expected);
    let told = run.stderr();
    let line = told
        .lines()
        .find(|line| line.contains(&why))
        .expect("a line in the log");
    assert!(
        line.contains("name=old") && line.contains("peer=127.0.0.1:"),
        "{line}"
    );
}
