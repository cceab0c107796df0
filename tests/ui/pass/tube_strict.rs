//! Generated code of `tube!` passes every lint, and uses no name that a crate may redefine.
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    missing_copy_implementations,
    unused_qualifications,
    nonstandard_style
)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]

mod names {
    #![expect(
        dead_code,
        nonstandard_style,
        reason = "they stand in the way, no more"
    )]
    pub struct Option;
    pub struct Result;
    pub struct Vec;
    pub struct String;
    pub struct Some;
    pub struct Map;
    pub struct Value;
    pub const fn Ok() {}
    pub const fn Err() {}
    pub const fn None() {}
    pub mod core {}
    pub mod std {}
    pub mod noob_zmq {}
}
#[expect(unused_imports, reason = "nothing may use them")]
use names::*;

/// Module of the tube's node.
pub mod r#type {
    /// Emits its number.
    #[::noob_zmq::node(name = "strict.type.match")]
    #[must_use]
    pub const fn r#match(r#type: i64, given: i64) -> i64 {
        r#type + given
    }
}

::noob_zmq::tube!(
    pub Strict = "ui/pass/tube_strict.yaml",
    nodes = {"strict.type.match" => crate::pass::tube_strict::r#type::r#match},
);

#[test]
fn runs() {
    let mut run = Strict
        .runner::<::noob_zmq::runner::SyncRunner>(3)
        .unwrap_or_else(|error| panic!("{error}"));
    let returned = run.process(4).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        returned.and_then(|returned| returned.r#fn),
        ::core::option::Option::Some(7)
    );
}
