//! Runs over hosts that are network namespaces with a switch between them: all that they share is the network.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::host_fixture::Machine;
use crate::lossy_network::Weather;
use crate::multi_host::{CHAIN, DIAMOND, MAP, equals_one_process};

pub(crate) const NAMES: [&str; 3] = ["desk", "lab", "roof"];

/// That of the host at this place of [`NAMES`].
pub(crate) fn address(i: usize) -> String {
    format!("10.77.0.{}", i + 1)
}

/// Three hosts at 10.77.0.1 to 3, and a switch. Gone when it is dropped.
pub(crate) struct Net {
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

impl Net {
    /// `None`, and aloud, where the kernel does not let us.
    pub(crate) fn lay() -> Option<Self> {
        static LAID: AtomicU32 = AtomicU32::new(0);
        let number = LAID.fetch_add(1, Ordering::Relaxed);
        let net = Self {
            tag: format!("nz{}-{number}", std::process::id()),
        };
        match net.try_lay() {
            Ok(()) => Some(net),
            Err(why) => {
                eprintln!("SKIPPED: no network namespaces to be had here: {why}");
                None
            }
        }
    }

    fn try_lay(&self) -> Result<(), String> {
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

    /// Has `ip` do this on a host, or on the switch.
    pub(crate) fn ip(&self, host: &str, what: &str) -> Result<(), String> {
        let own = self.name(host);
        let arguments: Vec<_> = ["-n", &own].into_iter().chain(what.split(' ')).collect();
        ip(&arguments)
    }

    pub(crate) fn name(&self, host: &str) -> String {
        format!("{}-{host}", self.tag)
    }

    pub(crate) fn machines(&self) -> [Machine; 3] {
        NAMES.map(|host| Machine::new(host, Some(&self.name(host))))
    }

    /// Cuts a host off: what it sends goes nowhere, and nothing tells it so.
    pub(crate) fn cut(&self, host: &str) -> Result<(), String> {
        self.ip("switch", &format!("link set {host} nomaster"))
    }

    fn mend(&self, host: &str) {
        let again = format!("link set {host} master wires");
        self.ip("switch", &again).unwrap();
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        for host in NAMES.iter().chain(&["switch"]) {
            let _ = ip(&["netns", "del", &self.name(host)]);
        }
    }
}

/// A chain, a diamond and a map over the hosts: hundreds of epochs, as fast as they go.
fn all_tubes_give_what_they_give_in_one_process(net: &Net) {
    let [desk, lab, roof] = net.machines();
    for (tube, listen, remote) in [
        (CHAIN, "10.77.0.1:5600", "count,twice,four"),
        (DIAMOND, "0.0.0.0:5600", "left,right,sum"),
        (MAP, "10.77.0.1:5600", "twice,items"),
    ] {
        equals_one_process(&desk, [&lab, &roof], tube, listen, remote);
    }
}

#[test]
fn tubes_over_hosts_give_what_they_give_in_one_process() {
    let Some(net) = Net::lay() else { return };
    all_tubes_give_what_they_give_in_one_process(&net);
}

#[test]
fn a_bad_network_changes_nothing() {
    let Some(net) = Net::lay() else { return };
    let Some(weather) = Weather::over(&net) else {
        return;
    };
    all_tubes_give_what_they_give_in_one_process(&net);
    let (late, lost) = weather.ends();
    eprintln!("{late} packets were late, {lost} were lost");
    assert!(late > 1000 && lost > 0, "{late} late, {lost} lost");
}

/// A tube that runs for some seconds, so that it can be disturbed.
const LONG: &str = "
nodes:
  count: {type: test.count, params: {limit: 4000}}
  twice: {type: test.slow, params: {ms: 1}, depends: [{value: count.index}]}
  four: {type: test.double, depends: [{value: twice.value}]}
  return: {type: return, depends: four.value}
";

#[test]
fn a_network_that_is_cut_for_two_seconds_loses_and_doubles_nothing() {
    let Some(net) = Net::lay() else { return };
    let [desk, lab, roof] = net.machines();
    desk.allow(&[&lab, &roof]);
    let expected = desk.expected(LONG, &[]);
    let (mut run, at) = desk.serve(LONG, "10.77.0.1:5600", "twice,four", &[]);
    let mut nodes = [lab.host("twice", &at, &desk), roof.host("four", &at, &desk)];
    run.prints(300);
    net.cut("lab").unwrap();
    std::thread::sleep(Duration::from_secs(2));
    net.mend("lab");
    run.ends_well();
    assert_eq!(run.stdout(), expected);
    // By the same lifelines as before: nobody has joined again.
    let said = run.stderr();
    assert_eq!(said.matches("a host has joined").count(), 2, "{said}");
    for node in &mut nodes {
        node.ends_well();
    }
}

#[test]
fn a_host_that_stays_away_ends_the_run_and_ends_itself_within_ten_seconds() {
    let Some(net) = Net::lay() else { return };
    let [desk, lab, roof] = net.machines();
    desk.allow(&[&lab, &roof]);
    let endless = LONG.replace(", params: {limit: 4000}", "");
    let (mut run, at) = desk.serve(&endless, "10.77.0.1:5600", "twice,four", &[]);
    let mut away = lab.host("twice", &at, &desk);
    let mut other = roof.host("four", &at, &desk);
    run.prints(100);
    net.cut("lab").unwrap();
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
    lab.is_clean();
    roof.is_clean();
}
