//! `noob-zmq schema`: prints a JSON schema of tube or placement files, for editors.

use clap::{Args, ValueEnum};

use crate::cli::Failure;
use crate::cli::output::print;
use crate::graph::NodeTypes;
use crate::graph::spec::{json_schema, placement_schema};
use crate::node::Registry;

/// Print a JSON schema of tubes or placements, for the completion and the checks of editors.
///
/// Put it into a file, and `# yaml-language-server: $schema=FILE` into the first line of a tube or
/// of a placement.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The kind of file.
    #[arg(value_enum, default_value = "tube")]
    kind: Kind,
    /// Leave out the node types of this program, so that only the language remains.
    #[arg(long)]
    no_types: bool,
}

/// Kind of a file that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Tube,
    Placement,
}

pub(crate) fn schema(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let types = (!arguments.no_types).then_some(registry as &dyn NodeTypes);
    let schema = match arguments.kind {
        Kind::Tube => json_schema(types),
        // A placement names no node types.
        Kind::Placement => placement_schema(),
    };
    let mut text = serde_json::to_string_pretty(&schema)?;
    text.push('\n');
    print(&text)
}
