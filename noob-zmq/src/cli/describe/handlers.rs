//! `noob-zmq handlers`: lists the actors of this program, and their handlers.

use clap::Args;

use crate::actor::{RegisteredActor, actors, addons};
use crate::cli::Failure;
use crate::cli::output::print;

/// List the actors of this program: their sockets, the method that handles each message, and the
/// place of each in the source.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only the actors whose name contains this.
    filter: Option<String>,
}

pub(crate) fn handlers(arguments: &Arguments) -> Result<(), Failure> {
    let filter = arguments.filter.as_deref().unwrap_or_default();
    let mut text = String::new();
    for actor in actors()
        .into_iter()
        .filter(|actor| actor.name.contains(filter))
    {
        describe(actor, &mut text);
    }
    for addon in addons()
        .into_iter()
        .filter(|addon| addon.name.contains(filter))
    {
        text += &format!(
            "{}: add-on\n    {} \"{}\"  {}\n    at {} in `{}`\n",
            addon.name,
            addon.socket,
            addon.kind,
            addon.function,
            addon.at,
            addon.at.crate_name()
        );
    }
    print(&text)
}

fn describe(actor: &RegisteredActor, text: &mut String) {
    *text += &format!("{}: {}\n", actor.name, actor.spec);
    let handled: Vec<String> = actor
        .handlers
        .iter()
        .map(|handler| format!("{} {}", handler.socket, handler.message))
        .collect();
    let width = handled.iter().map(String::len).max().unwrap_or_default();
    for (handled, handler) in handled.iter().zip(actor.handlers) {
        *text += &format!("    {handled:width$}  {}\n", handler.method);
    }
    *text += &format!("    at {} in `{}`\n", actor.at, actor.at.crate_name());
}
