//! `noob-zmq nodes`: the node types of this program.

use std::process::ExitCode;

use clap::Args;

use super::Failure;
use crate::node::Registry;

/// List the node types of this program: name, arguments, signals, and where each is written.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only those whose name contains this.
    filter: Option<String>,
}

pub(super) fn nodes(arguments: &Arguments) -> ExitCode {
    let registry = match Registry::get() {
        Ok(registry) => registry,
        Err(error) => return Failure::from(error).tell(),
    };
    let filter = arguments.filter.as_deref().unwrap_or_default();
    for node in registry.all().filter(|node| node.name().contains(filter)) {
        let names = |arguments: &[crate::node::Argument]| {
            arguments
                .iter()
                .map(|a| format!("{}: {}", a.name, a.type_name))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let signals: Vec<&str> = node.signals.iter().map(|signal| signal.name).collect();
        println!("{}", node.name());
        if !node.doc.is_empty() {
            println!("    {}", node.doc.trim().replace('\n', "\n    "));
        }
        println!("    params:  {}", names(node.params));
        println!("    slots:   {}", names(node.slots));
        println!("    signals: {}", signals.join(", "));
        println!("    at {}:{}", node.location.file, node.location.line);
    }
    ExitCode::SUCCESS
}
