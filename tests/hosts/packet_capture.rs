//! Every packet between the hosts of a run, as the kernel forwards it, is captured and searched.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::net::sockopt::{Timeout, set_socket_recv_buffer_size_force, set_socket_timeout};
use rustix::net::{AddressFamily, Protocol, RecvFlags, SocketFlags, SocketType, eth};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::host_fixture::TestHost;
use crate::namespaces::{NamespaceNet, hosts_of};

/// Moves this thread into a network namespace and returns a socket that captures every packet of a
/// protocol there, without its link header; a receive times out after 50 ms.
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

/// Capture of all packets in a network namespace, on a thread of its own.
struct PacketCapture {
    stop: Arc<AtomicBool>,
    hearing: JoinHandle<Vec<Vec<u8>>>,
}

impl PacketCapture {
    fn into_namespace(name: &str) -> Self {
        let namespace = name.to_owned();
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let (ready, begun) = std::sync::mpsc::channel();
        // A thread of its own, since a namespace belongs to a thread.
        let hearing = std::thread::spawn(move || {
            let socket = listen_in(&namespace, eth::ALL).unwrap();
            ready.send(()).unwrap();
            let mut packets = Vec::new();
            let mut buffer = vec![0; 128 << 10];
            loop {
                match rustix::net::recv(&socket, &mut buffer, RecvFlags::empty()) {
                    Ok((read, _)) => packets.push(buffer[..read].to_vec()),
                    // No packet came for a while.
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

/// Payload, names of nodes and of a type, a topic, the id of the tube, sockets, and words of the
/// inner protocols.
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
fn captured_packets_show_no_payload_and_no_name() {
    let Some(net) = NamespaceNet::create() else {
        return;
    };
    let [desk, lab, roof] = hosts_of(&net);
    desk.allow(&[&lab, &roof]);
    let tube = desk.file(
        "tube.yaml",
        &format!("noob_id: tube_of_the_capture\n{TUBE}"),
    );
    let tube = tube.to_str().unwrap();
    let expected = "\"the-payload-of-this-run\"\n".repeat(EPOCHS);
    let epochs = EPOCHS.to_string();
    let remote = ["--remote", "whispering_node,listening_node"];

    let tap = PacketCapture::into_namespace(&net.name("switch"));
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
    run.wait_for_stderr("listening at");
    let mut hosts = [
        lab.host_node("whispering_node", "10.77.0.1:5600", &desk),
        roof.host_node("listening_node", "10.77.0.1:5600", &desk),
    ];
    run.wait_for_success();
    hosts.iter_mut().for_each(|host| host.wait_for_success());
    assert_eq!(run.stdout(), expected);
    let packets = tap.heard();
    // Everything went over the wire, from one host to the other and to the runner.
    let bytes: usize = packets.iter().map(Vec::len).sum();
    assert!(
        bytes > 2 * EPOCHS * "the-payload-of-this-run".len(),
        "{bytes}"
    );
    for secret in SECRETS {
        assert!(!shows(&packets, secret), "`{secret}` is on the wire");
    }

    // The same run without keys, on loopback: this search finds every secret, so it works.
    let tap = PacketCapture::into_namespace(&net.name("desk"));
    let mut arguments = vec!["run", tube, "--json", "-n", &epochs, "--plain"];
    arguments.extend(remote);
    arguments.extend(["--listen", "127.0.0.1:5601"]);
    let mut run = desk.start(&arguments);
    run.wait_for_stderr("listening at");
    let mut hosts = ["whispering_node", "listening_node"].map(|node| {
        let beside = TestHost::new("beside", Some(&net.name("desk")));
        let host = beside.start(&["node", "--join", "127.0.0.1:5601", "--id", node, "--plain"]);
        (host, beside)
    });
    run.wait_for_success();
    hosts
        .iter_mut()
        .for_each(|(host, _)| host.wait_for_success());
    assert_eq!(run.stdout(), expected);
    let packets = tap.heard();
    for secret in SECRETS {
        assert!(shows(&packets, secret), "`{secret}` is not found");
    }
}
