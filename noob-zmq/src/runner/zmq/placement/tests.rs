//! A placement is compared with a tube: places are found, and mistakes are reported.

use super::{Placed, Placement};
use crate::graph::{Map, Name, Tube};

const TUBE: &str = "
noob_id: rig
nodes:
  a: {type: noob_zmq.node.tests.count, params: {start: 0}}
  b: {type: noob_zmq.node.tests.multiply, depends: [{left: a.index}]}
  c: {type: noob_zmq.node.tests.multiply, depends: [{left: b.value}]}
  d: {type: noob_zmq.node.tests.multiply, depends: [{left: c.value}]}
  return: {type: return, depends: d.value}
";

fn tube() -> Tube {
    crate::tube::from_text("rig.yaml", TUBE, Map::new()).unwrap()
}

fn placed(text: &str) -> Placed {
    let placement = Placement::from_text("p.yaml", text).unwrap();
    placement.placed(&tube()).unwrap()
}

/// Returns each mistake as `line:column: text; help`.
fn mistakes(text: &str) -> Vec<String> {
    let placement = Placement::from_text("p.yaml", text).unwrap();
    let errors = placement.check(&tube()).unwrap_err();
    let lines = errors.diagnostics().iter();
    lines
        .map(|one| one.with_help().replacen("p.yaml:", "", 1))
        .collect()
}

#[test]
fn nodes_of_a_label_are_dealt_out_in_the_order_of_the_tube() {
    let placed = placed(
        "runner: desk
hosts: {desk: {labels: [any]}, lab: {labels: [any]}, rig: {labels: [any]}}
nodes: {d: {label: any}, c: {label: any}, b: {label: any}, a: {label: any}}
",
    );
    let elsewhere: Vec<(&str, &str)> = placed
        .elsewhere
        .iter()
        .map(|(node, host)| (&**node, &**host))
        .collect();
    assert_eq!(elsewhere, [("b", "lab"), ("c", "rig")]);
}

#[test]
fn settings_of_a_node_come_before_those_of_its_host() {
    let placed = placed(
        "runner: desk
hosts: {desk: {nice: 5, cpus: 0, environment: {A: 1, B: 2}, program: tool}}
nodes: {d: {nice: 7, environment: {B: 3}, program: [./own, -x]}}
groups: {quick: {nodes: [c, b], memory: 1 GiB}}
",
    );
    let of = |node: &str| &placed.processes[node];
    assert_eq!(
        (of("a").limits.nice, of("a").limits.memory),
        (Some(5), None)
    );
    let d = of("d");
    assert_eq!((d.limits.nice, &*d.limits.cpus), (Some(7), &[0][..]));
    assert_eq!((&*d.environment["A"], &*d.environment["B"]), ("1", "3"));
    let (path, args) = d.program.clone().unwrap();
    assert_eq!((path.to_str(), &*args), (Some("./own"), &["-x".into()][..]));
    assert_eq!(of("b"), of("c"));
    assert_eq!(of("b").limits.memory, Some(1 << 30));
    let members: Vec<Name> = vec!["b".into(), "c".into()];
    assert_eq!(placed.groups.get("quick"), Some(&members));
}

#[test]
fn program_counts_from_the_folder_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.yaml");
    std::fs::write(&path, "nodes: {a: {program: bin/tool}, b: {program: tool}}").unwrap();
    let placed = Placement::load(&path).unwrap().placed(&tube()).unwrap();
    let program = |node: &str| placed.processes[node].program.clone().unwrap().0;
    assert_eq!(program("a"), folder.path().join("bin/tool"));
    assert_eq!(program("b"), std::path::Path::new("tool"));
}

#[test]
fn names_that_are_no_nodes_are_mistakes() {
    assert_eq!(
        mistakes("nodes: {camera: {nice: 1}, return: {nice: 1}}\ngroups: {g: {nodes: [a, e]}}"),
        [
            "1:9: the tube `rig` has no node `camera`; it has `a`, `b`, `c` and `d`",
            "1:28: node `return` is what the runner itself returns, and has no process; leave it \
             out",
            "2:25: the tube `rig` has no node `e`; it has `a`, `b`, `c` and `d`",
        ]
    );
}

#[test]
fn group_that_cannot_be_a_process_is_a_mistake() {
    assert_eq!(
        mistakes("groups:\n  g: {nodes: [a, c]}\n"),
        [
            "2:3: the nodes of group `g` cannot share a process: `c` is not connected to `a` by \
             edges within the group; make two groups of them"
        ]
    );
    assert_eq!(
        mistakes("hosts: {lab: }\ngroups: {g: {nodes: [a, b], host: lab}}\n"),
        [
            "2:35: group `g` is on host `lab`, where each node has a process of its own; place \
             its nodes there one by one, below `nodes:`, or leave the group on the host of the \
             runner"
        ]
    );
}

#[cfg(feature = "remote")]
#[test]
fn settings_of_a_node_on_another_host_are_those_of_its_agent() {
    let placed = placed(
        "hosts:
  lab: {labels: [x], ssh: me@lab, nice: 3, program: [env/bin/python, -m, noob_zmq]}
  rig: {program: tool}
nodes:
  a: {label: x, cpus: 1}
  b: {host: rig, program: ./own}
  c: {host: rig}
",
    );
    let of = |node: &str| placed.processes.get(node).cloned().unwrap_or_default();
    assert_eq!(
        (of("a").limits.nice, &*of("a").limits.cpus),
        (Some(3), &[1][..])
    );
    assert_eq!(of("a").program, None);
    let path = |node| of(node).program.unwrap().0;
    assert_eq!(
        (path("b").to_str(), path("c").to_str()),
        (Some("./own"), Some("tool"))
    );
    let lab = &placed.hosts["lab"];
    assert_eq!(lab.ssh.as_deref(), Some("me@lab"));
    assert_eq!(lab.agent.len(), 3);
    assert!(lab.nodes.keys().eq([&Name::from("a")]));
    assert_eq!(
        placed.node_without_ssh().map(|(node, _)| &**node),
        Some("b")
    );
}
