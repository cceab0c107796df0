//! Messages through tunnels, and tunnels that are cut.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use noob_zmq::transport::keys::{AllowedKeys, KeyPair, KeyRole};
use noob_zmq::transport::tcp::{AccessControl, Listener, TcpAddress};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use crate::log_capture;
use crate::two_hosts_fixture::{ConnectingHost, ListeningHost, allowed, until};

fn numbers(heard: &[(u64, usize)]) -> Vec<u64> {
    heard.iter().map(|(number, _)| *number).collect()
}

async fn there_and_back(at: &str) {
    let key = KeyPair::generate().unwrap();
    let here = ListeningHost::open(
        &[at],
        Some(allowed(&[(key.public(), "lab", KeyRole::Node)])),
    )
    .await;
    let there = ConnectingHost::open("a", &here.address, Some(key)).await;
    here.wait_for_subscriptions(1).await;
    here.send_notes(0..2000, 10);
    here.send_notes(2000..2004, 3 << 20);
    let expected: Vec<u64> = (0..2004).collect();
    assert_eq!(here.wait_for_returned(2004).await, expected);
    let heard = there.received().await;
    assert_eq!(numbers(&heard), expected);
    assert_eq!(heard[2003].1, 3 << 20);
    // One link for each direction.
    assert_eq!(
        (
            here.listener().stats().accepted,
            here.listener().stats().rejected
        ),
        (2, 0)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_arrive_once_and_in_order() {
    there_and_back("127.0.0.1:0").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_arrive_over_ipv6() {
    there_and_back("[::1]:0").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_candidate_that_answers_is_used_and_logged() {
    log_capture::keep();
    let key = KeyPair::generate().unwrap();
    let here = ListeningHost::open(
        &["127.0.0.1:0"],
        Some(allowed(&[(key.public(), "lab", KeyRole::Node)])),
    )
    .await;
    // A port without a listener: it was bound a moment ago, and is not any more.
    let dead = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let hosts = [dead.to_string(), here.port().to_string()];
    let address = TcpAddress::new(here.address.key(), hosts, "command/outbox").unwrap();
    let _there = ConnectingHost::open("a", &address, Some(key)).await;
    here.wait_for_subscriptions(1).await;
    here.send_notes(0..3, 0);
    assert_eq!(here.wait_for_returned(3).await, [0, 1, 2]);
    let connected = log_capture::with("connected");
    assert!(
        connected
            .iter()
            .any(|line| line.contains(&format!("peer={}", here.port()))),
        "{connected:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_started_before_the_listener_connects() {
    let key = KeyPair::generate().unwrap();
    let mut here = ListeningHost::open(
        // No other socket of the machine has this address, so that the port stays free.
        &["127.0.77.1:0"],
        Some(allowed(&[(key.public(), "lab", KeyRole::Node)])),
    )
    .await;
    let at = here.port();
    here.close().await;
    let _there = ConnectingHost::open("a", &here.address, Some(key)).await;
    here.reopen(at).await;
    here.wait_for_subscriptions(1).await;
    here.send_notes(0..3, 0);
    assert_eq!(here.wait_for_returned(3).await, [0, 1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_links_are_made_again() {
    let key = KeyPair::generate().unwrap();
    let mut here = ListeningHost::open(
        // No other socket of the machine has this address, so that the port stays free.
        &["127.0.77.2:0"],
        Some(allowed(&[(key.public(), "lab", KeyRole::Node)])),
    )
    .await;
    let there = ConnectingHost::open("a", &here.address, Some(key)).await;
    let at = here.port();
    for round in 0..3_u64 {
        here.wait_for_subscriptions(round + 1).await;
        here.send_notes(round * 10..round * 10 + 10, 0);
        let expected: Vec<u64> = (0..round * 10 + 10).collect();
        until("what is heard", async || {
            there.received().await.len() >= expected.len()
        })
        .await;
        assert_eq!(numbers(&there.received().await), expected);
        assert_eq!(here.wait_for_returned(expected.len()).await, expected);
        here.close().await;
        here.reopen(at).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn removed_key_is_cut_within_a_second_and_may_return() {
    log_capture::keep();
    let keys = [(); 2].map(|()| KeyPair::generate().unwrap());
    let both = allowed(&[
        (keys[0].public(), "stays", KeyRole::Node),
        (keys[1].public(), "goes", KeyRole::Node),
    ]);
    let here = ListeningHost::open(&["127.0.0.1:0"], Some(both.clone())).await;
    let stays = ConnectingHost::open("stays", &here.address, Some(keys[0].clone())).await;
    let goes = ConnectingHost::open("goes", &here.address, Some(keys[1].clone())).await;
    here.wait_for_subscriptions(2).await;
    until("four links", async || here.listener().stats().open == 4).await;

    here.allow
        .set(allowed(&[(keys[0].public(), "stays", KeyRole::Node)]));
    let begun = Instant::now();
    until("two links fewer", async || {
        here.listener().stats().open == 2
    })
    .await;
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(here.listener().stats().cut, 2);
    let told = log_capture::with("the link was cut");
    assert!(
        told.iter()
            .filter(|line| line.contains("name=goes"))
            .count()
            == 2,
        "{told:?}"
    );
    here.send_notes(0..5, 0);
    assert_eq!(here.wait_for_returned(5).await, [0, 1, 2, 3, 4]);
    assert_eq!(
        (stays.received().await.len(), goes.received().await.len()),
        (5, 0)
    );

    here.allow.set(both);
    here.wait_for_subscriptions(3).await;
    here.send_notes(5..6, 0);
    until("the one who came back", async || {
        goes.received().await.len() == 1
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plain_tcp_is_for_loopback_only_and_warns() {
    log_capture::keep();
    let here = ListeningHost::open(&["127.0.0.1:0"], None).await;
    let _there = ConnectingHost::open("a", &here.address, None).await;
    here.wait_for_subscriptions(1).await;
    here.send_notes(0..3, 0);
    assert_eq!(here.wait_for_returned(3).await, [0, 1, 2]);
    let at = here.port();
    assert!(
        log_capture::with("every program on this machine can join")
            .iter()
            .any(|line| line.contains("WARN")),
        "port {at}"
    );

    let public: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let error = Listener::bind(&[public], here.dir.path(), AccessControl::Plain)
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("make a key by `noob-zmq keygen`"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn host_with_an_unexpected_key_is_rejected() {
    log_capture::keep();
    let key = KeyPair::generate().unwrap();
    let here = ListeningHost::open(
        &["127.0.0.1:0"],
        Some(allowed(&[(key.public(), "lab", KeyRole::Node)])),
    )
    .await;
    let other = KeyPair::generate().unwrap().public();
    let hosts = here.address.hosts().to_vec();
    let address = TcpAddress::new(Some(other), hosts, "command/outbox").unwrap();
    let _there = ConnectingHost::open("a", &address, Some(key)).await;
    until("a refusal", async || {
        log_capture::with("it has another key than the one that is expected")
            .iter()
            .any(|line| line.contains(&here.port().to_string()))
    })
    .await;
    assert_eq!(here.listener().stats().accepted, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_key_is_rejected_with_a_reason() {
    log_capture::keep();
    let here = ListeningHost::open(&["127.0.0.1:0"], Some(AllowedKeys::default())).await;
    let key = KeyPair::generate().unwrap();
    let shown = key.public().to_string();
    let _there = ConnectingHost::open("a", &here.address, Some(key)).await;
    let port = here.port().to_string();
    until("a refusal on both sides", async || {
        let told = log_capture::with("it does not let this key in");
        let noted = log_capture::with(&format!(
            "the key {shown} is not among those that are let in"
        ));
        told.iter().any(|line| line.contains(&port)) && !noted.is_empty()
    })
    .await;
    assert_eq!(here.listener().stats().accepted, 0);
}

/// Forwards bytes between a client and the listener, and records them.
pub(crate) async fn listening_in(gate: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<Vec<u8>>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    // One record per direction of each connection.
    let heard: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
    let kept = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((guest, _)) = listener.accept().await {
            let (from_guest, to_guest) = guest.into_split();
            let (from_gate, to_gate) = TcpStream::connect(gate).await.unwrap().into_split();
            tokio::spawn(pass(from_guest, to_gate, Arc::clone(&kept)));
            tokio::spawn(pass(from_gate, to_guest, Arc::clone(&kept)));
        }
    });
    (at, heard)
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, kept: Arc<Mutex<Vec<Vec<u8>>>>) {
    let place = {
        let mut kept = kept.lock().unwrap();
        kept.push(Vec::new());
        kept.len() - 1
    };
    let mut buffer = vec![0; 64 << 10];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        kept.lock().unwrap()[place].extend(&buffer[..read]);
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recorded_traffic_is_unreadable_and_cannot_be_replayed() {
    let key = KeyPair::generate().unwrap();
    let here = ListeningHost::open(
        &["127.0.0.1:0"],
        Some(allowed(&[(key.public(), "lab", KeyRole::Node)])),
    )
    .await;
    let (at, heard) = listening_in(here.port()).await;
    let address = TcpAddress::new(here.address.key(), [at.to_string()], "command/outbox").unwrap();
    let there = ConnectingHost::open("secretive", &address, Some(key)).await;
    here.wait_for_subscriptions(1).await;
    here.send_notes(0..200, 100);
    assert_eq!(here.wait_for_returned(200).await.len(), 200);
    let said = heard.lock().unwrap().clone();
    assert!(said.iter().map(Vec::len).sum::<usize>() > 200 * 100);
    for secret in [
        "secretive",
        "command",
        "outbox",
        "test.note",
        "xxxx",
        "READY",
        "__subscriber__",
    ] {
        let secret = secret.as_bytes();
        let seen = said
            .iter()
            .any(|said| said.windows(secret.len()).any(|part| part == secret));
        assert!(!seen, "{}", String::from_utf8_lossy(secret));
    }

    // Every recorded stream is replayed.
    let before = here.listener().stats();
    let streams = said.len() as u64;
    for said in said {
        let mut again = TcpStream::connect(here.port()).await.unwrap();
        let _ = again.write_all(&said).await;
        let _ = again.shutdown().await;
        let mut rest = Vec::new();
        let _ = again.read_to_end(&mut rest).await;
    }
    until("the refusals", async || {
        here.listener().stats().rejected >= before.rejected + streams
    })
    .await;
    assert_eq!(here.listener().stats().accepted, before.accepted);
    here.send_notes(200..210, 0);
    assert_eq!(here.wait_for_returned(210).await.len(), 210);
    assert_eq!(there.received().await.len(), 210);
}
