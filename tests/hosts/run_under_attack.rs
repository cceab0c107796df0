//! A run that goes on while everybody who can does harm: strangers, a watcher, and the host of one of its own nodes.

use std::time::Instant;

use noob_zmq::runner::{RejectedCounts, RunReport};

use crate::attack::{IDLE, attack};
use crate::byzantine_host::liar;
use crate::host_fixture::{Machine, Started};
use crate::namespaces::Net;

/// `twice` is hosted by the liar, whose feed both `add` and the command node hear.
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

/// What a process holds: memory in KiB, now and at most, and descriptors.
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

fn serve(desk: &Machine, tube: &str) -> (Started, String) {
    let report = desk.path("report.json");
    let report = ["--report", report.to_str().unwrap()];
    desk.serve(tube, "10.77.0.1:5600", "twice,add", &report)
}

/// What the report of the run says of what was refused.
fn account(desk: &Machine) -> RejectedCounts {
    let report = std::fs::read_to_string(desk.path("report.json")).unwrap();
    let report: RunReport = serde_json::from_str(&report).unwrap();
    report.rejected
}

fn host_of_add(roof: &Machine, at: &str, runner: &Machine) -> Started {
    let key = roof.path("key");
    let key = key.to_str().unwrap();
    let mut arguments = vec!["node", "--join", at, "--server-key", runner.key()];
    arguments.extend(["--key", key, "--id", "add", "--listen", "10.77.0.3:5603"]);
    roof.start(&arguments)
}

#[test]
fn a_node_that_lies_changes_nothing_and_is_told_of() {
    let Some(net) = Net::lay() else { return };
    let [desk, lab, roof] = net.machines();
    desk.allow(&[&lab, &roof]);
    let tube = tube(300);
    let expected = desk.expected(&tube, &[]);
    let (mut run, at) = serve(&desk, &tube);
    let mut lies = liar(&lab, &at, &desk, "names");
    let mut honest = host_of_add(&roof, &at, &desk);
    run.ends_well();
    assert_eq!(run.stdout(), expected);
    lies.ends_well();
    honest.ends_well();
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
    // Those at the host of `add` too.
    assert!(refused.messages > 8, "{refused:?}");
    for said in [
        "the `event` message from `twice` speaks in the name of `count`",
        "a `stop` message is not for `twice` to send",
    ] {
        assert!(add.contains(said), "{said}: {add}");
    }
}

#[test]
fn a_run_under_attack_gives_what_it_gives() {
    let Some(net) = Net::lay() else { return };
    let [desk, lab, roof] = net.machines();
    let watcher = Machine::new("watcher", None);
    let nodes = [("node", &lab), ("node", &roof)];
    desk.allow_as(&[nodes[0], nodes[1], ("watch", &watcher)]);
    // Without an end; it goes on until it is told to stop.
    let (mut run, at) = serve(&desk, &tube(u32::MAX));
    let mut twice = lab.host("twice", &at, &desk);
    let mut add = host_of_add(&roof, &at, &desk);
    run.prints(100);
    let before = [run.pid(), add.pid()].map(held);
    let begun = Instant::now();
    let path = |machine: &Machine| machine.path("key").to_str().unwrap().to_owned();
    let words = [
        ("AT", at),
        ("HOST", "10.77.0.3:5603".to_owned()),
        ("NODE_KEY", path(&lab)),
        ("WATCH_KEY", path(&watcher)),
    ];
    let mut attack = attack(&lab, &words);
    attack.prints_line("WATCHING");
    let took = begun.elapsed();
    let told = Instant::now();
    desk.allow_as(&nodes);
    attack.prints_line("OVER");
    eprintln!(
        "a key that is taken out is cut off after {:?}",
        told.elapsed()
    );
    attack.ends_well();
    let after = [run.pid(), add.pid()].map(held);
    let so_far = run.stdout().lines().count();
    run.prints(so_far + 100);
    eprintln!(
        "the attack took {took:?}; memory, peak (KiB) and descriptors of the runner and of a host: {before:?}, then {after:?}"
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
    twice.ends_well();
    add.ends_well();

    let (runner, host) = (run.stderr(), add.stderr());
    let (attack, mut attacks) = (attack.stdout(), 0);
    for line in attack.lines().filter(|line| line.starts_with("ATTACK ")) {
        let [_, what, at, peer] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let log = if at.ends_with(":5600") {
            &runner
        } else {
            &host
        };
        let mark = format!("peer={peer} ");
        // A port may have been that of an idle connection before, which has its own line.
        let idle = ["too many others", "did not say who it is within"];
        let (before, lines): (Vec<_>, Vec<_>) = log
            .lines()
            .filter(|line| line.contains(&mark))
            .partition(|line| what != "slow" && idle.iter().any(|idle| line.contains(idle)));
        let expected = if what == "slow" { 1..=2 } else { 1..=1 };
        assert!(
            expected.contains(&lines.len()),
            "{what} {peer}: {lines:?}, {before:?}"
        );
        attacks += 1;
    }
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

/// The end of a log, without those who said nothing.
fn tail(log: &str) -> String {
    let lines: Vec<_> = log
        .lines()
        .filter(|line| {
            !line.contains("too many others") && !line.contains("did not say who it is within")
        })
        .collect();
    lines.join("\n")
}
