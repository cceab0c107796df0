//! The DOT language of Graphviz (graphviz.org/doc/info/lang.html).

use std::fmt::Write;

use super::diagram::{Diagram, DiagramKind, DiagramNode};

/// Writes the graph of a diagram.
pub(crate) fn dot(diagram: &Diagram) -> String {
    let mut out = format!(
        "digraph {} {{\n    rankdir=LR;\n    compound=true;\n    node [shape=box];\n",
        quoted(&diagram.title)
    );
    write_tube(&mut out, diagram, "n", 1);
    out.push_str("}\n");
    out
}

/// Writes the nodes and edges of a tube; the names of its nodes begin with `prefix`.
fn write_tube(out: &mut String, diagram: &Diagram, prefix: &str, depth: usize) {
    let indent = "    ".repeat(depth);
    for (number, node) in diagram.nodes.iter().enumerate() {
        let name = format!("{prefix}{number}");
        let label = match &*node.type_name {
            "" => node.id.clone(),
            type_name => format!("{}\n{type_name}", node.id),
        };
        let label = quoted(&label);
        if let Some(child) = &node.child {
            let _ = writeln!(
                out,
                "{indent}subgraph cluster_{name} {{\n{indent}    label={label};"
            );
            // The end of the edges to the tube, which end at the border of the cluster.
            let _ = writeln!(out, "{indent}    {name} [shape=point, style=invis];");
            write_tube(out, child, &format!("{name}_"), depth + 1);
            let _ = writeln!(out, "{indent}}}");
            continue;
        }
        let shape = match node.kind {
            DiagramKind::Input | DiagramKind::Assets => "parallelogram",
            DiagramKind::Source => "oval",
            DiagramKind::Map => "trapezium",
            DiagramKind::Gather => "invtrapezium",
            DiagramKind::Return => "doubleoctagon",
            DiagramKind::Plain | DiagramKind::Tube => "box",
        };
        let style = if node.enabled { "" } else { ", style=dashed" };
        let _ = writeln!(out, "{indent}{name} [label={label}, shape={shape}{style}];");
    }
    for edge in &diagram.edges {
        let [from, to] = [&diagram.nodes[edge.from.0], &diagram.nodes[edge.to.0]];
        let (signal, slot) = (&from.signals[edge.from.1].name, &to.slots[edge.to.1].name);
        let label = if signal == slot {
            signal.clone()
        } else {
            format!("{signal} → {slot}")
        };
        let mut attributes = format!("label={}", quoted(&label));
        let ends = [("ltail", from, edge.from.0), ("lhead", to, edge.to.0)];
        let is_tube = |node: &DiagramNode| node.child.is_some();
        for (attribute, _, number) in ends.into_iter().filter(|(_, node, _)| is_tube(node)) {
            let _ = write!(attributes, ", {attribute}=cluster_{prefix}{number}");
        }
        if !edge.required {
            attributes += ", style=dashed";
        }
        let _ = writeln!(
            out,
            "{indent}{prefix}{} -> {prefix}{} [{attributes}];",
            edge.from.0, edge.to.0
        );
    }
}

/// Returns the text as a quoted string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            other if other.is_control() => quoted.push(' '),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}
