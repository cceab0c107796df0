//! `noob-zmq plan`: prints where the nodes of a tube would run, and runs nothing.

mod content;
mod missing;

use std::path::PathBuf;

use clap::Args;

use self::content::Plan;
use crate::cli::inputs::{self, Given};
use crate::cli::output::print;
use crate::cli::{Failure, placement};
use crate::node::Registry;

/// Print where the nodes of a tube would run, and run nothing.
///
/// The exit code is 1 if something is missing.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The tube: a YAML file, the id of one in the folders of `NOOB_CONFIG_DIRS`, or `-` for
    /// standard input.
    tube: PathBuf,
    /// The placement: a YAML file with hosts, nodes and groups.
    #[arg(long, value_name = "FILE")]
    placement: PathBuf,
    /// An input of the tube; may be given several times.
    #[arg(short, long, value_name = "NAME=VALUE")]
    input: Vec<Given>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[cfg(feature = "remote")]
    #[command(flatten)]
    keys: Keys,
}

/// Keys for nodes on other hosts.
#[cfg(feature = "remote")]
#[derive(Debug, Args)]
#[command(next_help_heading = "Other hosts")]
struct Keys {
    /// The private key of this host [default: that of `noob-zmq keygen`].
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The keys that are authorized [default: the file `allow` beside the private key].
    #[arg(long, value_name = "FILE")]
    allow: Option<PathBuf>,
    /// Plan a run without keys, on loopback only.
    #[arg(long, conflicts_with_all = ["key", "allow"])]
    plain: bool,
}

pub(crate) fn plan(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let (tube, _) = inputs::load(&arguments.tube, &arguments.input, registry)?;
    let (placement, placed) = placement::load(&arguments.placement, &tube)?;
    let mut plan = Plan::of(&tube, &placed, placement.runner());
    let mut missing = missing::of_processes(&placed);
    #[cfg(feature = "remote")]
    let server = match placed.node_without_ssh() {
        Some(_) => Some(missing::of_keys(&arguments.keys, &mut missing)?),
        None => None,
    };
    #[cfg(not(feature = "remote"))]
    let server = (!placed.elsewhere.is_empty()).then(|| missing::of_feature(&mut missing));
    #[cfg(feature = "remote")]
    if placed.has_ssh() {
        missing.extend(missing::of_ssh());
    }
    if !placed.elsewhere.is_empty() {
        plan.add_commands(&arguments.tube, &arguments.placement, server.as_deref());
    }
    plan.missing = missing;
    print(&match arguments.json {
        true => serde_json::to_string_pretty(&plan)? + "\n",
        false => plan.to_text(),
    })?;
    match plan.missing.len() {
        0 => Ok(()),
        1 => Err(Failure::Run("1 thing is missing".into())),
        n => Err(Failure::Run(format!("{n} things are missing"))),
    }
}
