//! Peers that want in and are not meant to be, and peers that are in and lie: none of them disturbs those who work.

use std::net::SocketAddr;
use std::time::Duration;

use noob_zmq::transport::keys::{KeyPair, KeyRole};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::log_capture;
use crate::raw_peer::{enter, key, preface, shake, zmtp};
use crate::two_hosts_fixture::{Here, There, allowed, until};

/// A host with a guest that works, and others whose keys are known.
struct Scene {
    here: Here,
    there: There,
    said: u64,
    node: rustls::pki_types::PrivateKeyDer<'static>,
    watcher: rustls::pki_types::PrivateKeyDer<'static>,
}

impl Scene {
    async fn set() -> Self {
        log_capture::keep();
        let works = KeyPair::generate().unwrap();
        let [(node, node_name), (watcher, watcher_name)] = [(); 2].map(|()| key());
        let allowed = allowed(&[
            (works.public(), "works", KeyRole::Node),
            (node_name.parse().unwrap(), "node", KeyRole::Node),
            (watcher_name.parse().unwrap(), "watcher", KeyRole::Watch),
        ]);
        let here = Here::open(&["127.0.0.1:0"], Some(allowed)).await;
        let there = There::open("a", &here.address, Some(works)).await;
        here.subscribed(1).await;
        let mut scene = Self {
            here,
            there,
            said: 0,
            node,
            watcher,
        };
        scene.works().await;
        scene
    }

    fn at(&self) -> SocketAddr {
        self.here.port()
    }

    /// All that is said still comes back, once and in order.
    async fn works(&mut self) {
        let from = self.said;
        self.said += 50;
        self.here.say(from..self.said, 100);
        let expected: Vec<u64> = (0..self.said).collect();
        assert_eq!(self.here.back(expected.len()).await, expected);
        assert_eq!(self.there.heard().await.len(), expected.len());
    }

    /// So many were refused, each with a line that has its address.
    async fn refused(&self, count: u64, peers: &[SocketAddr]) {
        until("the count of refusals", async || {
            self.here.gate().stats().rejected >= count
        })
        .await;
        assert_eq!(self.here.gate().stats().rejected, count);
        let at = self.at();
        for peer in peers {
            let lines = log_capture::with(&format!("peer={peer} at={at}"));
            let refusals = lines
                .iter()
                .filter(|line| line.contains("refused: "))
                .count();
            assert_eq!(refusals, 1, "{peer}: {lines:?}");
        }
    }
}

/// Says this on plain tcp and waits for the end of it.
async fn blurt(at: SocketAddr, said: &[u8]) -> SocketAddr {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let peer = stream.local_addr().unwrap();
    let _ = stream.write_all(said).await;
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    peer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_does_not_speak_tls_gets_nowhere() {
    let mut scene = Scene::set().await;
    let mut peers = Vec::new();
    for said in [
        zmtp("SUB"),
        preface("command/outbox"),
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        vec![0xff; 4096],
        // A record of TLS that is announced and does not come as announced.
        [&[22, 3, 1, 0x40, 0][..], &[1; 20_000]].concat(),
    ] {
        peers.push(blurt(scene.at(), &said).await);
    }
    scene.refused(5, &peers).await;
    scene.works().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_key_or_with_one_that_is_not_known_there_is_no_entry() {
    let mut scene = Scene::set().await;
    let (unknown, name) = key();
    assert!(
        enter(scene.at(), Some(&unknown), "command/outbox")
            .await
            .is_err()
    );
    assert!(enter(scene.at(), None, "command/outbox").await.is_err());
    scene.refused(2, &[]).await;
    assert_eq!(
        log_capture::with(&format!("the key {name} is not among")).len(),
        1
    );
    scene.works().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_gives_what_it_gives_and_no_more() {
    let mut scene = Scene::set().await;
    let at = scene.at();
    assert!(
        enter(at, Some(&scene.watcher), "command/outbox")
            .await
            .is_ok()
    );
    for (socket, said) in [
        (
            "command/inbox",
            "has not the role for `command/inbox`: node",
        ),
        ("lock", "is for nobody"),
        ("nodes/a", "is for nobody"),
        ("nodes/nobody/outbox", "is not there"),
    ] {
        let why = enter(at, Some(&scene.watcher), socket).await.unwrap_err();
        assert!(why.contains(said), "{socket}: {why}");
    }
    // Out of the directory: this is not even a name.
    assert!(
        enter(at, Some(&scene.node), "../../../etc/passwd")
            .await
            .is_err()
    );
    assert!(
        enter(at, Some(&scene.node), "nodes/../command/inbox")
            .await
            .is_err()
    );
    scene.refused(6, &[]).await;
    scene.works().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_length_that_would_end_the_process_is_cut_off() {
    let mut scene = Scene::set().await;
    for (socket, kind) in [("command/outbox", "SUB"), ("command/inbox", "DEALER")] {
        let mut stream = enter(scene.at(), Some(&scene.node), socket).await.unwrap();
        let at = scene.at();
        let peer = stream.get_ref().0.local_addr().unwrap();
        let mut said = zmtp(kind);
        // A frame of 2^40 bytes, which the socket would try to have room for.
        said.extend([2, 0, 0, 1, 0, 0, 0, 0, 0]);
        stream.write_all(&said).await.unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        until("a line in the log", async || {
            log_capture::with(&format!("peer={peer} at={at}"))
                .iter()
                .any(|line| {
                    line.contains("the link was cut: it announced a message of 1099511627776 bytes")
                })
        })
        .await;
    }
    until("the count", async || scene.here.gate().stats().cut == 2).await;
    scene.works().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_that_speaks_is_not_heard_and_cut_off() {
    let mut scene = Scene::set().await;
    let at = scene.at();
    let watcher = &scene.watcher;
    let mut stream = enter(at, Some(watcher), "command/outbox").await.unwrap();
    let peer = stream.get_ref().0.local_addr().unwrap();
    let mut said = zmtp("SUB");
    said.extend([0, 1, 1]);
    stream.write_all(&said).await.unwrap();
    scene.here.subscribed(2).await;
    scene.works().await;
    // It hears, beyond the greeting and the READY of the other side.
    let mut heard = vec![0; 4000];
    stream.read_exact(&mut heard).await.unwrap();
    // Then it says something that is no subscription.
    let stop = [1, 4, b's', b't', b'o', b'p', 0, 2, b'{', b'}'];
    stream.write_all(&stop).await.unwrap();
    until("a line in the log", async || {
        log_capture::with(&format!("peer={peer} at={at}"))
            .iter()
            .any(|line| {
                line.contains("the link was cut: it said something, and may only subscribe")
            })
    })
    .await;
    until("the count", async || scene.here.gate().stats().cut == 1).await;
    scene.works().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watcher_that_does_not_read_keeps_nobody_waiting_for_long() {
    let mut scene = Scene::set().await;
    let at = scene.at();
    let mut deaf = enter(at, Some(&scene.watcher), "command/outbox")
        .await
        .unwrap();
    let peer = deaf.get_ref().0.local_addr().unwrap();
    let mut said = zmtp("SUB");
    said.extend([0, 1, 1]);
    deaf.write_all(&said).await.unwrap();
    scene.here.subscribed(2).await;
    // More than there is room for on the way to it.
    scene.here.say(scene.said..scene.said + 40, 1 << 20);
    scene.said += 40;
    scene.works().await;
    // It was given up: what it had been sent stayed unacknowledged.
    let told = log_capture::with(&format!("peer={peer} at={at}"));
    assert!(
        told.iter().any(|line| line.contains("the link broke")),
        "{told:?}"
    );
    drop(deaf);
}

/// 2,000 connections that say nothing, and one that says a byte now and then: they are let go of, and others come in meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_say_nothing_are_bounded_in_number_and_time() {
    let mut scene = Scene::set().await;
    let at = scene.at();
    let before = descriptors();
    let slow = tokio::spawn(async move {
        let mut stream = TcpStream::connect(at).await.unwrap();
        // The beginning of a ClientHello that never comes to its end.
        for byte in [22, 3, 1, 1, 0].into_iter().chain(std::iter::repeat(0)) {
            if stream.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let mut idle = Vec::new();
    for _ in 0..2000 {
        idle.push(TcpStream::connect(at).await.unwrap());
    }
    scene.works().await;
    until("an end of all of them", async || {
        scene.here.gate().stats().rejected >= 2001
    })
    .await;
    slow.await.unwrap();
    drop(idle);
    scene.refused(2001, &[]).await;
    until("the descriptors", async || descriptors() <= before).await;
    // The way in is free again.
    assert!(
        enter(at, Some(&scene.watcher), "command/outbox")
            .await
            .is_ok()
    );
    scene.works().await;
}

/// Handshakes that are broken off in the middle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_leave_in_the_middle_leave_nothing() {
    let mut scene = Scene::set().await;
    let at = scene.at();
    let open = scene.here.gate().stats().open;
    for _ in 0..50 {
        drop(shake(at, Some(&scene.node)).await.unwrap());
        drop(enter(at, Some(&scene.node), "command/inbox").await.unwrap());
    }
    scene.refused(50, &[]).await;
    until("the end of their links", async || {
        scene.here.gate().stats().open == open
    })
    .await;
    scene.works().await;
}

/// How many descriptors this process has open.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
