//! Content of a plan: hosts with their processes, and links between hosts.

use std::path::Path;

use indexmap::IndexMap;
use serde::Serialize;

use crate::graph::{Name, Tube, TubeNodeKind};
use crate::runner::zmq::{Placed, cpu_list};

/// Places of the nodes of a tube.
#[derive(Debug, Serialize)]
pub(super) struct Plan {
    tube: Name,
    hosts: Vec<Host>,
    links: Vec<Link>,
    /// Things without which the run fails.
    pub(super) missing: Vec<String>,
}

/// Host with at least one process, or the host of the runner.
#[derive(Debug, Serialize)]
struct Host {
    /// Name in the placement, if it has one.
    name: Option<Name>,
    /// Whether the runner runs there.
    runner: bool,
    /// Target of the ssh by which the runner starts its agent.
    ssh: Option<Name>,
    processes: Vec<Process>,
    /// Commands that start what runs there, if there are several hosts.
    commands: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Process {
    nodes: Vec<Name>,
    /// Nodes of it that are disabled, and are not started.
    disabled: Vec<Name>,
    group: Option<Name>,
    program: Option<Vec<String>>,
    environment: IndexMap<Name, Name>,
    cpus: Vec<u32>,
    nice: Option<i32>,
    memory: Option<u64>,
}

/// Edge between nodes of different hosts.
#[derive(Debug, Serialize)]
struct Link {
    from: String,
    to: Name,
    from_host: Option<Name>,
    to_host: Option<Name>,
}

impl Plan {
    /// Returns the places of the nodes of a tube; `runner` is the name of the runner's host.
    pub(super) fn of(tube: &Tube, placed: &Placed, runner: Option<&Name>) -> Self {
        let mut hosts: IndexMap<Option<Name>, Host> = IndexMap::new();
        let own = runner.cloned();
        let host = |name: Option<Name>, runner: bool| Host {
            ssh: name.as_ref().and_then(|name| ssh_of(placed, name)),
            name,
            runner,
            processes: Vec::new(),
            commands: Vec::new(),
        };
        hosts.insert(own.clone(), host(own.clone(), true));
        for node in tube.nodes.values() {
            let id = &node.id;
            let group = placed.groups.iter().find(|(_, nodes)| nodes.contains(id));
            let is_first = group.is_none_or(|(_, nodes)| nodes.first() == Some(id));
            if node.kind == TubeNodeKind::Return || !is_first {
                continue;
            }
            let nodes = group.map_or_else(|| vec![id.clone()], |(_, nodes)| nodes.clone());
            let place = placed.elsewhere.get(id).cloned();
            let (place, is_runner) = match place {
                Some(place) => (Some(place), false),
                None => (own.clone(), true),
            };
            let entry = hosts.entry(place.clone());
            let entry = entry.or_insert_with(|| host(place, is_runner));
            entry.processes.push(Process::of(
                tube,
                placed,
                nodes,
                group.map(|(name, _)| name),
            ));
        }
        Self {
            tube: tube.id.clone(),
            hosts: hosts.into_values().collect(),
            links: links(tube, placed, runner),
            missing: Vec::new(),
        }
    }

    /// Adds the commands that start the runner, and the agents that it does not start itself;
    /// `server` has the options by which these know the runner.
    pub(super) fn add_commands(&mut self, tube: &Path, placement: &Path, server: Option<&str>) {
        let listen = match server {
            None => "",
            Some("--plain") => " --listen ADDRESS --plain",
            Some(_) => " --listen ADDRESS",
        };
        for host in &mut self.hosts {
            if host.runner {
                host.commands.push(format!(
                    "noob-zmq run {} --placement {}{listen}",
                    tube.display(),
                    placement.display(),
                ));
            } else if let (None, Some(server), Some(name)) = (&host.ssh, server, &host.name) {
                host.commands.push(format!(
                    "noob-zmq agent --join ADDRESS {server} --name {name}"
                ));
            }
        }
    }

    /// Returns the plan for people.
    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        for host in &self.hosts {
            let name = host_name(host.name.as_ref());
            let role = match &host.ssh {
                Some(target) => format!(" (by ssh {target})"),
                None if host.runner && host.name.is_some() => " (the runner)".to_owned(),
                None => String::new(),
            };
            text += &format!("{name}{role}\n");
            let titles: Vec<String> = host.processes.iter().map(Process::title).collect();
            let width = titles.iter().map(String::len).max().unwrap_or_default();
            for (process, title) in host.processes.iter().zip(titles) {
                let line = format!("  {title:width$}  {}", process.settings());
                text += line.trim_end();
                text.push('\n');
            }
            if host.processes.is_empty() {
                text += "  no nodes\n";
            }
        }
        let section = |title: &str, lines: Vec<String>| match lines.is_empty() {
            true => String::new(),
            false => format!("\n{title}\n  {}\n", lines.join("\n  ")),
        };
        let link = |link: &Link| {
            let (from, to) = (link.from_host.as_ref(), link.to_host.as_ref());
            format!(
                "{} ({}) -> {} ({})",
                link.from,
                host_name(from),
                link.to,
                host_name(to)
            )
        };
        text += &section("links between hosts", self.links.iter().map(link).collect());
        let commands = self.hosts.iter().flat_map(|host| {
            let name = host_name(host.name.as_ref());
            let commands = host.commands.iter();
            commands.map(move |command| format!("{name}$ {command}"))
        });
        text += &section("start", commands.collect());
        text + &section("missing", self.missing.clone())
    }
}

impl Process {
    fn of(tube: &Tube, placed: &Placed, nodes: Vec<Name>, group: Option<&Name>) -> Self {
        let first = nodes.first();
        let settings = first.and_then(|first| placed.processes.get(first));
        let settings = settings.cloned().unwrap_or_default();
        let program = settings.program.map(|(path, args)| {
            let path = path.to_string_lossy().into_owned();
            let args = args.iter().map(ToString::to_string);
            std::iter::once(path).chain(args).collect()
        });
        let is_disabled = |id: &&Name| tube.nodes.get(*id).is_some_and(|node| !node.enabled);
        Self {
            disabled: nodes.iter().filter(is_disabled).cloned().collect(),
            nodes,
            group: group.cloned(),
            program,
            environment: settings.environment,
            cpus: settings.limits.cpus,
            nice: settings.limits.nice,
            memory: settings.limits.memory,
        }
    }

    fn title(&self) -> String {
        let names: Vec<&str> = self.nodes.iter().map(|name| &**name).collect();
        names.join(" + ")
    }

    /// Describes the settings in a line.
    fn settings(&self) -> String {
        let mut settings = Vec::new();
        settings.extend(self.group.as_ref().map(|group| format!("group {group}")));
        if !self.disabled.is_empty() {
            settings.push(format!("disabled: {}", self.disabled.join(" ")));
        }
        let program = self.program.as_ref();
        settings.extend(program.map(|words| format!("program {}", words.join(" "))));
        let variables = self.environment.iter();
        settings.extend(variables.map(|(name, value)| format!("{name}={value}")));
        if !self.cpus.is_empty() {
            settings.push(format!("cpus {}", cpu_list(&self.cpus)));
        }
        settings.extend(self.nice.map(|nice| format!("nice {nice}")));
        settings.extend(self.memory.map(|bytes| format!("memory {}", size(bytes))));
        settings.join("; ")
    }
}

/// Returns the target of the ssh by which the runner starts the agent of a host.
#[cfg(feature = "remote")]
fn ssh_of(placed: &Placed, host: &Name) -> Option<Name> {
    placed.hosts.get(host)?.ssh.clone()
}

#[cfg(not(feature = "remote"))]
const fn ssh_of(_placed: &Placed, _host: &Name) -> Option<Name> {
    None
}

/// Returns the edges between nodes of different hosts; inputs and the return are on that of the
/// runner.
fn links(tube: &Tube, placed: &Placed, runner: Option<&Name>) -> Vec<Link> {
    let host = |node: &Name| placed.elsewhere.get(node);
    let crosses = tube
        .edges
        .iter()
        .filter(|edge| host(&edge.source_node) != host(&edge.target_node));
    crosses
        .map(|edge| Link {
            from: format!("{}.{}", edge.source_node, edge.source_signal),
            to: edge.target_node.clone(),
            from_host: host(&edge.source_node).or(runner).cloned(),
            to_host: host(&edge.target_node).or(runner).cloned(),
        })
        .collect()
}

fn host_name(name: Option<&Name>) -> &str {
    name.map_or("this host", |name| name)
}

/// Writes a size with the largest unit that divides it.
fn size(bytes: u64) -> String {
    let units = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let unit = units
        .iter()
        .find(|(_, shift)| bytes.trailing_zeros() >= *shift);
    match unit {
        Some((unit, shift)) => format!("{} {unit}", bytes >> shift),
        None => format!("{bytes} bytes"),
    }
}
