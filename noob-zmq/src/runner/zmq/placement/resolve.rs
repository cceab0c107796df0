//! [`Placed`]: a placement that was compared with a tube.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use noob_zmq_spec::placement::{GroupSpec, PlacementMistake, PlacementSpec, ProcessSpec, Target};
use noob_zmq_spec::suggest::nearest;
use noob_zmq_spec::{Diagnostics, Place, Spanned};

#[cfg(feature = "remote")]
use super::settings::PlacedHost;
use super::settings::ProcessSettings;
use crate::graph::spec::{DiagnosticKind, TubeErrors};
use crate::graph::{Name, Supervision, Tube, TubeNodeKind};
use crate::runner::RunError;
use crate::runner::zmq::groups::NodeGroups;
use crate::runner::zmq::program::NodePrograms;

/// Placement of the nodes of a tube.
#[derive(Debug, Clone, Default)]
pub(crate) struct Placed {
    /// Groups, each with its nodes in the order of the tube.
    pub(crate) groups: IndexMap<Name, Vec<Name>>,
    /// Hosts of the nodes that are not on that of the runner, in the order of the tube.
    pub(crate) elsewhere: IndexMap<Name, Name>,
    /// Settings of the processes of all nodes.
    pub(crate) processes: HashMap<Name, ProcessSettings>,
    /// Hosts of the nodes that are not on that of the runner.
    #[cfg(feature = "remote")]
    pub(crate) hosts: IndexMap<Name, PlacedHost>,
}

impl Placed {
    /// Compares a placement with a tube.
    ///
    /// # Errors
    /// All mistakes of the placement that show only with the tube.
    pub(crate) fn resolve(
        (spec, folder): (&PlacementSpec, &Path),
        tube: &Tube,
        (programs, defaults): (&NodePrograms, Supervision),
    ) -> Result<Self, TubeErrors> {
        let mut resolver = Resolver {
            spec,
            tube,
            folder,
            diagnostics: Diagnostics::new(spec.source.clone()),
            dealt: HashMap::new(),
            placed: Self::default(),
        };
        resolver.check_names();
        resolver.place_nodes();
        resolver.check_groups((programs, defaults));
        let (placed, _) = resolver.diagnostics.finish(Some(resolver.placed))?;
        Ok(placed)
    }

    /// Returns a node whose host the runner does not start an agent on, and the host.
    #[cfg(feature = "remote")]
    pub(crate) fn node_without_ssh(&self) -> Option<(&Name, &Name)> {
        let is_started = |host: &Name| self.hosts.get(host).is_some_and(|host| host.ssh.is_some());
        self.elsewhere.iter().find(|(_, host)| !is_started(host))
    }

    /// Whether the runner starts an agent on one of the hosts.
    #[cfg(all(feature = "cli", feature = "remote"))]
    pub(crate) fn has_ssh(&self) -> bool {
        self.hosts.values().any(|host| host.ssh.is_some())
    }
}

/// State of a comparison.
struct Resolver<'p> {
    spec: &'p PlacementSpec,
    tube: &'p Tube,
    folder: &'p Path,
    diagnostics: Diagnostics,
    /// Number of processes that were dealt out to the hosts of a label.
    dealt: HashMap<&'p Name, usize>,
    placed: Placed,
}

impl<'p> Resolver<'p> {
    fn mistake(&mut self, place: Place, mistake: PlacementMistake) {
        let kind = DiagnosticKind::Placement(Box::new(mistake));
        self.diagnostics.push(place, kind);
    }

    /// Reports names that are not of nodes with a process.
    fn check_names(&mut self) {
        let spec = self.spec;
        let nodes = spec.nodes.values().map(|node| &node.id);
        let members = spec.groups.values().flat_map(|group| &group.members);
        for Spanned { value: node, place } in nodes.chain(members) {
            let mistake = match self.tube.nodes.get(node) {
                Some(found) if found.kind != TubeNodeKind::Return => continue,
                Some(_) => PlacementMistake::ReturnNode { node: node.clone() },
                None => {
                    let nodes = self.tube.nodes.values();
                    let nodes = nodes.filter(|node| node.kind != TubeNodeKind::Return);
                    let known: Vec<Name> = nodes.map(|node| node.id.clone()).collect();
                    PlacementMistake::UnknownNode {
                        node: node.clone(),
                        tube: self.tube.id.clone(),
                        near: nearest(node, &known).cloned(),
                        known,
                    }
                }
            };
            self.mistake(*place, mistake);
        }
    }

    fn place_nodes(&mut self) {
        let spec = self.spec;
        let mut groups: HashMap<&Name, &'p GroupSpec> = HashMap::new();
        for group in spec.groups.values() {
            groups.extend(group.members.iter().map(|member| (&member.value, group)));
        }
        for node in self.tube.nodes.values() {
            if node.kind == TubeNodeKind::Return {
                continue;
            }
            if let Some(group) = groups.get(&node.id) {
                self.place_member(group, &node.id);
                continue;
            }
            let own = spec.nodes.get(&node.id);
            let host = own.and_then(|own| self.host_of(own.target.as_ref()));
            let process = own.map(|own| &own.process);
            match host {
                None => self.start_here(&node.id, process),
                Some(host) => self.start_there(&node.id, host, process),
            }
        }
    }

    fn place_member(&mut self, group: &'p GroupSpec, node: &Name) {
        let name = &group.id.value;
        if !self.placed.groups.contains_key(name)
            && let Some(host) = self.host_of(group.target.as_ref())
            && let Some(target) = &group.target
        {
            let group = name.clone();
            self.mistake(
                target.place,
                PlacementMistake::GroupElsewhere { group, host },
            );
        }
        self.start_here(node, Some(&group.process));
        let members = self.placed.groups.entry(name.clone()).or_default();
        members.push(node.clone());
    }

    /// Returns the host of a process, if the runner is on another.
    fn host_of(&mut self, target: Option<&'p Spanned<Target>>) -> Option<Name> {
        let host = match &target?.value {
            Target::Host(host) => host,
            Target::Label(label) => {
                let hosts: Vec<&Name> = self.spec.hosts_with(label).collect();
                let dealt = self.dealt.entry(label).or_default();
                let host = hosts.get(*dealt % hosts.len().max(1)).copied()?;
                *dealt += 1;
                host
            }
        };
        (!self.spec.is_runner(host)).then(|| host.clone())
    }

    /// Records the settings of a process that the runner starts: those of its host, and its own.
    fn start_here(&mut self, node: &Name, own: Option<&ProcessSpec>) {
        let runner = self.spec.runner.as_ref();
        let host = runner.and_then(|runner| self.spec.hosts.get(&runner.value));
        let host = host.map(|host| &host.process);
        let settings = self.settings(host.into_iter().chain(own), Some(self.folder));
        if settings != ProcessSettings::default() {
            self.placed.processes.insert(node.clone(), settings);
        }
    }

    /// Records the settings of a process that the agent of another host starts.
    fn start_there(&mut self, node: &Name, host: Name, own: Option<&ProcessSpec>) {
        let spec = self.spec.hosts.get(&host);
        let on_host = spec.map(|spec| &spec.process);
        let mut settings = self.settings(on_host.into_iter().chain(own), None);
        // By ssh, the program of a host is that of its agent, which its nodes run again.
        let by_ssh = spec.is_some_and(|spec| spec.ssh.is_some());
        if by_ssh && own.is_none_or(|own| own.program.is_none()) {
            settings.program = None;
        }
        #[cfg(feature = "remote")]
        {
            let text = |set: &Spanned<Name>| set.value.clone();
            let entry = self.placed.hosts.entry(host.clone());
            let placed = entry.or_insert_with(|| PlacedHost {
                ssh: spec.and_then(|spec| spec.ssh.as_ref()).map(text),
                key: spec.and_then(|spec| spec.key.as_ref()).map(text),
                labels: spec
                    .map(|spec| spec.labels.iter().map(text).collect())
                    .unwrap_or_default(),
                agent: on_host
                    .and_then(|process| process.program.as_ref())
                    .map_or_else(|| vec!["noob-zmq".into()], |program| program.value.clone()),
                nodes: IndexMap::new(),
            });
            placed.nodes.insert(node.clone(), settings.clone());
        }
        if settings != ProcessSettings::default() {
            self.placed.processes.insert(node.clone(), settings);
        }
        self.placed.elsewhere.insert(node.clone(), host);
    }

    /// Returns the settings of a process: of two, the later come first; relative paths of programs
    /// count from `folder`.
    fn settings<'s>(
        &self,
        all: impl Iterator<Item = &'s ProcessSpec>,
        folder: Option<&Path>,
    ) -> ProcessSettings {
        let mut settings = ProcessSettings::default();
        for spec in all {
            if let Some(program) = &spec.program {
                settings.program = program_of(&program.value, folder);
            }
            if let Some(variables) = &spec.environment {
                let variables = variables.value.iter();
                let variables = variables.map(|(name, value)| (name.clone(), value.clone()));
                settings.environment.extend(variables);
            }
            if let Some(cpus) = &spec.cpus {
                settings.limits.cpus.clone_from(&cpus.value);
            }
            let limits = &mut settings.limits;
            limits.nice = spec.nice.as_ref().map(|nice| nice.value).or(limits.nice);
            let memory = spec.memory.as_ref().map(|memory| memory.value);
            limits.memory = memory.or(limits.memory);
        }
        settings
    }

    /// Reports groups whose nodes cannot share a process.
    fn check_groups(&mut self, (programs, defaults): (&NodePrograms, Supervision)) {
        // With a name that leads nowhere, the other nodes may look apart.
        if self.diagnostics.errors() > 0 {
            return;
        }
        let programs = programs.placed(self.placed.processes.clone());
        let groups = self.placed.groups.clone();
        for (name, members) in groups {
            let given = [members.iter().map(ToString::to_string).collect()];
            let checked =
                NodeGroups::resolve(self.tube, &given, &BTreeSet::new(), (&programs, defaults));
            let place = self.spec.groups.get(&name).map(|group| group.id.place);
            if let (Err(RunError::CannotGroup { reason, .. }), Some(place)) = (checked, place) {
                let mistake = PlacementMistake::CannotGroup {
                    group: name,
                    reason,
                };
                self.mistake(place, mistake);
            }
        }
    }
}

/// Returns the path of a program, and its arguments.
fn program_of(words: &[Name], folder: Option<&Path>) -> Option<(PathBuf, Vec<Name>)> {
    let (path, args) = words.split_first()?;
    let path = match folder {
        // A name alone is looked up in `PATH`.
        Some(folder) if path.contains('/') => folder.join(&**path),
        _ => PathBuf::from(&**path),
    };
    Some((path, args.to_vec()))
}
