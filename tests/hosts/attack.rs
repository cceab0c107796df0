//! Those who mean harm, as programs of their own: this test program again, in another network namespace, told what to do by its environment.

use std::net::SocketAddr;
use std::time::Duration;

use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::host_fixture::{Machine, Started};
use crate::raw_peer::{enter, key, preface, shake, zmtp};
use crate::tunnel::listening_in;

// Its nodes are those of the tests.
noob_zmq::plugins![noob_zmq_tests];

/// How many connections say nothing.
pub(crate) const IDLE: usize = 2000;

/// Begins an attack from a host, with these words.
pub(crate) fn attack(from: &Machine, words: &[(&str, String)]) -> Started {
    let mut command = from.own("attack::program");
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

/// Says who it was, for the test to look for.
fn tell(what: &str, at: SocketAddr, stream: &TcpStream) {
    println!("ATTACK {what} {at} {}", stream.local_addr().unwrap());
}

async fn drain(stream: &mut (impl AsyncReadExt + Unpin)) {
    let mut rest = vec![0; 4096];
    while let Ok(1..) = stream.read(&mut rest).await {}
}

/// Everything that a stranger, a watcher and the host of `twice` can think of, against the gates of the runner and of the host of `add`.
async fn attacks() {
    let load = |name: &str| PrivateKeyDer::from_pem_file(word(name)).unwrap();
    let (node, watcher) = (load("NODE_KEY"), load("WATCH_KEY"));
    let (runner, host): (SocketAddr, SocketAddr) =
        (word("AT").parse().unwrap(), word("HOST").parse().unwrap());
    tokio::join!(strangers(runner, &watcher), strangers(host, &watcher));
    // First of all, while there is room for those who say nothing.
    let slow = [begin(runner).await, begin(host).await];
    let [one, other] = slow.map(slowly);
    tokio::join!(one, other, idle(runner), idle(host));
    wrong_role(runner, "command/inbox", &watcher).await;
    wrong_role(host, "nodes/add/outbox", &watcher).await;
    wrong_role(host, "command/inbox", &node).await;

    let mut speaks = zmtp("SUB");
    speaks.extend([0, 1, 1, 1, 4, b's', b't', b'o', b'p', 0, 2, b'{', b'}']);
    cut("speaks", runner, "command/outbox", &watcher, &speaks).await;
    cut("speaks", host, "nodes/add/outbox", &node, &speaks).await;
    let mut named = zmtp("SUB");
    named.extend([0, 23, 1]);
    named.extend(b"__subscriber__:command");
    cut("named", host, "nodes/add/outbox", &node, &named).await;
    let mut large = zmtp("SUB");
    large.extend([2, 0, 0, 0, 0, 0x3f, 0, 0, 0]);
    cut("large", host, "nodes/add/outbox", &node, &large).await;
    let other = dealer("add");
    cut("pretends", runner, "command/inbox", &node, &other).await;
    cut("nameless", runner, "command/inbox", &node, &zmtp("DEALER")).await;
    cut("large", runner, "command/inbox", &node, &{
        let mut said = dealer("twice");
        said.extend([2, 0, 0, 0, 0, 0x3f, 0, 0, 0]);
        said
    })
    .await;
    // Who it is, it may say; the rest is not its own.
    let mut stream = enter(runner, Some(&node), "command/inbox").await.unwrap();
    let mut said = dealer("twice");
    for body in [
        r#"{"type":"status","node_id":"add","value":"closed"}"#,
        r#"{"type":"error","node_id":"add","value":{"epoch":1,"phase":"process","message":"no","chain":[]}}"#,
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
    // The key of the watcher is taken out meanwhile.
    let mut watches = enter(runner, Some(&watcher), "command/outbox")
        .await
        .unwrap();
    tell("removed", runner, watches.get_ref().0);
    watches
        .write_all(&[zmtp("SUB"), vec![0, 1, 1]].concat())
        .await
        .unwrap();
    println!("WATCHING");
    drain(&mut watches).await;
    drop(stream);
    println!("OVER");
}

/// The greeting and the READY of a DEALER of this name.
fn dealer(name: &str) -> Vec<u8> {
    let mut said = zmtp("DEALER");
    let ready = said.split_off(64);
    let mut ready = ready[2..].to_vec();
    ready.extend(b"\x08Identity");
    ready.extend(u32::try_from(name.len()).unwrap().to_be_bytes());
    ready.extend(name.as_bytes());
    said.extend([4, u8::try_from(ready.len()).unwrap()]);
    said.extend(ready);
    said
}

/// Those who prove nothing.
async fn strangers(at: SocketAddr, watcher: &PrivateKeyDer<'static>) {
    for (what, said) in [
        ("zmtp", zmtp("SUB")),
        ("preface", preface("command/outbox")),
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
        if let Ok(mut stream) = shake(at, key.as_ref()).await {
            tell("keyless", at, stream.get_ref().0);
            let _ = stream.write_all(&preface("command/outbox")).await;
            drain(&mut stream).await;
        }
    }
    let (between, heard) = listening_in(at).await;
    drop(enter(between, Some(watcher), "command/outbox").await);
    let heard = heard.lock().unwrap().clone();
    for said in heard.into_iter().filter(|said| !said.is_empty()) {
        let mut again = TcpStream::connect(at).await.unwrap();
        tell("replay", at, &again);
        let _ = again.write_all(&said).await;
        let _ = again.shutdown().await;
        drain(&mut again).await;
    }
}

/// Connections that say nothing.
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

/// Says a byte now and then, of a ClientHello that never comes to its end.
async fn slowly(mut stream: TcpStream) {
    for byte in [22, 3, 1, 1, 0].into_iter().chain(std::iter::repeat(0)) {
        if stream.write_all(&[byte]).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn wrong_role(at: SocketAddr, socket: &str, key: &PrivateKeyDer<'static>) {
    if let Ok(mut stream) = shake(at, Some(key)).await {
        tell("role", at, stream.get_ref().0);
        let _ = stream.write_all(&preface(socket)).await;
        drain(&mut stream).await;
    }
}

/// One that is let in, says this, and is cut off.
async fn cut(what: &str, at: SocketAddr, socket: &str, key: &PrivateKeyDer<'static>, said: &[u8]) {
    let mut stream = enter(at, Some(key), socket).await.unwrap();
    tell(what, at, stream.get_ref().0);
    let _ = stream.write_all(said).await;
    drain(&mut stream).await;
}
