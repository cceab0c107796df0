//! Whoever listens in on the wire between hosts: every packet of a run, as the kernel passes it on, is kept and searched.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::net::sockopt::{Timeout, set_socket_recv_buffer_size_force, set_socket_timeout};
use rustix::net::{AddressFamily, Protocol, RecvFlags, SocketFlags, SocketType, eth};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::host_fixture::Machine;
use crate::namespaces::Net;

/// Moves this thread into a network namespace; gives a socket that hears every packet there of a protocol, without the header of its link, and
/// gives up after 50 ms in which there is none.
pub(crate) fn listen_in(namespace: &str, protocol: Protocol) -> std::io::Result<OwnedFd> {
    let namespace = File::open(format!("/run/netns/{namespace}"))?;
    move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?;
    let socket = rustix::net::socket_with(
        AddressFamily::PACKET,
        SocketType::DGRAM,
        SocketFlags::CLOEXEC,
        Some(protocol),
    )?;
    set_socket_recv_buffer_size_force(&socket, 64 << 20)?;
    set_socket_timeout(&socket, Timeout::Recv, Some(Duration::from_millis(50)))?;
    Ok(socket)
}

/// Hears all that passes through a network namespace, until it is asked what it was.
struct Tap {
    stop: Arc<AtomicBool>,
    hearing: JoinHandle<Vec<Vec<u8>>>,
}

impl Tap {
    fn into_namespace(name: &str) -> Self {
        let namespace = name.to_owned();
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let (ready, begun) = std::sync::mpsc::channel();
        // The namespace is that of this thread alone.
        let hearing = std::thread::spawn(move || {
            let socket = listen_in(&namespace, eth::ALL).unwrap();
            ready.send(()).unwrap();
            let mut packets = Vec::new();
            let mut buffer = vec![0; 128 << 10];
            loop {
                match rustix::net::recv(&socket, &mut buffer, RecvFlags::empty()) {
                    Ok((read, _)) => packets.push(buffer[..read].to_vec()),
                    // Nothing came for a while.
                    Err(_) if told.load(Ordering::Acquire) => return packets,
                    Err(_) => {}
                }
            }
        });
        begun.recv().unwrap();
        Self { stop, hearing }
    }

    fn heard(self) -> Vec<Vec<u8>> {
        self.stop.store(true, Ordering::Release);
        self.hearing.join().unwrap()
    }
}

fn shows(packets: &[Vec<u8>], secret: &str) -> bool {
    let secret = secret.as_bytes();
    let shows = |packet: &Vec<u8>| packet.windows(secret.len()).any(|part| part == secret);
    packets.iter().any(shows)
}

const TUBE: &str = "
nodes:
  whispering_node: {type: test.echo, params: {value: the-payload-of-this-run}}
  listening_node: {type: test.echo, depends: [{value: whispering_node.value}]}
  return: {type: return, depends: listening_node.value}
";

/// The payload, names of nodes and of a type, a topic, the id of the tube, sockets, and words of the protocols inside.
const SECRETS: [&str; 10] = [
    "the-payload-of-this-run",
    "whispering_node",
    "listening_node",
    "test.echo",
    "__subscriber__:",
    "nodes/whispering_node/outbox",
    "command/outbox",
    "tube_of_the_capture",
    "READY",
    "Socket-Type",
];

const EPOCHS: usize = 50;

#[test]
fn whoever_listens_in_on_the_wire_sees_no_payload_and_no_name() {
    let Some(net) = Net::lay() else { return };
    let [desk, lab, roof] = net.machines();
    desk.allow(&[&lab, &roof]);
    let tube = desk.file(
        "tube.yaml",
        &format!("noob_id: tube_of_the_capture\n{TUBE}"),
    );
    let tube = tube.to_str().unwrap();
    let expected = "\"the-payload-of-this-run\"\n".repeat(EPOCHS);
    let epochs = EPOCHS.to_string();
    let remote = ["--remote", "whispering_node,listening_node"];

    let tap = Tap::into_namespace(&net.name("switch"));
    let key = desk.path("key");
    let mut arguments = vec![
        "run",
        tube,
        "--json",
        "-n",
        &epochs,
        "--key",
        key.to_str().unwrap(),
    ];
    arguments.extend(remote);
    arguments.extend(["--listen", "10.77.0.1:5600"]);
    let mut run = desk.start(&arguments);
    run.says("listening at");
    let mut hosts = [
        lab.host("whispering_node", "10.77.0.1:5600", &desk),
        roof.host("listening_node", "10.77.0.1:5600", &desk),
    ];
    run.ends_well();
    hosts.iter_mut().for_each(|host| host.ends_well());
    assert_eq!(run.stdout(), expected);
    let packets = tap.heard();
    // All went over the wire, from one host to the other and to the runner.
    let bytes: usize = packets.iter().map(Vec::len).sum();
    assert!(
        bytes > 2 * EPOCHS * "the-payload-of-this-run".len(),
        "{bytes}"
    );
    for secret in SECRETS {
        assert!(!shows(&packets, secret), "`{secret}` is on the wire");
    }

    // The same without keys, which is for loopback only: whoever searches like this finds every one of them.
    let tap = Tap::into_namespace(&net.name("desk"));
    let mut arguments = vec!["run", tube, "--json", "-n", &epochs, "--plain"];
    arguments.extend(remote);
    arguments.extend(["--listen", "127.0.0.1:5601"]);
    let mut run = desk.start(&arguments);
    run.says("listening at");
    let mut hosts = ["whispering_node", "listening_node"].map(|node| {
        let beside = Machine::new("beside", Some(&net.name("desk")));
        let host = beside.start(&["node", "--join", "127.0.0.1:5601", "--id", node, "--plain"]);
        (host, beside)
    });
    run.ends_well();
    hosts.iter_mut().for_each(|(host, _)| host.ends_well());
    assert_eq!(run.stdout(), expected);
    let packets = tap.heard();
    for secret in SECRETS {
        assert!(shows(&packets, secret), "`{secret}` is not found");
    }
}
