//! `noob-zmq protocol`: shows which messages flow between sockets, from the socket specs alone.

use clap::Args;

use crate::actor::{ActorSpec, RegisteredSpec, specs};
use crate::cli::Failure;
use crate::cli::output::print;

/// Show the socket specs of this program as Markdown: a table for each, and a Mermaid diagram of
/// the messages between them.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only this spec and the specs that its sockets are linked to: `CommandSockets`, or `command`
    /// for short.
    actor: Option<String>,
}

pub(crate) fn protocol(arguments: &Arguments) -> Result<(), Failure> {
    let all = specs();
    let shown = match &arguments.actor {
        None => all,
        Some(actor) => around(actor, &all)?,
    };
    let mut text = String::new();
    for RegisteredSpec { spec, at, .. } in &shown {
        text += &format!("## {}\n\n", spec.name);
        if !spec.doc.is_empty() {
            text += &format!("{}\n\n", spec.doc);
        }
        text += &format!("{}\n`{}`, {at}\n\n", spec.table(), at.module);
    }
    let drawn: Vec<&ActorSpec> = shown.iter().map(|registered| registered.spec).collect();
    text += &format!("```mermaid\n{}```\n", ActorSpec::mermaid(&drawn));
    print(&text)
}

/// Returns the specs called `actor`, and those that they are linked to.
fn around(
    actor: &str,
    all: &[&'static RegisteredSpec],
) -> Result<Vec<&'static RegisteredSpec>, Failure> {
    let named = |spec: &ActorSpec| {
        spec.name.eq_ignore_ascii_case(actor)
            || spec
                .name
                .strip_suffix("Sockets")
                .is_some_and(|short| short.eq_ignore_ascii_case(actor))
    };
    let wanted: Vec<_> = all.iter().filter(|known| named(known.spec)).collect();
    if wanted.is_empty() {
        let known: Vec<String> = all
            .iter()
            .map(|known| format!("`{}`", known.spec.name))
            .collect();
        return Err(Failure::Usage(format!(
            "this program has no socket spec `{actor}`; it has {}",
            known.join(", ")
        )));
    }
    let linked = |spec: &ActorSpec, to: &ActorSpec| {
        let mut peers = spec.sockets.iter().flat_map(|socket| socket.peers);
        peers.any(|peer| peer.actor == Some(to.name))
    };
    let near = |known: &&&'static RegisteredSpec| {
        named(known.spec)
            || wanted
                .iter()
                .any(|wanted| linked(wanted.spec, known.spec) || linked(known.spec, wanted.spec))
    };
    Ok(all.iter().filter(near).copied().collect())
}
