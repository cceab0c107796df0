//! What is wrong with a tube whatever its node types are: names that lead nowhere, circles, slots of the special nodes.

use std::collections::HashMap;

use super::mistakes::Mistakes;
use super::spec::{Dependency, Kind, Node, Spec};

/// Pushes all mistakes that show in the file alone.
pub(crate) fn check(spec: &Spec, mistakes: &mut Mistakes) {
    let mut returns = spec.nodes.iter().filter(|node| node.kind == Kind::Return);
    if let Some(first) = returns.next() {
        for second in returns {
            let text = format!(
                "a tube can have one return node; `{}` is one already",
                first.name
            );
            mistakes.push(second.at, text);
        }
    }
    for node in &spec.nodes {
        for item in &node.depends {
            source(spec, &format!("node `{}`", node.name), item, mistakes);
        }
        for param in &node.params {
            if let Some(input) = &param.input
                && spec.input(input).is_none()
                && !spec.lost.contains(input)
            {
                let text = format!(
                    "node `{}` uses input `{input}`, which is not declared",
                    node.name
                );
                mistakes.unknown(param.at, text, input, inputs(spec));
            }
        }
        slots(node, mistakes);
    }
    for asset in &spec.assets {
        if let Some(item) = &asset.depends {
            source(spec, &format!("asset `{}`", asset.name), item, mistakes);
        }
    }
    cycles(spec, mistakes);
}

fn inputs(spec: &Spec) -> impl Iterator<Item = &str> {
    spec.inputs.iter().map(|input| input.name.as_str())
}

/// What an item of `owner` refers to is there.
fn source(spec: &Spec, owner: &str, item: &Dependency, mistakes: &mut Mistakes) {
    let given = matches!(item.node.as_str(), "input" | "assets");
    if spec
        .lost
        .contains(if given { &item.signal } else { &item.node })
    {
        return;
    }
    match item.node.as_str() {
        "input" => {
            if spec.input(&item.signal).is_none() {
                let text = format!(
                    "{owner} uses input `{}`, which is not declared",
                    item.signal
                );
                mistakes.unknown(item.at, text, &item.signal, inputs(spec));
            }
        }
        "assets" => {
            let known = || spec.assets.iter().map(|asset| asset.name.as_str());
            if known().all(|known| known != item.signal) {
                let text = format!(
                    "{owner} depends on asset `{}`, which is not declared",
                    item.signal
                );
                mistakes.unknown(item.at, text, &item.signal, known());
            }
        }
        _ => match spec.node(&item.node) {
            None => {
                let known = spec.nodes.iter().map(|node| node.name.as_str());
                let text = format!(
                    "{owner} depends on node `{}`, which does not exist",
                    item.node
                );
                let others = known.filter(|known| !owner.ends_with(&format!("`{known}`")));
                mistakes.unknown(item.at, text, &item.node, others);
            }
            Some(source) if source.kind == Kind::Return => {
                let text = format!(
                    "nothing can depend on `{}`: a return node says nothing to other nodes",
                    source.name
                );
                mistakes.push(item.at, text);
            }
            Some(source) => {
                let known: &[&str] = match source.kind {
                    Kind::Map => &["value", "n"],
                    Kind::Gather => &["value"],
                    Kind::Return | Kind::Tube | Kind::Typed => return,
                };
                if !known.contains(&item.signal.as_str()) {
                    let text = format!(
                        "node `{}` ({}) has no signal `{}`",
                        source.name, source.type_name, item.signal
                    );
                    mistakes.unknown(item.at, text, &item.signal, known.iter().copied());
                }
            }
        },
    }
}

/// The slots of a `map` or a `gather` are there, and what must be fed is.
fn slots(node: &Node, mistakes: &mut Mistakes) {
    let known: &[&str] = match node.kind {
        Kind::Map => &["value"],
        Kind::Gather => &["value", "trigger", "n"],
        Kind::Return | Kind::Tube | Kind::Typed => return,
    };
    let (name, type_name) = (&node.name, &node.type_name);
    let mut all_known = true;
    for item in &node.depends {
        if let Some(slot) = &item.slot
            && !known.contains(&slot.as_str())
        {
            all_known = false;
            let text = format!("node `{name}` ({type_name}) has no slot `{slot}`");
            mistakes.unknown(item.slot_at, text, slot, known.iter().copied());
        }
    }
    if let Some((_, item)) = node.positional().nth(known.len()) {
        let text = format!("node `{name}` ({type_name}) takes fewer values by position");
        mistakes.push(item.at, text);
    }
    if all_known && node.feeding("value", true).is_none() {
        let text = format!("node `{name}` ({type_name}) needs a value for `value`");
        mistakes.push(node.at, text);
    }
}

/// Nodes that wait for each other: one circle at a time, each node in one of them at most.
fn cycles(spec: &Spec, mistakes: &mut Mistakes) {
    let number: HashMap<&str, usize> = spec
        .nodes
        .iter()
        .enumerate()
        .map(|(at, node)| (node.name.as_str(), at))
        .collect();
    // Nothing can depend on a return, which was reported.
    let ups = |at: usize| {
        spec.nodes[at].depends.iter().filter_map(|item| {
            let up = *number.get(item.node.as_str())?;
            (spec.nodes[up].kind != Kind::Return).then_some((up, item))
        })
    };
    // 0: not seen; 1: on the way; 2: done.
    let mut state = vec![0_u8; spec.nodes.len()];
    for start in 0..spec.nodes.len() {
        let mut way = vec![(start, 0_usize)];
        while let Some((at, taken)) = way.pop() {
            if taken == 0 {
                if state[at] != 0 {
                    continue;
                }
                state[at] = 1;
            }
            let Some((up, item)) = ups(at).nth(taken) else {
                state[at] = 2;
                continue;
            };
            way.push((at, taken + 1));
            match state[up] {
                0 => way.push((up, 0)),
                1 => {
                    let from = way.iter().position(|(node, _)| *node == up).unwrap_or(0);
                    // The way leads upstream; a circle is told as it runs.
                    let circle: Vec<String> = std::iter::once(up)
                        .chain(way[from..].iter().rev().map(|(node, _)| *node))
                        .map(|node| format!("`{}`", spec.nodes[node].name))
                        .collect();
                    let text = format!("these nodes wait for each other: {}", circle.join(" → "));
                    mistakes.push(item.at, text);
                }
                _ => {}
            }
        }
    }
}
