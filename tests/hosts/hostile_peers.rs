//! Peers that are rejected, and authorized peers that misbehave; none of them disturbs the others.

use std::net::SocketAddr;
use std::time::Duration;

use noob_zmq::transport::keys::{KeyPair, KeyRole};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::log_capture;
use crate::raw_peer::{connect_socket, connect_tls, key, request_bytes, zmtp_hello};
use crate::two_hosts_fixture::{ConnectingHost, ListeningHost, allowed, until};

/// A listener with one well-behaved client, and further known keys.
struct Scene {
    here: ListeningHost,
    there: ConnectingHost,
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
        let here = ListeningHost::open(&["127.0.0.1:0"], Some(allowed)).await;
        let there = ConnectingHost::open("a", &here.address, Some(works)).await;
        here.wait_for_subscriptions(1).await;
        let mut scene = Self {
            here,
            there,
            said: 0,
            node,
            watcher,
        };
        scene.assert_works().await;
        scene
    }

    fn at(&self) -> SocketAddr {
        self.here.port()
    }

    /// Asserts that messages still return once and in order.
    async fn assert_works(&mut self) {
        let from = self.said;
        self.said += 50;
        self.here.send_notes(from..self.said, 100);
        let expected: Vec<u64> = (0..self.said).collect();
        assert_eq!(self.here.wait_for_returned(expected.len()).await, expected);
        assert_eq!(self.there.received().await.len(), expected.len());
    }

    /// Asserts the number of rejected connections, each with a log line of its address.
    async fn assert_rejected(&self, count: u64, peers: &[SocketAddr]) {
        until("the count of refusals", async || {
            self.here.listener().stats().rejected >= count
        })
        .await;
        assert_eq!(self.here.listener().stats().rejected, count);
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

/// Sends bytes on plain tcp and waits for the end of the connection.
async fn send_plain(at: SocketAddr, said: &[u8]) -> SocketAddr {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let peer = stream.local_addr().unwrap();
    let _ = stream.write_all(said).await;
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    peer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peer_without_tls_is_rejected() {
    let mut scene = Scene::set().await;
    let mut peers = Vec::new();
    for said in [
        zmtp_hello("SUB"),
        request_bytes("command/outbox"),
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        vec![0xff; 4096],
        // A TLS record that is announced and does not follow.
        [&[22, 3, 1, 0x40, 0][..], &[1; 20_000]].concat(),
    ] {
        peers.push(send_plain(scene.at(), &said).await);
    }
    scene.assert_rejected(5, &peers).await;
    scene.assert_works().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peer_without_a_known_key_is_rejected() {
    let mut scene = Scene::set().await;
    let (unknown, name) = key();
    assert!(
        connect_socket(scene.at(), Some(&unknown), "command/outbox")
            .await
            .is_err()
    );
    assert!(
        connect_socket(scene.at(), None, "command/outbox")
            .await
            .is_err()
    );
    scene.assert_rejected(2, &[]).await;
    assert_eq!(
        log_capture::with(&format!("the key {name} is not among")).len(),
        1
    );
    scene.assert_works().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_reaches_only_the_sockets_of_its_role() {
    let mut scene = Scene::set().await;
    let at = scene.at();
    assert!(
        connect_socket(at, Some(&scene.watcher), "command/outbox")
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
        let why = connect_socket(at, Some(&scene.watcher), socket)
            .await
            .unwrap_err();
        assert!(why.contains(said), "{socket}: {why}");
    }
    // A path out of the directory is no valid name.
    assert!(
        connect_socket(at, Some(&scene.node), "../../../etc/passwd")
            .await
            .is_err()
    );
    assert!(
        connect_socket(at, Some(&scene.node), "nodes/../command/inbox")
            .await
            .is_err()
    );
    scene.assert_rejected(6, &[]).await;
    scene.assert_works().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oversized_frame_cuts_the_link() {
    let mut scene = Scene::set().await;
    for (socket, kind) in [("command/outbox", "SUB"), ("command/inbox", "DEALER")] {
        let mut stream = connect_socket(scene.at(), Some(&scene.node), socket)
            .await
            .unwrap();
        let at = scene.at();
        let peer = stream.get_ref().0.local_addr().unwrap();
        let mut said = zmtp_hello(kind);
        // A frame of 2^40 bytes, which the socket would try to allocate.
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
    until("the count", async || scene.here.listener().stats().cut == 2).await;
    scene.assert_works().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watcher_that_sends_messages_is_cut() {
    let mut scene = Scene::set().await;
    let at = scene.at();
    let watcher = &scene.watcher;
    let mut stream = connect_socket(at, Some(watcher), "command/outbox")
        .await
        .unwrap();
    let peer = stream.get_ref().0.local_addr().unwrap();
    let mut said = zmtp_hello("SUB");
    said.extend([0, 1, 1]);
    stream.write_all(&said).await.unwrap();
    scene.here.wait_for_subscriptions(2).await;
    scene.assert_works().await;
    // The watcher receives more than the greeting and the READY of the other side.
    let mut heard = vec![0; 4000];
    stream.read_exact(&mut heard).await.unwrap();
    // Then the watcher sends a message that is no subscription.
    let stop = [1, 4, b's', b't', b'o', b'p', 0, 2, b'{', b'}'];
    stream.write_all(&stop).await.unwrap();
    until("a line in the log", async || {
        log_capture::with(&format!("peer={peer} at={at}"))
            .iter()
            .any(|line| {
                line.contains("the link was cut: it sent a message, and may only subscribe")
            })
    })
    .await;
    until("the count", async || scene.here.listener().stats().cut == 1).await;
    scene.assert_works().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watcher_that_does_not_read_is_dropped() {
    let mut scene = Scene::set().await;
    let at = scene.at();
    let mut deaf = connect_socket(at, Some(&scene.watcher), "command/outbox")
        .await
        .unwrap();
    let peer = deaf.get_ref().0.local_addr().unwrap();
    let mut said = zmtp_hello("SUB");
    said.extend([0, 1, 1]);
    deaf.write_all(&said).await.unwrap();
    scene.here.wait_for_subscriptions(2).await;
    // More than the buffers on the way to the watcher hold.
    scene.here.send_notes(scene.said..scene.said + 40, 1 << 20);
    scene.said += 40;
    scene.assert_works().await;
    // The connection is dropped, since sent bytes stayed unacknowledged.
    let told = log_capture::with(&format!("peer={peer} at={at}"));
    assert!(
        told.iter().any(|line| line.contains("the link broke")),
        "{told:?}"
    );
    drop(deaf);
}

/// 2,000 silent connections and one that sends a byte now and then are closed, and others are
/// accepted meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_are_bounded_in_number_and_time() {
    let mut scene = Scene::set().await;
    let at = scene.at();
    let before = descriptors();
    let slow = tokio::spawn(async move {
        let mut stream = TcpStream::connect(at).await.unwrap();
        // The start of a ClientHello that never ends.
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
    scene.assert_works().await;
    until("an end of all of them", async || {
        scene.here.listener().stats().rejected >= 2001
    })
    .await;
    slow.await.unwrap();
    drop(idle);
    scene.assert_rejected(2001, &[]).await;
    until("the descriptors", async || descriptors() <= before).await;
    // New connections are accepted again.
    assert!(
        connect_socket(at, Some(&scene.watcher), "command/outbox")
            .await
            .is_ok()
    );
    scene.assert_works().await;
}

/// Handshakes that are broken off leak neither descriptors nor links.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peers_that_leave_early_leak_nothing() {
    let mut scene = Scene::set().await;
    let at = scene.at();
    let open = scene.here.listener().stats().open;
    for _ in 0..50 {
        drop(connect_tls(at, Some(&scene.node)).await.unwrap());
        drop(
            connect_socket(at, Some(&scene.node), "command/inbox")
                .await
                .unwrap(),
        );
    }
    scene.assert_rejected(50, &[]).await;
    until("the end of their links", async || {
        scene.here.listener().stats().open == open
    })
    .await;
    scene.assert_works().await;
}

/// Returns the number of open descriptors of this process.
fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
