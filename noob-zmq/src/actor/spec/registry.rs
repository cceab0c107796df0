//! What a program is made of: the socket specs, and the handlers, of every crate that it is linked from.

use super::ActorSpec;

/// Where something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct SourceLocation {
    /// The module, the crate first.
    pub module: &'static str,
    /// The file, as the compiler was given it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
}

impl SourceLocation {
    /// This place.
    #[must_use]
    pub const fn new(module: &'static str, file: &'static str, line: u32) -> Self {
        Self { module, file, line }
    }

    /// The crate, as code spells it.
    #[must_use]
    pub fn crate_name(&self) -> &'static str {
        self.module.split("::").next().unwrap_or(self.module)
    }
}

impl std::fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A socket spec of this program. `#[derive(Sockets)]` registers each.
#[derive(Debug, Clone, Copy)]
pub struct RegisteredSpec {
    /// The spec.
    pub spec: &'static ActorSpec,
    /// Where its struct is written.
    pub at: SourceLocation,
}

/// One handler of an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisteredHandler {
    /// The socket.
    pub socket: &'static str,
    /// The message, by the name that it has in the spec.
    pub message: &'static str,
    /// The method.
    pub method: &'static str,
}

impl RegisteredHandler {
    /// `method` handles `message` of `socket`.
    #[must_use]
    pub const fn new(socket: &'static str, message: &'static str, method: &'static str) -> Self {
        Self {
            socket,
            message,
            method,
        }
    }
}

/// An actor of this program, with its own handlers. `#[handlers(..)]` registers each.
#[derive(Debug, Clone, Copy)]
pub struct RegisteredActor {
    /// The type, as it is written.
    pub name: &'static str,
    /// The name of its spec.
    pub spec: &'static str,
    /// The handlers of its block, without those of a delegate.
    pub handlers: &'static [RegisteredHandler],
    /// Where the block is written.
    pub at: SourceLocation,
}

inventory::collect!(RegisteredSpec);
inventory::collect!(RegisteredActor);

/// Every socket spec that this program is linked with, by name, then by place.
#[must_use]
pub fn specs() -> Vec<&'static RegisteredSpec> {
    let mut specs: Vec<_> = inventory::iter::<RegisteredSpec>().collect();
    specs.sort_by_key(|spec| (spec.spec.name, spec.at));
    specs
}

/// Every actor that this program is linked with, by name, then by place.
#[must_use]
pub fn actors() -> Vec<&'static RegisteredActor> {
    let mut actors: Vec<_> = inventory::iter::<RegisteredActor>().collect();
    actors.sort_by_key(|actor| (actor.name, actor.at));
    actors
}
