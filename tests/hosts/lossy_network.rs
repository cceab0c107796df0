//! Lossy network between hosts: every packet is 20 ms late, and one in a hundred is lost.
//!
//! The kernel does this where it has netem; elsewhere a relay of this program replaces the switch.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, eth, ipproto};

use crate::namespaces::{NAMES, NamespaceNet, address};
use crate::packet_capture::listen_in;

const DELAY: Duration = Duration::from_millis(20);

/// Delay and loss between the hosts of a network, until this is dropped.
pub(crate) struct LossyNetwork<'a> {
    net: &'a NamespaceNet,
    /// Relay that replaces the switch; `None` where the kernel has netem.
    relay: Option<Relay>,
}

impl<'a> LossyNetwork<'a> {
    /// Starts delay and loss; prints why and returns `None` where the kernel does not permit it.
    pub(crate) fn over(net: &'a NamespaceNet) -> Option<Self> {
        if NAMES.iter().all(|host| netem(net, host)) {
            return Some(Self { net, relay: None });
        }
        match relayed(net) {
            Ok(relay) => Some(Self {
                net,
                relay: Some(relay),
            }),
            Err(why) => {
                eprintln!("SKIPPED: no delay and loss to be had here: {why}");
                None
            }
        }
    }

    /// Ends it, and returns the number of delayed and of lost packets.
    pub(crate) fn ends(self) -> (u64, u64) {
        match self.relay {
            Some(relay) => relay.ends(),
            None => NAMES.iter().fold((0, 0), |(late, lost), host| {
                let said = tc(self.net, host, "-s qdisc show dev eth").unwrap();
                let here = account(&said);
                (late + here.0, lost + here.1)
            }),
        }
    }
}

fn tc(net: &NamespaceNet, host: &str, what: &str) -> Option<String> {
    let output = Command::new("ip")
        .args(["netns", "exec", &net.name(host), "tc"])
        .args(what.split(' '))
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(said)
}

fn netem(net: &NamespaceNet, host: &str) -> bool {
    let what = "qdisc add dev eth root netem delay 20ms loss 1%";
    tc(net, host, what).is_some()
}

/// Parses the number of packets that netem has forwarded, and lost.
fn account(said: &str) -> (u64, u64) {
    (
        number_before(said, " pkt"),
        number_before(said, ", overlimits"),
    )
}

/// Returns the number in front of `mark`.
fn number_before(text: &str, mark: &str) -> u64 {
    let (before, _) = text.split_once(mark).unwrap_or_else(|| panic!("{text}"));
    let word = before.split_whitespace().next_back();
    word.unwrap().parse().unwrap()
}

#[test]
fn netem_statistics_are_parsed() {
    let said = "qdisc netem 8001: root refcnt 2 limit 1000 delay 20ms loss 1%\n \
        Sent 6182 bytes 74 pkt (dropped 3, overlimits 0 requeues 0)";
    assert_eq!(account(said), (74, 3));
}

/// Connects the hosts to a relay instead of the switch, with packets no longer than a frame.
fn relayed(net: &NamespaceNet) -> Result<Relay, String> {
    for (i, host) in NAMES.iter().enumerate() {
        net.disconnect(host)?;
        net.ip("switch", &format!("address add 10.77.0.254/32 dev {host}"))?;
        net.ip("switch", &format!("route add {} dev {host}", address(i)))?;
        net.ip(host, "link set eth gso_max_segs 1")?;
        net.ip(
            host,
            "route replace 10.77.0.0/24 via 10.77.0.254 dev eth onlink",
        )?;
    }
    Relay::start(net.name("switch")).map_err(|error| error.to_string())
}

/// Two threads in the namespace of the switch: one receives packets and drops some of them, the
/// other forwards the rest when they are due.
struct Relay {
    /// Ends the threads when it is dropped.
    stop: Sender<()>,
    hearing: JoinHandle<u64>,
    sending: JoinHandle<u64>,
}

struct Due {
    at: Instant,
    packet: Vec<u8>,
}

impl Relay {
    fn start(namespace: String) -> io::Result<Self> {
        let (stop, stopped) = channel();
        let (ready, begun) = channel();
        let (late, due) = channel();
        let hearing = std::thread::spawn(move || match sockets(&namespace) {
            Ok((from, to)) => {
                ready.send(Ok(to)).unwrap();
                hear(&from, &late, &stopped)
            }
            Err(error) => {
                ready.send(Err(error)).unwrap();
                0
            }
        });
        let to = begun.recv().unwrap()?;
        let sending = std::thread::spawn(move || send(&to, &due));
        Ok(Self {
            stop,
            hearing,
            sending,
        })
    }

    fn ends(self) -> (u64, u64) {
        drop(self.stop);
        let lost = self.hearing.join().unwrap();
        (self.sending.join().unwrap(), lost)
    }
}

/// Opens a socket that receives packets and one that sends whole packets, in a namespace that
/// forwards nothing by itself.
fn sockets(namespace: &str) -> io::Result<(OwnedFd, OwnedFd)> {
    let from = listen_in(namespace, eth::IP)?;
    std::fs::write("/proc/sys/net/ipv4/ip_forward", "0")?;
    let to = rustix::net::socket_with(
        AddressFamily::INET,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        Some(ipproto::RAW),
    )?;
    Ok((from, to))
}

/// Receives packets until it is told to stop, and returns the number of dropped ones.
fn hear(from: &OwnedFd, late: &Sender<Due>, stop: &Receiver<()>) -> u64 {
    let mut chance: u64 = 6;
    let mut lost = 0;
    let mut buffer = vec![0; 128 << 10];
    loop {
        match rustix::net::recv(from, &mut buffer, RecvFlags::empty()) {
            Ok((read, _)) => {
                // Knuth's MMIX generator.
                chance = chance
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                if (chance >> 33).is_multiple_of(100) {
                    lost += 1;
                } else {
                    let at = Instant::now() + DELAY;
                    let packet = buffer[..read].to_vec();
                    late.send(Due { at, packet }).unwrap();
                }
            }
            // No packet came for a while.
            Err(_) if stop.try_recv() == Err(TryRecvError::Disconnected) => return lost,
            Err(_) => {}
        }
    }
}

/// Forwards packets, each when it is due, until no more can come; returns their number.
fn send(to: &OwnedFd, due: &Receiver<Due>) -> u64 {
    let mut sent = 0;
    for Due { at, mut packet } in due {
        std::thread::sleep(at.saturating_duration_since(Instant::now()));
        finish_checksum(&mut packet);
        let host = Ipv4Addr::from(<[u8; 4]>::try_from(&packet[16..20]).unwrap());
        let host = SocketAddrV4::new(host, 0);
        rustix::net::sendto(to, &packet, SendFlags::empty(), &host).unwrap();
        sent += 1;
    }
    sent
}

/// Completes the checksum of a TCP segment (RFC 9293, section 3.1), which the kernel leaves to the
/// network card, and virtual cards do not do.
fn finish_checksum(packet: &mut [u8]) {
    let (header, segment) = packet.split_at_mut(usize::from(packet[0] & 15) * 4);
    assert_eq!(header[9], 6, "it is no TCP: {header:?}");
    segment[16..18].fill(0);
    let words = header[12..20].chunks(2).chain(segment.chunks(2));
    let word = |word: &[u8]| u32::from(word[0]) << 8 | word.get(1).map_or(0, |low| u32::from(*low));
    let mut sum = 6 + u32::try_from(segment.len()).unwrap() + words.map(word).sum::<u32>();
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    segment[16..18].copy_from_slice(&(!(sum as u16)).to_be_bytes());
}
