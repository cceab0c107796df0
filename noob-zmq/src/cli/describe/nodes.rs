//! `noob-zmq nodes`: lists the node types and asset types of this program.

use clap::Args;

use crate::cli::Failure;
use crate::cli::output::print;
use crate::node::{Argument, NodeType, Registry};

/// List the node types and asset types of this program: name, arguments, signals, and place in the
/// source.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only the types whose name contains this.
    filter: Option<String>,
}

pub(crate) fn nodes(arguments: &Arguments, registry: &Registry) -> Result<(), Failure> {
    let filter = arguments.filter.as_deref().unwrap_or_default();
    let mut text = String::new();
    for node in registry.all().filter(|node| node.name().contains(filter)) {
        describe(node, "", &mut text);
    }
    for asset in registry
        .assets()
        .filter(|asset| asset.name().contains(filter))
    {
        let what = if asset.is_portable() {
            " (asset)"
        } else {
            " (asset that stays in its process)"
        };
        describe(&asset.described, what, &mut text);
    }
    print(&text)
}

fn describe(node: &NodeType, what: &str, text: &mut String) {
    let arguments = |arguments: &[Argument], rest: Option<&Argument>| {
        let named = arguments
            .iter()
            .map(|argument| format!("{}: {}", argument.name, argument.type_name));
        // `..` stands for every other name.
        let rest = rest.map(|rest| format!("..: {}", rest.type_name));
        named.chain(rest).collect::<Vec<_>>().join(", ")
    };
    let signals = node.signals.iter();
    let signals: Vec<String> = signals
        .map(|signal| format!("{}: {}", signal.name, signal.type_name))
        .collect();
    *text += &format!("{}{what}\n", node.name());
    if !node.doc.is_empty() {
        *text += &format!("    {}\n", node.doc.trim().replace('\n', "\n    "));
    }
    let rows = [
        ("params", arguments(node.params, node.more_params)),
        ("slots", arguments(node.slots, node.more_slots)),
        ("signals", signals.join(", ")),
    ];
    for (name, row) in rows.iter().filter(|(_, row)| !row.is_empty()) {
        *text += &format!("    {name:8} {row}\n");
    }
    // The column is of no use to a reader.
    let place = match node.place() {
        place if place == node.location.to_string() => {
            format!("{}:{}", node.location.file(), node.location.line())
        }
        place => place,
    };
    *text += &format!(
        "    at       {place} in `{}`\n",
        node.module.split("::").next().unwrap_or_default()
    );
}
