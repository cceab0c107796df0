//! Programs that differ and meet: what both sides are told.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::host_fixture::Machine;
use crate::multi_host::CHAIN;
use crate::raw_peer;

const LOOPBACK: &str = "127.0.0.1:0";

#[test]
fn a_program_whose_node_is_another_is_told_the_difference_and_so_is_the_runner() {
    let [desk, lab] = ["desk", "lab"].map(|name| Machine::new(name, None));
    desk.allow(&[&lab]);
    let (mut run, at) = desk.serve(CHAIN, LOOPBACK, "four", &[]);
    let lab = lab.with_program(env!("CARGO_BIN_EXE_other"));
    let mut node = lab.host("four", &at, &desk);
    let difference = "the type `test.double` is not the same in the program of the runner and in that of the host: \
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
        machine.is_clean();
    }
}

#[test]
fn a_program_without_the_node_is_told_so_and_so_is_the_runner() {
    let [desk, lab] = ["desk", "lab"].map(|name| Machine::new(name, None));
    desk.allow(&[&lab]);
    let tube = CHAIN.replace("four: {type: test.double", "four: {type: test.echo");
    let (mut run, at) = desk.serve(&tube, LOOPBACK, "four", &[]);
    let lab = lab.with_program(env!("CARGO_BIN_EXE_other"));
    let mut node = lab.host("four", &at, &desk);
    assert_eq!(node.end().code(), Some(1));
    assert_eq!(run.end().code(), Some(1));
    for told in [node.stderr(), run.stderr()] {
        assert!(
            told.contains("test.echo") && told.contains("`four`"),
            "{told}"
        );
    }
}

/// A way to `runner` that breaks once, as soon as both sides have said their first; after that it is a good one.
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
        // What it asks for, which comes to nobody.
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
async fn a_connection_that_breaks_while_a_host_joins_is_made_again() {
    let [desk, lab] = ["desk", "lab"].map(|name| Machine::new(name, None));
    let expected = desk.expected(CHAIN, &[]);
    let tube = desk.file("tube.yaml", &format!("noob_id: test\n{CHAIN}"));
    let mut arguments = vec!["run", tube.to_str().unwrap(), "--json", "--plain"];
    arguments.extend(["--listen", LOOPBACK, "--remote", "four"]);
    let mut run = desk.start(&arguments);
    let line = run.says("listening at");
    let at = line.split(' ').nth(2).unwrap().parse().unwrap();
    let way = breaking_once(at).await.to_string();
    let mut node = lab.start(&["node", "--join", &way, "--id", "four", "--plain"]);
    run.ends_well();
    node.ends_well();
    assert_eq!(run.stdout(), expected);
    let told = node.stderr();
    assert!(told.contains("joining begins anew"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_is_gone_before_it_has_joined_leaves_its_place_to_the_next() {
    let [desk, lab] = ["desk", "lab"].map(|name| Machine::new(name, None));
    let (key, public) = raw_peer::key();
    desk.allow(&[&lab]);
    let allowed = std::fs::read_to_string(desk.path("allow")).unwrap();
    let allowed = format!("{allowed}node noob-ed25519 {public} hasty\n");
    std::fs::write(desk.path("allow"), allowed).unwrap();
    let expected = desk.expected(CHAIN, &[]);
    let (mut run, at) = desk.serve(CHAIN, LOOPBACK, "twice", &[]);
    let gate: SocketAddr = at.parse().unwrap();
    let mut hasty = raw_peer::enter(gate, Some(&key), "join/twice")
        .await
        .unwrap();
    let version = env!("CARGO_PKG_VERSION");
    hasty.write_all(&hello(version)).await.unwrap();
    // It is offered the node, and goes.
    assert!(hasty.read_u32().await.unwrap() > 0);
    drop(hasty);
    run.says("a host is gone before it has joined");
    let mut node = lab.host("twice", &at, &desk);
    run.ends_well();
    node.ends_well();
    assert_eq!(run.stdout(), expected);
}

/// A block of the join, written by hand: its length, and msgpack.
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
async fn a_program_of_another_version_is_told_both_versions_and_the_run_goes_on_without_it() {
    let [desk, lab] = ["desk", "lab"].map(|name| Machine::new(name, None));
    let (key, public) = raw_peer::key();
    desk.allow(&[&lab]);
    let allowed = std::fs::read_to_string(desk.path("allow")).unwrap();
    let allowed = format!("{allowed}node noob-ed25519 {public} old\n");
    std::fs::write(desk.path("allow"), allowed).unwrap();
    let expected = desk.expected(CHAIN, &[]);
    let (mut run, at) = desk.serve(CHAIN, LOOPBACK, "twice", &[]);

    let gate: SocketAddr = at.parse().unwrap();
    let mut old = raw_peer::enter(gate, Some(&key), "join/twice")
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

    let mut node = lab.host("twice", &at, &desk);
    run.ends_well();
    node.ends_well();
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
