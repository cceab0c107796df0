//! Attackers as processes of their own: this test program, started again in another network
//! namespace and configured by its environment.

use std::net::SocketAddr;
use std::time::Duration;

use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::host_fixture::{RunningCommand, TestHost};
use crate::raw_peer::{connect_socket, connect_tls, key, request_bytes, zmtp_hello};
use crate::tunnel::listening_in;

// The node types of the tests.
noob_zmq::plugins![noob_zmq_tests];

/// Number of silent connections.
pub(crate) const IDLE: usize = 2000;

/// Starts an attack from a host, with these variables.
pub(crate) fn attack(from: &TestHost, words: &[(&str, String)]) -> RunningCommand {
    let mut command = from.test_program("attack::program");
    command.env("HOSTS_ATTACK", "");
    command.envs(words.iter().map(|(word, value)| (word, value)));
    from.launch(command, "an attack".to_owned())
}

fn word(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("no {name}"))
}

#[test]
#[ignore = "a program that other tests start"]
fn program() {
    if std::env::var_os("HOSTS_ATTACK").is_some() {
        tokio::runtime::Runtime::new().unwrap().block_on(attacks());
    }
}

/// Prints the address of an attacking connection, for the test to find in the log.
fn tell(what: &str, at: SocketAddr, stream: &TcpStream) {
    println!("ATTACK {what} {at} {}", stream.local_addr().unwrap());
}

async fn drain(stream: &mut (impl AsyncReadExt + Unpin)) {
    let mut rest = vec![0; 4096];
    while let Ok(1..) = stream.read(&mut rest).await {}
}

/// Attacks of unknown peers, of a watcher and of the host of `twice`, against the listeners of the
/// runner and of the host of `add`.
async fn attacks() {
    let load = |name: &str| PrivateKeyDer::from_pem_file(word(name)).unwrap();
    let (node, watcher) = (load("NODE_KEY"), load("WATCH_KEY"));
    let (runner, host): (SocketAddr, SocketAddr) =
        (word("AT").parse().unwrap(), word("HOST").parse().unwrap());
    tokio::join!(strangers(runner, &watcher), strangers(host, &watcher));
    // First, while there are places for silent connections.
    let slow = [begin(runner).await, begin(host).await];
    let [one, other] = slow.map(slowly);
    tokio::join!(one, other, idle(runner), idle(host));
    wrong_role(runner, "command/inbox", &watcher).await;
    wrong_role(host, "nodes/add/outbox", &watcher).await;
    wrong_role(host, "command/inbox", &node).await;

    let mut speaks = zmtp_hello("SUB");
    speaks.extend([0, 1, 1, 1, 4, b's', b't', b'o', b'p', 0, 2, b'{', b'}']);
    cut("speaks", runner, "command/outbox", &watcher, &speaks).await;
    cut("speaks", host, "nodes/add/outbox", &node, &speaks).await;
    let mut named = zmtp_hello("SUB");
    named.extend([0, 23, 1]);
    named.extend(b"__subscriber__:command");
    cut("named", host, "nodes/add/outbox", &node, &named).await;
    let mut large = zmtp_hello("SUB");
    large.extend([2, 0, 0, 0, 0, 0x3f, 0, 0, 0]);
    cut("large", host, "nodes/add/outbox", &node, &large).await;
    let other = dealer("add");
    cut("pretends", runner, "command/inbox", &node, &other).await;
    cut(
        "nameless",
        runner,
        "command/inbox",
        &node,
        &zmtp_hello("DEALER"),
    )
    .await;
    cut("large", runner, "command/inbox", &node, &{
        let mut said = dealer("twice");
        said.extend([2, 0, 0, 0, 0, 0x3f, 0, 0, 0]);
        said
    })
    .await;
    // The identity is its own; the messages are not.
    let mut stream = connect_socket(runner, Some(&node), "command/inbox")
        .await
        .unwrap();
    let mut said = dealer("twice");
    for body in [
        r#"{"type":"status","node_id":"add","value":"closed"}"#,
        r#"{"type":"error","node_id":"add","value":
            {"epoch":1,"phase":"process","message":"no","chain":[]}}"#,
        r#"{"type":"health","node_id":"count","value":{}}"#,
        r#"{"type":"stop","node_id":"command","value":null}"#,
        r#"{"type":"status","value":"closed"}"#,
        "nothing of the kind",
        "",
    ] {
        said.extend([0, u8::try_from(body.len()).unwrap()]);
        said.extend(body.as_bytes());
    }
    stream.write_all(&said).await.unwrap();
    println!("ATTACKED");
    // The test removes the key of the watcher meanwhile.
    let mut watches = connect_socket(runner, Some(&watcher), "command/outbox")
        .await
        .unwrap();
    tell("removed", runner, watches.get_ref().0);
    watches
        .write_all(&[zmtp_hello("SUB"), vec![0, 1, 1]].concat())
        .await
        .unwrap();
    println!("WATCHING");
    drain(&mut watches).await;
    drop(stream);
    println!("OVER");
}

/// Returns the greeting and the READY of a DEALER of this name.
fn dealer(name: &str) -> Vec<u8> {
    let mut said = zmtp_hello("DEALER");
    let ready = said.split_off(64);
    let mut ready = ready[2..].to_vec();
    ready.extend(b"\x08Identity");
    ready.extend(u32::try_from(name.len()).unwrap().to_be_bytes());
    ready.extend(name.as_bytes());
    said.extend([4, u8::try_from(ready.len()).unwrap()]);
    said.extend(ready);
    said
}

/// Connections that prove no key.
async fn strangers(at: SocketAddr, watcher: &PrivateKeyDer<'static>) {
    for (what, said) in [
        ("zmtp", zmtp_hello("SUB")),
        ("preface", request_bytes("command/outbox")),
        ("http", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        (
            "garbage",
            (0..65_536_u32).map(|i| ((i * 7919) >> 3) as u8).collect(),
        ),
    ] {
        let mut stream = TcpStream::connect(at).await.unwrap();
        tell(what, at, &stream);
        let _ = stream.write_all(&said).await;
        drain(&mut stream).await;
    }
    for key in [None, Some(key().0)] {
        if let Ok(mut stream) = connect_tls(at, key.as_ref()).await {
            tell("keyless", at, stream.get_ref().0);
            let _ = stream.write_all(&request_bytes("command/outbox")).await;
            drain(&mut stream).await;
        }
    }
    let (between, heard) = listening_in(at).await;
    drop(connect_socket(between, Some(watcher), "command/outbox").await);
    let heard = heard.lock().unwrap().clone();
    for said in heard.into_iter().filter(|said| !said.is_empty()) {
        let mut again = TcpStream::connect(at).await.unwrap();
        tell("replay", at, &again);
        let _ = again.write_all(&said).await;
        let _ = again.shutdown().await;
        drain(&mut again).await;
    }
}

/// Silent connections.
async fn idle(at: SocketAddr) {
    let mut idle = Vec::new();
    for _ in 0..IDLE {
        match TcpStream::connect(at).await {
            Ok(stream) => idle.push(stream),
            Err(error) => println!("only {}: {error}", idle.len()),
        }
    }
    for stream in &mut idle {
        drain(stream).await;
    }
}

async fn begin(at: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(at).await.unwrap();
    tell("slow", at, &stream);
    stream
}

/// Sends a byte now and then, of a ClientHello that never ends.
async fn slowly(mut stream: TcpStream) {
    for byte in [22, 3, 1, 1, 0].into_iter().chain(std::iter::repeat(0)) {
        if stream.write_all(&[byte]).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn wrong_role(at: SocketAddr, socket: &str, key: &PrivateKeyDer<'static>) {
    if let Ok(mut stream) = connect_tls(at, Some(key)).await {
        tell("role", at, stream.get_ref().0);
        let _ = stream.write_all(&request_bytes(socket)).await;
        drain(&mut stream).await;
    }
}

/// Opens a link, sends bytes that are rejected, and waits for the end of the link.
async fn cut(what: &str, at: SocketAddr, socket: &str, key: &PrivateKeyDer<'static>, said: &[u8]) {
    let mut stream = connect_socket(at, Some(key), socket).await.unwrap();
    tell(what, at, stream.get_ref().0);
    let _ = stream.write_all(said).await;
    drain(&mut stream).await;
}
