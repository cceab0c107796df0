//! Mermaid flowcharts (mermaid.js.org), which GitHub and GitLab draw in Markdown.

use std::fmt::Write;

use super::diagram::{Diagram, DiagramKind};

/// Writes the flowchart of a diagram.
pub(crate) fn mermaid(diagram: &Diagram) -> String {
    let mut out = String::from("flowchart LR\n");
    write_tube(&mut out, diagram, "n", 1);
    out
}

/// Writes the nodes and edges of a tube; the names of its nodes begin with `prefix`.
fn write_tube(out: &mut String, diagram: &Diagram, prefix: &str, depth: usize) {
    let indent = "    ".repeat(depth);
    for (number, node) in diagram.nodes.iter().enumerate() {
        let name = format!("{prefix}{number}");
        let id = escape(&node.id);
        let label = match &*node.type_name {
            "" => id.clone(),
            type_name => format!("{id}<br/>{}", escape(type_name)),
        };
        if let Some(child) = &node.child {
            let _ = writeln!(out, "{indent}subgraph {name}[\"{label}\"]");
            write_tube(out, child, &format!("{name}_"), depth + 1);
            let _ = writeln!(out, "{indent}end");
            continue;
        }
        let (open, close) = match node.kind {
            DiagramKind::Input | DiagramKind::Assets => ("[/", "/]"),
            DiagramKind::Source => ("([", "])"),
            DiagramKind::Map => ("[\\", "/]"),
            DiagramKind::Gather => ("[/", "\\]"),
            DiagramKind::Return => ("[[", "]]"),
            DiagramKind::Plain | DiagramKind::Tube => ("[", "]"),
        };
        let _ = writeln!(out, "{indent}{name}{open}\"{label}\"{close}");
        if !node.enabled {
            let _ = writeln!(out, "{indent}style {name} stroke-dasharray: 6 4");
        }
    }
    for edge in &diagram.edges {
        let [signal, slot] = [
            &diagram.nodes[edge.from.0].signals[edge.from.1].name,
            &diagram.nodes[edge.to.0].slots[edge.to.1].name,
        ]
        .map(|name| escape(name));
        let label = if signal == slot {
            signal
        } else {
            format!("{signal} → {slot}")
        };
        let arrow = if edge.required { "-->" } else { "-.->" };
        let _ = writeln!(
            out,
            "{indent}{prefix}{} {arrow}|\"{label}\"| {prefix}{}",
            edge.from.0, edge.to.0
        );
    }
}

/// Returns the text with the characters replaced that end a quoted label or begin an entity.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' => escaped.push_str("#quot;"),
            '#' => escaped.push_str("#35;"),
            '<' => escaped.push_str("#lt;"),
            '>' => escaped.push_str("#gt;"),
            other if other.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}
