//! Groups of nodes that share one process: which nodes may, and which process a node has.
//!
//! A group changes where nodes run, and nothing else: each member keeps its identity, its sockets
//! and its status. The checks are made at the start of a run, by [`NodeGroups::resolve`].

use std::collections::{BTreeSet, HashMap, VecDeque};

use noob_zmq_spec::suggest::nearest;

use super::program::NodePrograms;
use crate::graph::{Name, Supervision, Tube, TubeNodeKind};
use crate::runner::RunError;

/// Checked groups of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct NodeGroups {
    groups: Vec<Vec<Name>>,
    /// Place of the group of each grouped node.
    places: HashMap<Name, usize>,
}

impl NodeGroups {
    /// Returns the groups of a tube, from the lists of names that the caller has given.
    ///
    /// # Errors
    /// [`RunError::CannotGroup`] for the first group that cannot be a process, with the reason.
    pub(super) fn resolve(
        tube: &Tube,
        given: &[Vec<String>],
        remote: &BTreeSet<Name>,
        (programs, defaults): (&NodePrograms, Supervision),
    ) -> Result<Self, RunError> {
        let mut groups = Self::default();
        for names in given {
            let checked = groups
                .members(tube, names)
                .and_then(|members| {
                    check_hosts(&members, remote)?;
                    check_shape(tube, &members)?;
                    check_rules(tube, &members, defaults)?;
                    check_programs(tube, &members, programs)?;
                    Ok(members)
                })
                .map_err(|reason| RunError::CannotGroup {
                    tube: tube.id.clone(),
                    group: names.join("`, `"),
                    reason,
                })?;
            let place = groups.groups.len();
            let names = checked.iter().map(|name| (name.clone(), place));
            groups.places.extend(names);
            groups.groups.push(checked);
        }
        Ok(groups)
    }

    /// Returns the nodes of the process of a node, in the order of the tube.
    pub(super) fn members_of(&self, node: &Name) -> Vec<Name> {
        let group = self.places.get(node).and_then(|at| self.groups.get(*at));
        group.map_or_else(|| vec![node.clone()], Clone::clone)
    }

    /// Returns the node that stands for the process of a node: the first of its group.
    pub(super) fn process_of(&self, node: &Name) -> Name {
        let group = self.places.get(node).and_then(|at| self.groups.get(*at));
        let first = group.and_then(|group| group.first());
        first.unwrap_or(node).clone()
    }

    /// Returns the named nodes in the order of the tube.
    fn members(&self, tube: &Tube, names: &[String]) -> Result<Vec<Name>, String> {
        let unknown: Vec<&String> = names
            .iter()
            .filter(|name| !tube.nodes.contains_key(name.as_str()))
            .collect();
        if !unknown.is_empty() {
            return Err(describe_unknown(tube, &unknown));
        }
        let mut seen = BTreeSet::new();
        let twice: BTreeSet<&str> = names
            .iter()
            .filter(|name| !seen.insert(name.as_str()) || self.places.contains_key(name.as_str()))
            .map(String::as_str)
            .collect();
        if !twice.is_empty() {
            return Err(format!(
                "{} named twice; a node has one process",
                are(&quoted(twice))
            ));
        }
        let returns = |name: &&str| {
            let node = tube.nodes.get(*name);
            node.is_some_and(|node| node.kind == TubeNodeKind::Return)
        };
        if let Some(name) = seen.iter().copied().find(returns) {
            return Err(format!(
                "`{name}` is what the runner itself returns, and has no process; leave it out"
            ));
        }
        if seen.is_empty() {
            return Err("the group has no node".to_owned());
        }
        let nodes = tube.nodes.keys();
        Ok(nodes
            .filter(|name| seen.contains(&***name))
            .cloned()
            .collect())
    }
}

fn describe_unknown(tube: &Tube, unknown: &[&String]) -> String {
    let mut text = format!(
        "the tube has no {}",
        match unknown {
            [one] => format!("node `{one}`"),
            several => format!("nodes {}", quoted(several.iter().map(|name| name.as_str()))),
        }
    );
    let near = unknown
        .iter()
        .find_map(|name| nearest(name, tube.nodes.keys()));
    match near {
        Some(near) => text += &format!("; did you mean `{near}`?"),
        None => {
            let known = tube.nodes.values();
            let known = known.filter(|node| node.kind != TubeNodeKind::Return);
            text += &format!("; it has {}", quoted(known.map(|node| &*node.id)));
        }
    }
    text
}

fn check_hosts(members: &[Name], remote: &BTreeSet<Name>) -> Result<(), String> {
    let elsewhere: Vec<&str> = members
        .iter()
        .filter(|name| remote.contains(*name))
        .map(|name| &**name)
        .collect();
    if elsewhere.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} left to another host, where each node has a process of its own",
        are(&quoted(elsewhere))
    ))
}

/// Checks that the members are connected, and that no path leaves the group and comes back.
fn check_shape(tube: &Tube, members: &[Name]) -> Result<(), String> {
    let inside: BTreeSet<&Name> = members.iter().collect();
    let Some(first) = members.first() else {
        return Ok(());
    };
    let reached = reach(first, |from| {
        let edges = tube.edges.iter();
        let both = edges.flat_map(|edge| {
            let (source, target) = (&edge.source_node, &edge.target_node);
            [(source, target), (target, source)]
        });
        both.filter(|(source, target)| *source == from && inside.contains(target))
            .map(|(_, target)| target)
            .collect()
    });
    let apart: Vec<&str> = members
        .iter()
        .filter(|name| !reached.contains(name))
        .map(|name| &**name)
        .collect();
    if !apart.is_empty() {
        return Err(format!(
            "{} not connected to `{first}` by edges within the group; make two groups of them",
            are(&quoted(apart))
        ));
    }
    let fed = |node: &Name| -> Vec<&Name> {
        let edges = tube.edges.iter().filter(|edge| edge.source_node == *node);
        edges.map(|edge| &edge.target_node).collect()
    };
    let leaving = members.iter().flat_map(fed);
    for outside in leaving.filter(|node| !inside.contains(node)) {
        // Paths end where they come back: what is behind that has nothing to do with the group.
        let behind = reach(outside, |from| {
            if inside.contains(from) {
                Vec::new()
            } else {
                fed(from)
            }
        });
        if let Some(back) = members.iter().find(|name| behind.contains(name)) {
            return Err(format!(
                "a path leaves the group to `{outside}` and comes back to `{back}`; add the nodes \
                 of the path to the group, or leave `{back}` out"
            ));
        }
    }
    Ok(())
}

/// Returns everything that is reached from a node.
fn reach<'t>(first: &'t Name, next: impl Fn(&Name) -> Vec<&'t Name>) -> BTreeSet<&'t Name> {
    let mut reached = BTreeSet::from([first]);
    let mut open = VecDeque::from([first]);
    while let Some(node) = open.pop_front() {
        for other in next(node) {
            if reached.insert(other) {
                open.push_back(other);
            }
        }
    }
    reached
}

/// Checks that all members have the same rule for restarts: their process is restarted as one.
fn check_rules(tube: &Tube, members: &[Name], defaults: Supervision) -> Result<(), String> {
    let rule = |name: &Name| {
        let node = tube.nodes.get(name);
        let own = node.map(|node| node.supervision.or(defaults).restart);
        own.flatten().unwrap_or_default()
    };
    let Some(first) = members.first() else {
        return Ok(());
    };
    let others: Vec<&str> = members
        .iter()
        .filter(|name| rule(name) != rule(first))
        .map(|name| &**name)
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} another `restart` rule than `{first}`, and the process of a group is started again as \
         one; give them the same rule in the tube",
        match &*others {
            [one] => format!("`{one}` has"),
            several => format!("{} have", quoted(several.iter().copied())),
        }
    ))
}

fn check_programs(tube: &Tube, members: &[Name], programs: &NodePrograms) -> Result<(), String> {
    let program = |name: &Name| tube.nodes.get(name).and_then(|node| programs.of(node));
    let Some(first) = members.first() else {
        return Ok(());
    };
    let own = program(first);
    let other = members.iter().find(|name| program(name) != own);
    other.map_or(Ok(()), |other| {
        Err(format!(
            "`{other}` runs another program than `{first}`, and a process runs one"
        ))
    })
}

fn quoted<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// Returns the names as the subject of a sentence in the passive.
fn are(names: &str) -> String {
    let verb = if names.contains("`, `") { "are" } else { "is" };
    format!("{names} {verb}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Map;

    const TUBE: &str = "
noob_id: groups
nodes:
  a: {type: noob_zmq.node.tests.count, params: {start: 0}}
  b: {type: noob_zmq.node.tests.multiply, depends: [{left: a.index}]}
  c: {type: noob_zmq.node.tests.multiply, depends: [{left: b.value}], restart: on-failure}
  d: {type: noob_zmq.node.tests.multiply, depends: [{left: b.value}, {right: c.value}]}
  return: {type: return, depends: d.value}
";

    fn resolve(given: &[&[&str]]) -> Result<NodeGroups, String> {
        let tube = crate::tube::from_text("groups.yaml", TUBE, Map::new());
        let tube = tube.unwrap_or_else(|errors| panic!("{errors}"));
        let owned = |names: &&[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let given: Vec<Vec<String>> = given.iter().map(owned).collect();
        let remote = BTreeSet::from([Name::from("d")]);
        let settings = (&NodePrograms::default(), Supervision::default());
        NodeGroups::resolve(&tube, &given, &remote, settings).map_err(|error| error.to_string())
    }

    #[test]
    fn members_have_one_process_and_others_their_own() {
        let groups = resolve(&[&["b", "a"]]).unwrap();
        let [a, b, c] = ["a", "b", "c"].map(Name::from);
        assert_eq!(groups.members_of(&b), [a.clone(), b.clone()]);
        assert_eq!(
            (groups.process_of(&b), groups.process_of(&a)),
            (a.clone(), a)
        );
        assert_eq!(groups.members_of(&c), vec![c.clone()]);
        assert_eq!(groups.process_of(&c), c);
    }

    #[test]
    fn reason_names_the_nodes() {
        let reason = |given: &[&[&str]]| resolve(given).unwrap_err();
        let all = reason(&[&["a", "x", "y"]]);
        assert!(
            all.starts_with("the nodes `a`, `x`, `y` of the tube `groups`"),
            "{all}"
        );
        assert!(all.contains("no nodes `x`, `y`"), "{all}");
        assert!(reason(&[&["a", "b"], &["b", "c"]]).contains("`b` is named twice"));
        assert!(reason(&[&["a", "a"]]).contains("`a` is named twice"));
        assert!(reason(&[&["a", "return"]]).contains("`return` is what the runner"));
        assert!(reason(&[&["a", "c"]]).contains("`c` is not connected to `a`"));
        assert!(reason(&[&["b", "c"]]).contains("`c` has another `restart` rule than `b`"));
        assert!(reason(&[&["b", "d"]]).contains("`d` is left to another host"));
        assert!(reason(&[&[]]).contains("no node"));
    }

    #[test]
    fn path_that_comes_back_is_an_error() {
        let tube = crate::tube::from_text("groups.yaml", TUBE, Map::new()).unwrap();
        let [b, d] = ["b", "d"].map(Name::from);
        let reason = check_shape(&tube, &[b, d]).unwrap_err();
        assert!(
            reason.contains("leaves the group to `c` and comes back to `d`"),
            "{reason}"
        );
        let whole = ["a", "b", "c", "d"].map(Name::from);
        assert_eq!(check_shape(&tube, &whole), Ok(()));
    }
}
