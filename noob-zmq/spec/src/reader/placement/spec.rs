//! The raw form of a placement: the contents of the text, each piece with its place.

use indexmap::IndexMap;

use crate::reader::{Name, Source, Spanned};

/// Contents of a placement file.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PlacementSpec {
    /// The text.
    pub source: Source,
    /// `runner`: the host of the runner.
    pub runner: Option<Spanned<Name>>,
    /// `hosts`.
    pub hosts: IndexMap<Name, HostSpec>,
    /// `nodes`.
    pub nodes: IndexMap<Name, PlacedNodeSpec>,
    /// `groups`.
    pub groups: IndexMap<Name, GroupSpec>,
}

/// An entry of `hosts`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HostSpec {
    /// Name of the host.
    pub id: Spanned<Name>,
    /// `labels`.
    pub labels: Vec<Spanned<Name>>,
    /// `ssh`: target of the ssh by which the runner starts the agent of the host.
    pub ssh: Option<Spanned<Name>>,
    /// `key`: public key of the agent of the host.
    pub key: Option<Spanned<Name>>,
    /// Settings of each process on the host.
    pub process: ProcessSpec,
}

/// An entry of `nodes`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PlacedNodeSpec {
    /// Name of the node.
    pub id: Spanned<Name>,
    /// Host of the node; that of the runner without one.
    pub target: Option<Spanned<Target>>,
    /// Settings of the process of the node.
    pub process: ProcessSpec,
}

/// An entry of `groups`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GroupSpec {
    /// Name of the group.
    pub id: Spanned<Name>,
    /// `nodes`: members of the group, as written.
    pub members: Vec<Spanned<Name>>,
    /// Host of the group; that of the runner without one.
    pub target: Option<Spanned<Target>>,
    /// Settings of the process of the group.
    pub process: ProcessSpec,
}

/// Host of a process, by its name or by a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `host`.
    Host(Name),
    /// `label`.
    Label(Name),
}

/// Settings of a process; each has the place of its key.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ProcessSpec {
    /// `program`: the path, then arguments; never empty.
    pub program: Option<Spanned<Vec<Name>>>,
    /// `environment`.
    pub environment: Option<Spanned<IndexMap<Name, Name>>>,
    /// `cpus`: in order, never empty.
    pub cpus: Option<Spanned<Vec<u32>>>,
    /// `nice`.
    pub nice: Option<Spanned<i32>>,
    /// `memory`, in bytes.
    pub memory: Option<Spanned<u64>>,
}

impl PlacementSpec {
    /// Returns the hosts with a label, in the order of the file.
    pub fn hosts_with<'s>(&'s self, label: &'s str) -> impl Iterator<Item = &'s Name> {
        let has = move |host: &&HostSpec| host.labels.iter().any(|own| *own.value == *label);
        self.hosts.values().filter(has).map(|host| &host.id.value)
    }

    /// Whether a host is that of the runner.
    #[must_use]
    pub fn is_runner(&self, host: &str) -> bool {
        let runner = self.runner.as_ref();
        runner.is_some_and(|runner| *runner.value == *host)
    }
}
