//! Runs over hosts that are network namespaces with a switch between them.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::host_fixture::TestHost;
use crate::lossy_network::LossyNetwork;
use crate::multi_host::{CHAIN, DIAMOND, MAP, equals_one_process};

pub(crate) const NAMES: [&str; 3] = ["desk", "lab", "roof"];

/// Returns the address of the host at this index of [`NAMES`].
pub(crate) fn address(i: usize) -> String {
    format!("10.77.0.{}", i + 1)
}

/// Network of three hosts at 10.77.0.1 to 3 and a switch, removed when this is dropped.
pub(crate) struct NamespaceNet {
    tag: String,
}

fn ip(arguments: &[&str]) -> Result<(), String> {
    let output = Command::new("ip")
        .args(arguments)
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("ip {}: {said}", arguments.join(" ")))
}

impl NamespaceNet {
    /// Creates the network; prints why and returns `None` where the kernel does not permit it.
    pub(crate) fn create() -> Option<Self> {
        static LAID: AtomicU32 = AtomicU32::new(0);
        let number = LAID.fetch_add(1, Ordering::Relaxed);
        let net = Self {
            tag: format!("nz{}-{number}", std::process::id()),
        };
        match net.try_create() {
            Ok(()) => Some(net),
            Err(why) => {
                eprintln!("SKIPPED: no network namespaces to be had here: {why}");
                None
            }
        }
    }

    fn try_create(&self) -> Result<(), String> {
        ip(&["netns", "add", &self.name("switch")])?;
        self.ip("switch", "link add name wires type bridge")?;
        self.ip("switch", "link set wires up")?;
        for (i, host) in NAMES.iter().enumerate() {
            let own = self.name(host);
            ip(&["netns", "add", &own])?;
            let pair = format!("link add name {host} type veth peer name eth netns {own}");
            self.ip("switch", &pair)?;
            self.ip("switch", &format!("link set {host} master wires up"))?;
            self.ip(host, &format!("address add {} dev eth", address(i) + "/24"))?;
            self.ip(host, "link set eth up")?;
            self.ip(host, "link set lo up")?;
        }
        Ok(())
    }

    /// Runs `ip` on a host, or on the switch.
    pub(crate) fn ip(&self, host: &str, what: &str) -> Result<(), String> {
        let own = self.name(host);
        let arguments: Vec<_> = ["-n", &own].into_iter().chain(what.split(' ')).collect();
        ip(&arguments)
    }

    pub(crate) fn name(&self, host: &str) -> String {
        format!("{}-{host}", self.tag)
    }

    pub(crate) fn hosts(&self) -> [TestHost; 3] {
        NAMES.map(|host| TestHost::new(host, Some(&self.name(host))))
    }

    /// Disconnects a host: its packets are dropped, without a notice to the host.
    pub(crate) fn disconnect(&self, host: &str) -> Result<(), String> {
        self.ip("switch", &format!("link set {host} nomaster"))
    }

    fn reconnect(&self, host: &str) {
        let again = format!("link set {host} master wires");
        self.ip("switch", &again).unwrap();
    }
}

impl Drop for NamespaceNet {
    fn drop(&mut self) {
        for host in NAMES.iter().chain(&["switch"]) {
            let _ = ip(&["netns", "del", &self.name(host)]);
        }
    }
}

/// Asserts the results of a chain, a diamond and a map over the hosts, for hundreds of epochs.
fn assert_tubes_equal_one_process(net: &NamespaceNet) {
    let [desk, lab, roof] = net.hosts();
    for (tube, listen, remote) in [
        (CHAIN, "10.77.0.1:5600", "count,twice,four"),
        (DIAMOND, "0.0.0.0:5600", "left,right,sum"),
        (MAP, "10.77.0.1:5600", "twice,items"),
    ] {
        equals_one_process(&desk, [&lab, &roof], tube, listen, remote);
    }
}

#[test]
fn tubes_over_namespaces_equal_one_process() {
    let Some(net) = NamespaceNet::create() else {
        return;
    };
    assert_tubes_equal_one_process(&net);
}

#[test]
fn tubes_over_a_lossy_network_equal_one_process() {
    let Some(net) = NamespaceNet::create() else {
        return;
    };
    let Some(weather) = LossyNetwork::over(&net) else {
        return;
    };
    assert_tubes_equal_one_process(&net);
    let (late, lost) = weather.ends();
    eprintln!("{late} packets were late, {lost} were lost");
    assert!(late > 1000 && lost > 0, "{late} late, {lost} lost");
}

/// Tube that runs for some seconds, so that it can be disturbed.
const LONG: &str = "
nodes:
  count: {type: test.count, params: {limit: 4000}}
  twice: {type: test.slow, params: {ms: 1}, depends: [{value: count.index}]}
  four: {type: test.double, depends: [{value: twice.value}]}
  return: {type: return, depends: four.value}
";

#[test]
fn network_cut_of_two_seconds_loses_nothing() {
    let Some(net) = NamespaceNet::create() else {
        return;
    };
    let [desk, lab, roof] = net.hosts();
    desk.allow(&[&lab, &roof]);
    let expected = desk.run_in_one_process(LONG, &[]);
    let (mut run, at) = desk.run_with_remote(LONG, "10.77.0.1:5600", "twice,four", &[]);
    let mut nodes = [
        lab.host_node("twice", &at, &desk),
        roof.host_node("four", &at, &desk),
    ];
    run.wait_for_lines(300);
    net.disconnect("lab").unwrap();
    std::thread::sleep(Duration::from_secs(2));
    net.reconnect("lab");
    run.wait_for_success();
    assert_eq!(run.stdout(), expected);
    // The connections of the hosts to the runner have survived: no host has joined again.
    let said = run.stderr();
    assert_eq!(said.matches("a host has joined").count(), 2, "{said}");
    for node in &mut nodes {
        node.wait_for_success();
    }
}

#[test]
fn unreachable_host_ends_the_run_and_itself_within_ten_seconds() {
    let Some(net) = NamespaceNet::create() else {
        return;
    };
    let [desk, lab, roof] = net.hosts();
    desk.allow(&[&lab, &roof]);
    let endless = LONG.replace(", params: {limit: 4000}", "");
    let (mut run, at) = desk.run_with_remote(&endless, "10.77.0.1:5600", "twice,four", &[]);
    let mut away = lab.host_node("twice", &at, &desk);
    let mut other = roof.host_node("four", &at, &desk);
    run.wait_for_lines(100);
    net.disconnect("lab").unwrap();
    let begun = Instant::now();
    assert_eq!(run.end().code(), Some(1));
    let said = run.stderr();
    assert!(
        said.contains("the node `twice` (")
            && said.contains("the connection to its host (10.77.0.2:"),
        "{said}"
    );
    away.end();
    other.end();
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    lab.assert_clean();
    roof.assert_clean();
}
