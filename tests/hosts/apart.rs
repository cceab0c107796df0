//! Runs over hosts that are network namespaces with a switch between them: all that they share is the network.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::machine::Machine;
use crate::together::{CHAIN, DIAMOND, MAP, equals_one_process};

const NAMES: [&str; 3] = ["desk", "lab", "roof"];

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
    pub(crate) fn lay(test: &str) -> Option<Self> {
        let net = Self {
            tag: format!("nz{}{test}", std::process::id()),
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
        let switch = self.name("switch");
        ip(&["netns", "add", &switch])?;
        ip(&[
            "-n", &switch, "link", "add", "name", "wires", "type", "bridge",
        ])?;
        ip(&["-n", &switch, "link", "set", "wires", "up"])?;
        for (i, host) in NAMES.iter().enumerate() {
            let own = self.name(host);
            ip(&["netns", "add", &own])?;
            ip(&[
                "-n", &switch, "link", "add", "name", host, "type", "veth", "peer", "name", "eth",
                "netns", &own,
            ])?;
            ip(&["-n", &switch, "link", "set", host, "master", "wires", "up"])?;
            let address = format!("10.77.0.{}/24", i + 1);
            ip(&["-n", &own, "address", "add", &address, "dev", "eth"])?;
            ip(&["-n", &own, "link", "set", "eth", "up"])?;
            ip(&["-n", &own, "link", "set", "lo", "up"])?;
        }
        Ok(())
    }

    pub(crate) fn name(&self, host: &str) -> String {
        format!("{}-{host}", self.tag)
    }

    pub(crate) fn machines(&self) -> [Machine; 3] {
        NAMES.map(|host| Machine::new(host, Some(&self.name(host))))
    }

    /// Cuts a host off: what it sends goes nowhere, and nothing tells it so.
    fn cut(&self, host: &str) {
        ip(&["-n", &self.name("switch"), "link", "set", host, "nomaster"]).unwrap();
    }

    fn mend(&self, host: &str) {
        ip(&[
            "-n",
            &self.name("switch"),
            "link",
            "set",
            host,
            "master",
            "wires",
        ])
        .unwrap();
    }

    /// Delays and loses what a host sends.
    fn worsen(&self, host: &str) -> Result<(), String> {
        let own = self.name(host);
        ip(&[
            "netns", "exec", &own, "tc", "qdisc", "add", "dev", "eth", "root", "netem", "delay",
            "20ms", "loss", "1%",
        ])
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        for host in NAMES.iter().chain(&["switch"]) {
            let _ = ip(&["netns", "del", &self.name(host)]);
        }
    }
}

#[test]
fn tubes_over_hosts_give_what_they_give_in_one_process() {
    let Some(net) = Net::lay("a") else { return };
    let [desk, lab, roof] = net.machines();
    equals_one_process(
        &desk,
        [&lab, &roof],
        CHAIN,
        "10.77.0.1:5600",
        "count,twice,four",
    );
    equals_one_process(
        &desk,
        [&lab, &roof],
        DIAMOND,
        "0.0.0.0:5600",
        "left,right,sum",
    );
    equals_one_process(&desk, [&lab, &roof], MAP, "10.77.0.1:5600", "twice,items");
}

#[test]
fn a_bad_network_changes_nothing() {
    let Some(net) = Net::lay("b") else { return };
    for host in NAMES {
        if let Err(why) = net.worsen(host) {
            eprintln!("SKIPPED: no delay and loss to be had here: {why}");
            return;
        }
    }
    let [desk, lab, roof] = net.machines();
    equals_one_process(
        &desk,
        [&lab, &roof],
        DIAMOND,
        "10.77.0.1:5600",
        "left,right,sum",
    );
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
    let Some(net) = Net::lay("c") else { return };
    let [desk, lab, roof] = net.machines();
    desk.allow(&[&lab, &roof]);
    let expected = desk.expected(LONG, &[]);
    let (mut run, at) = desk.serve(LONG, "10.77.0.1:5600", "twice,four", &[]);
    let mut nodes = [lab.host("twice", &at, &desk), roof.host("four", &at, &desk)];
    run.prints(300);
    net.cut("lab");
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
    let Some(net) = Net::lay("d") else { return };
    let [desk, lab, roof] = net.machines();
    desk.allow(&[&lab, &roof]);
    let endless = LONG.replace(", params: {limit: 4000}", "");
    let (mut run, at) = desk.serve(&endless, "10.77.0.1:5600", "twice,four", &[]);
    let mut away = lab.host("twice", &at, &desk);
    let mut other = roof.host("four", &at, &desk);
    run.prints(100);
    net.cut("lab");
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
