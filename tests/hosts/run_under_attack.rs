//! A run that is attacked by unknown peers, by a watcher, and by the host of one of its own nodes.

use std::collections::BTreeMap;
use std::time::Instant;

use noob_zmq::runner::{RejectedCounts, RunReport};

use crate::attack::{IDLE, attack};
use crate::byzantine_host::start_byzantine_host;
use crate::host_fixture::{RunningCommand, TestHost};
use crate::namespaces::{NamespaceNet, hosts_of};

/// `twice` runs on the byzantine host, whose events both `add` and the command node receive.
const TUBE: &str = "
nodes:
  count: {type: test.count, params: {limit: LIMIT}}
  slow: {type: test.slow, params: {ms: 5}, depends: [{value: count.index}]}
  twice: {type: test.double, depends: [{value: slow.value}]}
  add: {type: test.add, depends: [{left: twice.value}, {right: count.index}]}
  return: {type: return, depends: add.value}
";

fn tube(limit: u32) -> String {
    TUBE.replace("LIMIT", &limit.to_string())
}

/// Returns the resources of a process: current and peak memory in KiB, and open descriptors.
fn held(pid: u32) -> (u64, u64, usize) {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.unwrap_or_else(|| panic!("no {name}"))
    };
    let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap();
    (field("VmRSS:"), field("VmHWM:"), descriptors.count())
}

fn serve(desk: &TestHost, tube: &str) -> (RunningCommand, String) {
    let report = desk.path("report.json");
    let report = ["--report", report.to_str().unwrap()];
    desk.run_with_remote(tube, "10.77.0.1:5600", "twice,add", &report)
}

/// Returns the counts of rejected connections and messages in the report of the run.
fn account(desk: &TestHost) -> RejectedCounts {
    let report = std::fs::read_to_string(desk.path("report.json")).unwrap();
    let report: RunReport = serde_json::from_str(&report).unwrap();
    report.rejected
}

fn host_of_add(roof: &TestHost, at: &str, runner: &TestHost) -> RunningCommand {
    let key = roof.path("key");
    let key = key.to_str().unwrap();
    let mut arguments = vec!["node", "--join", at, "--server-key", runner.key()];
    arguments.extend(["--key", key, "--id", "add", "--listen", "10.77.0.3:5603"]);
    roof.start(&arguments)
}

#[test]
fn byzantine_node_is_ignored_and_reported() {
    let Some(net) = NamespaceNet::create() else {
        return;
    };
    let [desk, lab, roof] = hosts_of(&net);
    desk.allow(&[&lab, &roof]);
    let tube = tube(300);
    let expected = desk.run_in_one_process(&tube, &[]);
    let (mut run, at) = serve(&desk, &tube);
    let mut lies = start_byzantine_host(&lab, &at, &desk, "names");
    let mut honest = host_of_add(&roof, &at, &desk);
    run.wait_for_success();
    assert_eq!(run.stdout(), expected);
    lies.wait_for_success();
    honest.wait_for_success();
    let (runner, add) = (run.stderr(), honest.stderr());
    for said in [
        "the `event` message from `twice` speaks in the name of `count`",
        "the `identify` message from `twice` speaks in the name of `add`",
        "that is not where the node `twice` is",
        "of a kind that neither the spec nor an add-on names",
        "messages that were dropped",
    ] {
        assert!(runner.contains(said), "{said}: {runner}");
    }
    let refused = account(&desk);
    assert_eq!((refused.connections, refused.links), (0, 0));
    // Including those that the host of `add` rejected.
    assert!(refused.messages > 8, "{refused:?}");
    for said in [
        "the `event` message from `twice` speaks in the name of `count`",
        "a `stop` message is not for `twice` to send",
    ] {
        assert!(add.contains(said), "{said}: {add}");
    }
}

#[test]
fn run_under_attack_gives_its_results() {
    let Some(net) = NamespaceNet::create() else {
        return;
    };
    let [desk, lab, roof] = hosts_of(&net);
    let watcher = TestHost::new("watcher", None);
    let nodes = [("node", &lab), ("node", &roof)];
    desk.allow_as(&[nodes[0], nodes[1], ("watch", &watcher)]);
    // Without an end: the run goes on until it is interrupted.
    let (mut run, at) = serve(&desk, &tube(u32::MAX));
    let mut twice = lab.host_node("twice", &at, &desk);
    let mut add = host_of_add(&roof, &at, &desk);
    run.wait_for_lines(100);
    let before = [run.pid(), add.pid()].map(held);
    let begun = Instant::now();
    let path = |machine: &TestHost| machine.path("key").to_str().unwrap().to_owned();
    let words = [
        ("AT", at),
        ("HOST", "10.77.0.3:5603".to_owned()),
        ("NODE_KEY", path(&lab)),
        ("WATCH_KEY", path(&watcher)),
    ];
    let mut attack = attack(&lab, &words);
    attack.wait_for_line("WATCHING");
    let took = begun.elapsed();
    let told = Instant::now();
    desk.allow_as(&nodes);
    attack.wait_for_line("OVER");
    eprintln!(
        "a key that is taken out is cut off after {:?}",
        told.elapsed()
    );
    attack.wait_for_success();
    let after = [run.pid(), add.pid()].map(held);
    let so_far = run.stdout().lines().count();
    run.wait_for_lines(so_far + 100);
    eprintln!(
        "the attack took {took:?}; memory, peak (KiB) and descriptors of the runner and of a host: \
         {before:?}, then {after:?}"
    );
    for (before, after) in before.iter().zip(&after) {
        assert!(after.1 < before.0 + (96 << 10), "{before:?} {after:?}");
        assert!(after.2 <= before.2 + 8, "{before:?} {after:?}");
    }
    run.interrupt();
    run.end();
    for (epoch, line) in run.stdout().lines().enumerate() {
        assert_eq!(line, (3 * epoch).to_string());
    }
    twice.wait_for_success();
    add.wait_for_success();

    let (runner, host) = (run.stderr(), add.stderr());
    let attack = attack.stdout();
    // Several attacks may have had the same port, one after the other.
    let mut attacks: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in attack.lines().filter(|line| line.starts_with("ATTACK ")) {
        let [_, what, at, peer] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        attacks.entry((at, peer)).or_default().push(what);
    }
    for (&(at, peer), whats) in &attacks {
        let log = if at.ends_with(":5600") {
            &runner
        } else {
            &host
        };
        let mark = format!("peer={peer} ");
        let slow = whats.iter().filter(|what| **what == "slow").count();
        // A port may have been that of an idle connection before, which has its own line.
        let idle = ["too many others", "did not say who it is within"];
        let (before, lines): (Vec<_>, Vec<_>) = log
            .lines()
            .filter(|line| line.contains(&mark))
            .partition(|line| slow == 0 && idle.iter().any(|idle| line.contains(idle)));
        assert!(
            (whats.len()..=whats.len() + slow).contains(&lines.len()),
            "{whats:?} {peer}: {lines:?}, {before:?}"
        );
    }
    let attacks: usize = attacks.values().map(Vec::len).sum();
    assert!(attacks > 25, "{attack}");
    for said in [
        "the `status` message from `twice` speaks in the name of `add`",
        "speaks in the name of `add`, which its key does not host",
        "it did not say who it is",
    ] {
        assert!(runner.contains(said), "{said}: {}", tail(&runner));
    }
    let refused = account(&desk);
    assert!(refused.connections > IDLE as u64, "{refused:?}");
    assert!(refused.links >= 5 && refused.messages >= 6, "{refused:?}");
    for (log, gate) in [(&runner, ":5600"), (&host, ":5603")] {
        let refused = log.matches("refused: ").count();
        assert!(refused > IDLE, "{gate}: {refused}");
    }
}

/// Returns the log without the lines of silent connections.
fn tail(log: &str) -> String {
    let lines: Vec<_> = log
        .lines()
        .filter(|line| {
            !line.contains("too many others") && !line.contains("did not say who it is within")
        })
        .collect();
    lines.join("\n")
}
