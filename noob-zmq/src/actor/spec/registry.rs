//! Registry of a program: the socket specs and the handlers of every crate that it is linked from.
//!
//! The macros register them at link time, through the crate `inventory`.

use super::ActorSpec;

/// Place of an item in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct SourceLocation {
    /// Path of the module; the crate comes first.
    pub module: &'static str,
    /// File, as the compiler was given it.
    pub file: &'static str,
    /// Line, from 1.
    pub line: u32,
}

impl SourceLocation {
    /// Describes a place.
    #[must_use]
    pub const fn new(module: &'static str, file: &'static str, line: u32) -> Self {
        Self { module, file, line }
    }

    /// Returns the name of the crate, as code spells it.
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

/// Socket spec of this program; `#[derive(Sockets)]` registers each.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RegisteredSpec {
    /// The spec.
    pub spec: &'static ActorSpec,
    /// Place of the struct.
    pub at: SourceLocation,
}

impl RegisteredSpec {
    /// Describes the spec of the struct at this place.
    #[must_use]
    pub const fn new(spec: &'static ActorSpec, at: SourceLocation) -> Self {
        Self { spec, at }
    }
}

/// Handler of an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisteredHandler {
    /// Name of the socket.
    pub socket: &'static str,
    /// Name of the message in the spec.
    pub message: &'static str,
    /// Name of the method.
    pub method: &'static str,
}

impl RegisteredHandler {
    /// Describes that `method` handles `message` of `socket`.
    #[must_use]
    pub const fn new(socket: &'static str, message: &'static str, method: &'static str) -> Self {
        Self {
            socket,
            message,
            method,
        }
    }
}

/// Actor of this program, with its own handlers; `#[handlers(..)]` registers each.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RegisteredActor {
    /// Type of the actor, as written.
    pub name: &'static str,
    /// Name of its spec.
    pub spec: &'static str,
    /// Handlers of its block, without those of a delegate.
    pub handlers: &'static [RegisteredHandler],
    /// Place of the block.
    pub at: SourceLocation,
}

impl RegisteredActor {
    /// Describes the actor `name`, whose handlers stand in a block at this place.
    #[must_use]
    pub const fn new(
        name: &'static str,
        spec: &'static str,
        handlers: &'static [RegisteredHandler],
        at: SourceLocation,
    ) -> Self {
        Self {
            name,
            spec,
            handlers,
            at,
        }
    }
}

inventory::collect!(RegisteredSpec);
inventory::collect!(RegisteredActor);

/// Returns every socket spec that this program is linked with, by name, then by place.
#[must_use]
pub fn specs() -> Vec<&'static RegisteredSpec> {
    let mut specs: Vec<_> = inventory::iter::<RegisteredSpec>().collect();
    specs.sort_by_key(|spec| (spec.spec.name, spec.at));
    specs
}

/// Returns every actor that this program is linked with, by name, then by place.
#[must_use]
pub fn actors() -> Vec<&'static RegisteredActor> {
    let mut actors: Vec<_> = inventory::iter::<RegisteredActor>().collect();
    actors.sort_by_key(|actor| (actor.name, actor.at));
    actors
}
