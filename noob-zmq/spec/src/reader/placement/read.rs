//! Text to [`PlacementSpec`]: checks keys, kinds of values, and names of hosts and labels.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::keys;
use super::mistake::PlacementMistake;
use super::spec::{GroupSpec, HostSpec, PlacedNodeSpec, PlacementSpec, Target};
use crate::reader::keys::{Key, names};
use crate::reader::yaml::{self, Data, Mapping, Pair, Yaml};
use crate::reader::{DiagnosticKind, Diagnostics, Name, Place, Source, Spanned};
use crate::suggest::nearest;

const SSH_TARGET: &str = "a target of ssh, such as `lab-1` or `user@lab-1`";
const PUBLIC_KEY: &str = "a public key, the 43 characters that `noob-zmq keygen` printed";

/// Reads the raw form of a placement; `None` if the text is no placement at all.
///
/// Mistakes go to `diagnostics`, which must have the text as its first.
pub fn read(source: &Source, diagnostics: &mut Diagnostics) -> Option<PlacementSpec> {
    let tree = yaml::read(source, 0, diagnostics)?;
    let mut reader = Reader { diagnostics };
    let Some(map) = tree.as_map() else {
        let what = "a placement".to_owned();
        reader.wrong(
            tree.place,
            what,
            "a mapping with `hosts`, `nodes` or `groups`",
            &tree,
        );
        return None;
    };
    reader.known_keys(map, "a placement", keys::PLACEMENT);
    let spec = PlacementSpec {
        source: source.clone(),
        runner: map.get("runner").and_then(|pair| {
            let text = reader.text(&pair.value, pair.value_place(), "`runner`".into())?;
            Some(Spanned::new(text, pair.value.place))
        }),
        hosts: reader.section(map, "hosts", Reader::host),
        nodes: reader.section(map, "nodes", Reader::node),
        groups: reader.section(map, "groups", Reader::group),
    };
    reader.check(&spec);
    Some(spec)
}

/// Reader of the parts of a placement, which reports the mistakes in each.
pub(super) struct Reader<'d> {
    diagnostics: &'d mut Diagnostics,
}

impl Reader<'_> {
    fn mistake(&mut self, place: Place, mistake: PlacementMistake) {
        let kind = DiagnosticKind::Placement(Box::new(mistake));
        self.diagnostics.push(place, kind);
    }

    pub(super) fn wrong(
        &mut self,
        place: Place,
        what: String,
        expected: &'static str,
        found: &Yaml,
    ) {
        let found = found.describe();
        let mistake = PlacementMistake::WrongValue {
            what,
            expected,
            found,
        };
        self.mistake(place, mistake);
    }

    fn known_keys(&mut self, map: &Mapping, owner: &'static str, known: &'static [Key]) {
        for (key, pair) in map {
            // Such a key holds values with anchors, which other places repeat.
            let holds_anchors = owner == "a placement" && key.starts_with("x-");
            if !holds_anchors && !known.iter().any(|known| known.name == &**key) {
                let kind = DiagnosticKind::UnknownKey {
                    owner,
                    key: key.clone(),
                    known: names(known),
                };
                self.diagnostics.push(pair.key, kind);
            }
        }
    }

    /// Returns a text, or reports that there is none.
    pub(super) fn text(&mut self, value: &Yaml, place: Place, what: String) -> Option<Name> {
        match value.as_text().filter(|text| !text.is_empty()) {
            Some(text) => Some(text.clone()),
            None => {
                self.wrong(place, what, "a text", value);
                None
            }
        }
    }

    /// Returns a list of texts, or reports what is none.
    pub(super) fn texts(
        &mut self,
        pair: &Pair,
        what: &str,
        expected: &'static str,
    ) -> Vec<Spanned<Name>> {
        let Data::List(items) = &pair.value.data else {
            self.wrong(pair.value_place(), what.to_owned(), expected, &pair.value);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items {
            let text = self.text(item, item.place, format!("an item of {what}"));
            texts.extend(text.map(|text| Spanned::new(text, item.place)));
        }
        texts
    }

    /// Reads the entries of a section.
    fn section<T>(
        &mut self,
        map: &Mapping,
        section: &str,
        entry: fn(&mut Self, &Name, &Pair) -> Option<T>,
    ) -> IndexMap<Name, T> {
        let Some(pair) = map.get(section) else {
            return IndexMap::new();
        };
        let Some(entries) = pair.value.as_map() else {
            let expected = "a mapping of names";
            self.wrong(
                pair.value_place(),
                format!("`{section}`"),
                expected,
                &pair.value,
            );
            return IndexMap::new();
        };
        let read = |(name, pair): (&Name, &Pair)| Some((name.clone(), entry(self, name, pair)?));
        entries.iter().filter_map(read).collect()
    }

    fn host(&mut self, name: &Name, pair: &Pair) -> Option<HostSpec> {
        let owner = format!("host `{name}`");
        let id = Spanned::new(name.clone(), pair.key);
        if pair.value.is_null() {
            return Some(HostSpec {
                id,
                labels: Vec::new(),
                ssh: None,
                key: None,
                process: Default::default(),
            });
        }
        let map = self.entry(&owner, pair)?;
        self.known_keys(map, "a host", keys::HOST);
        let labels = map.get("labels").map(|labels| {
            let what = format!("`labels` of {owner}");
            self.texts(labels, &what, "a list of words")
        });
        Some(HostSpec {
            id,
            labels: labels.unwrap_or_default(),
            ssh: self.checked_text(map, "ssh", &owner, SSH_TARGET, is_ssh_target),
            key: self.checked_text(map, "key", &owner, PUBLIC_KEY, is_public_key),
            process: self.process(map, &owner),
        })
    }

    /// Returns the text of a key of a host, or reports that it is none.
    fn checked_text(
        &mut self,
        map: &Mapping,
        key: &str,
        owner: &str,
        expected: &'static str,
        is_valid: fn(&str) -> bool,
    ) -> Option<Spanned<Name>> {
        let pair = map.get(key)?;
        match pair.value.as_text().filter(|text| is_valid(text)) {
            Some(text) => Some(Spanned::new(text.clone(), pair.key)),
            None => {
                let what = format!("`{key}` of {owner}");
                self.wrong(pair.value_place(), what, expected, &pair.value);
                None
            }
        }
    }

    fn node(&mut self, name: &Name, pair: &Pair) -> Option<PlacedNodeSpec> {
        let owner = format!("node `{name}`");
        let map = self.entry(&owner, pair)?;
        self.known_keys(map, "a node of a placement", keys::NODE);
        Some(PlacedNodeSpec {
            id: Spanned::new(name.clone(), pair.key),
            target: self.target(map, &owner),
            process: self.process(map, &owner),
        })
    }

    fn group(&mut self, name: &Name, pair: &Pair) -> Option<GroupSpec> {
        let owner = format!("group `{name}`");
        let map = self.entry(&owner, pair)?;
        self.known_keys(map, "a group", keys::GROUP);
        let members = match map.get("nodes") {
            None => {
                let (owner, key) = (owner.clone(), "nodes");
                let kind = DiagnosticKind::MissingKey { owner, key };
                self.diagnostics.push(pair.key, kind);
                Vec::new()
            }
            Some(nodes) => {
                let before = self.diagnostics.errors();
                let what = format!("`nodes` of {owner}");
                let members = self.texts(nodes, &what, "a list of nodes");
                if members.is_empty() && self.diagnostics.errors() == before {
                    let group = name.clone();
                    self.mistake(nodes.value_place(), PlacementMistake::EmptyGroup { group });
                }
                members
            }
        };
        Some(GroupSpec {
            id: Spanned::new(name.clone(), pair.key),
            members,
            target: self.target(map, &owner),
            process: self.process(map, &owner),
        })
    }

    /// Returns the keys of an entry.
    fn entry<'m>(&mut self, owner: &str, pair: &'m Pair) -> Option<&'m Mapping> {
        let map = pair.value.as_map();
        if map.is_none() {
            let (what, expected) = (owner.to_owned(), "a mapping of its settings");
            self.wrong(pair.value_place(), what, expected, &pair.value);
        }
        map
    }

    fn target(&mut self, map: &Mapping, owner: &str) -> Option<Spanned<Target>> {
        let mut read = |key: &str| {
            let pair = map.get(key)?;
            let what = format!("`{key}` of {owner}");
            let text = self.text(&pair.value, pair.value_place(), what)?;
            Some(Spanned::new(text, pair.value.place))
        };
        let (host, label) = (read("host"), read("label"));
        if let (Some(host), Some(label)) = (&host, &label) {
            let owner = owner.to_owned();
            let second = host.place.max(label.place);
            self.mistake(second, PlacementMistake::HostAndLabel { owner });
        }
        let host = host.map(|host| Spanned::new(Target::Host(host.value), host.place));
        host.or_else(|| label.map(|label| Spanned::new(Target::Label(label.value), label.place)))
    }

    /// Checks what the parts of a placement say of each other.
    fn check(&mut self, spec: &PlacementSpec) {
        if let Some(runner) = &spec.runner {
            self.check_host(spec, "`runner`".to_owned(), &runner.value, runner.place);
        }
        for (owner, target) in targets(spec) {
            let Some(target) = target else { continue };
            match &target.value {
                Target::Host(host) => self.check_host(spec, owner, host, target.place),
                Target::Label(label) => self.check_label(spec, owner, label, target.place),
            }
        }
        for host in spec.hosts.values() {
            let name = &host.id.value;
            let set = [("ssh", &host.ssh), ("key", &host.key)];
            let set = set.map(|(key, value)| Some((key, value.as_ref()?.place)));
            match set {
                _ if spec.is_runner(name) => {
                    for (key, place) in set.into_iter().flatten() {
                        let host = name.clone();
                        self.mistake(place, PlacementMistake::NoEffect { key, host });
                    }
                }
                [Some(_), Some((_, place))] => {
                    let host = name.clone();
                    self.mistake(place, PlacementMistake::KeyOfSsh { host });
                }
                _ => {}
            }
        }
        self.check_members(spec);
    }

    fn check_host(&mut self, spec: &PlacementSpec, owner: String, host: &Name, place: Place) {
        if spec.hosts.contains_key(host) {
            return;
        }
        let mistake = PlacementMistake::UnknownHost {
            owner,
            host: host.clone(),
            near: nearest(host, spec.hosts.keys()).cloned(),
            known: spec.hosts.keys().cloned().collect(),
        };
        self.mistake(place, mistake);
    }

    fn check_label(&mut self, spec: &PlacementSpec, owner: String, label: &Name, place: Place) {
        if spec.hosts_with(label).next().is_some() {
            return;
        }
        let labels = spec.hosts.values().flat_map(|host| &host.labels);
        let mut known: Vec<Name> = labels.map(|label| label.value.clone()).collect();
        known.sort_unstable();
        known.dedup();
        let mistake = PlacementMistake::UnknownLabel {
            owner,
            label: label.clone(),
            near: nearest(label, &known).cloned(),
            known,
        };
        self.mistake(place, mistake);
    }

    /// Checks that each node is in one group at most, and has its settings in one place.
    fn check_members(&mut self, spec: &PlacementSpec) {
        let mut seen: HashMap<&Name, (&Name, Place)> = HashMap::new();
        for group in spec.groups.values() {
            for member in &group.members {
                let (node, here) = (&member.value, (&group.id.value, member.place));
                if let Some((first, other)) = seen.get(node) {
                    let mistake = PlacementMistake::NodeTwice {
                        node: node.clone(),
                        first: Name::clone(first),
                        second: group.id.value.clone(),
                    };
                    let kind = DiagnosticKind::Placement(Box::new(mistake));
                    let first = (*other, "first here");
                    self.diagnostics
                        .push_with(member.place, kind, first.0, first.1);
                    continue;
                }
                seen.insert(node, here);
                if let Some(own) = spec.nodes.get(node) {
                    self.check_own_settings(group, own, member.place);
                }
            }
        }
    }

    /// Reports the settings that a member of a group has of its own.
    fn check_own_settings(&mut self, group: &GroupSpec, own: &PlacedNodeSpec, member: Place) {
        let (node, name) = (own.id.value.clone(), group.id.value.clone());
        let (place, mistake) = match &own.target {
            Some(target) if group.target.as_ref().map(|own| &own.value) != Some(&target.value) => {
                let mistake = PlacementMistake::GroupOverHosts {
                    group_host: described(group.target.as_ref().map(|target| &target.value)),
                    node_host: described(Some(&target.value)),
                    group: name,
                    node,
                };
                (target.place, mistake)
            }
            _ => {
                let mistake = PlacementMistake::MemberSettings { node, group: name };
                (own.id.place, mistake)
            }
        };
        let kind = DiagnosticKind::Placement(Box::new(mistake));
        self.diagnostics
            .push_with(place, kind, member, "in the group here");
    }
}

/// Whether a text is a target of ssh, and no option of it.
fn is_ssh_target(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    !text.is_empty() && !text.starts_with('-') && text.chars().all(plain)
}

/// Whether a text has the form of a public key.
fn is_public_key(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.len() == 43 && text.chars().all(plain)
}

/// Returns the place of each node and group that has one, with its owner for messages.
fn targets(spec: &PlacementSpec) -> impl Iterator<Item = (String, Option<&Spanned<Target>>)> {
    let nodes = spec.nodes.values();
    let nodes = nodes.map(|node| (format!("node `{}`", node.id.value), node.target.as_ref()));
    let groups = spec.groups.values();
    nodes.chain(groups.map(|group| (format!("group `{}`", group.id.value), group.target.as_ref())))
}

fn described(target: Option<&Target>) -> String {
    match target {
        None => "the host of the runner".to_owned(),
        Some(Target::Host(host)) => format!("host `{host}`"),
        Some(Target::Label(label)) => format!("a host with the label `{label}`"),
    }
}
