//! `noob-zmq schema`: prints a JSON schema of tube files, for editors.

use clap::Args;

use crate::cli::Failure;
use crate::cli::output::print;
use crate::graph::NodeTypes;
use crate::graph::spec::json_schema;
use crate::node::Registry;

/// Print a JSON schema of tube files, for the completion and the checks of editors.
///
/// Put it into a file, and `# yaml-language-server: $schema=FILE` into the first line of a tube.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Leave out the node types of this program, so that only the language remains.
    #[arg(long)]
    no_types: bool,
}

pub(crate) fn schema(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let types = (!arguments.no_types).then_some(registry as &dyn NodeTypes);
    let mut text = serde_json::to_string_pretty(&json_schema(types))?;
    text.push('\n');
    print(&text)
}
