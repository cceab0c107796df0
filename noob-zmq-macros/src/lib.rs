//! The macros of `noob-zmq`. Use them through that crate, which re-exports and documents them.
//!
//! One folder a macro: `parse` knows syntax, `check` only finds mistakes, `expand` cannot fail.

mod attrs;
mod entry;
mod errors;
mod names;
mod node;
mod signals;
#[cfg(test)]
mod snapshots;

use proc_macro::TokenStream;

// No doc comments here: the macros are documented where `noob_zmq` re-exports them, so that their examples can use it.

#[expect(missing_docs, reason = "documented at its re-export in `noob_zmq`")]
#[proc_macro_attribute]
pub fn node(options: TokenStream, item: TokenStream) -> TokenStream {
    node::node(options.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented at its re-export in `noob_zmq`")]
#[proc_macro_attribute]
pub fn main(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::main(options.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented at its re-export in `noob_zmq`")]
#[proc_macro_derive(Signals)]
pub fn signals(item: TokenStream) -> TokenStream {
    signals::signals(item.into()).into()
}
