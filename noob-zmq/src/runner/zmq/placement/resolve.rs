//! [`Placed`]: a placement that was compared with a tube.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use noob_zmq_spec::placement::{GroupSpec, PlacementMistake, PlacementSpec, ProcessSpec, Target};
use noob_zmq_spec::suggest::nearest;
use noob_zmq_spec::{Diagnostics, Place, Spanned};

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
    /// Settings of the processes of the other nodes.
    pub(crate) processes: HashMap<Name, ProcessSettings>,
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
            let Some(host) = host else {
                self.start_here(&node.id, own.map(|own| &own.process));
                continue;
            };
            for (key, place) in own.map(|own| own.process.set_keys()).unwrap_or_default() {
                let owner = format!("node `{}`", node.id);
                let host = host.clone();
                self.mistake(place, PlacementMistake::NoEffect { key, owner, host });
            }
            self.placed.elsewhere.insert(node.id.clone(), host);
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
        let mut settings = ProcessSettings::default();
        let all = host.map(|host| &host.process).into_iter().chain(own);
        for spec in all {
            if let Some(program) = &spec.program {
                settings.program = self.program(&program.value);
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
        if settings != ProcessSettings::default() {
            self.placed.processes.insert(node.clone(), settings);
        }
    }

    /// Returns the path of a program, and its arguments.
    fn program(&self, words: &[Name]) -> Option<(PathBuf, Vec<Name>)> {
        let (path, args) = words.split_first()?;
        // A name alone is looked up in `PATH`.
        let path = match path.contains('/') {
            true => self.folder.join(&**path),
            false => PathBuf::from(&**path),
        };
        Some((path, args.to_vec()))
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
