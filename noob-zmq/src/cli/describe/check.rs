//! `noob-zmq check`: reports all mistakes of a tube, and runs nothing.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Failure;
use crate::cli::inputs::{self, Given};
use crate::cli::output::print;
use crate::node::Registry;
use crate::runner::stop_signals;
use crate::runner::zmq::check_limits;
use crate::transport::runtime_root;

/// Check a tube against the node types of this program, and run nothing.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The tube: a YAML file, the id of one in the folders of `NOOB_CONFIG_DIRS`, or `-` for
    /// standard input.
    tube: PathBuf,
    /// An input of the tube; may be given several times.
    #[arg(short, long, value_name = "NAME=VALUE")]
    input: Vec<Given>,
    /// Fail if there is a warning.
    #[arg(long)]
    strict: bool,
}

pub(crate) fn check(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let (tube, _) = inputs::load(&arguments.tube, &arguments.input, registry)?;
    inputs::refuse_return_that_never_runs(&tube)?;
    check_limits(&tube, &runtime_root(), stop_signals::DESCRIPTORS)?;
    // The warnings themselves were shown when it was loaded.
    let warnings = match tube.warnings.len() {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        n => format!(", {n} warnings"),
    };
    if arguments.strict && !warnings.is_empty() {
        return Err(Failure::Run(format!(
            "{}: {} nodes, no mistakes{warnings}; `--strict` allows no warnings",
            arguments.tube.display(),
            tube.nodes.len()
        )));
    }
    let returns = match tube.return_node() {
        Some(_) => "",
        None => "; without a node of `type: return`, a run returns nothing",
    };
    print(&format!(
        "{}: {} nodes, no mistakes{warnings}{returns}\n",
        arguments.tube.display(),
        tube.nodes.len()
    ))
}
