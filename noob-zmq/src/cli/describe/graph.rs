//! `noob-zmq graph`: draws a tube.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::Failure;
use crate::cli::inputs::{self, Given};
use crate::cli::output::print;
use crate::node::Registry;
use crate::view::{Diagram, dot, mermaid, svg};

/// Draw the nodes and edges of a tube.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The tube: a YAML file, the id of one in the folders of `NOOB_CONFIG_DIRS`, or `-` for
    /// standard input.
    tube: PathBuf,
    /// An input of the tube; may be given several times.
    #[arg(short, long, value_name = "NAME=VALUE")]
    input: Vec<Given>,
    /// The format of the picture.
    #[arg(short, long, value_enum, default_value = "svg")]
    format: Format,
}

/// Format of a picture.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A picture for light and dark pages.
    Svg,
    /// A flowchart for Markdown.
    Mermaid,
    /// A graph for Graphviz.
    Dot,
}

pub(crate) fn graph(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let (tube, _) = inputs::load(&arguments.tube, &arguments.input, registry)?;
    let diagram = Diagram::of(&tube, registry);
    print(&match arguments.format {
        Format::Svg => svg(&diagram),
        Format::Mermaid => mermaid(&diagram),
        Format::Dot => dot(&diagram),
    })
}
