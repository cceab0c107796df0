//! Macros of `noob-zmq`; use them through that crate, which re-exports and documents them.
//!
//! Each macro has a folder, or a file with the same parts: `parse` knows the syntax, `check` only
//! finds mistakes, `expand` cannot fail.

mod addon;
mod asset;
mod attrs;
mod entry;
mod errors;
mod handlers;
mod message;
mod names;
mod node;
mod signals;
#[cfg(test)]
mod snapshots;
mod sockets;
#[cfg(feature = "tube")]
mod tube;

use proc_macro::TokenStream;

// No doc comments here: the macros are documented where `noob_zmq` re-exports them, so that their
// examples can use it.

/// Returns a suffix that no other macro call of the crate has.
fn unique() -> String {
    let at = proc_macro::Span::call_site();
    names::unique(&at.file(), at.line(), at.column())
}

#[expect(missing_docs, reason = "documented at its re-export in `noob_zmq`")]
#[proc_macro_attribute]
pub fn node(options: TokenStream, item: TokenStream) -> TokenStream {
    node::node(options.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented at its re-export in `noob_zmq`")]
#[proc_macro_attribute]
pub fn asset(options: TokenStream, item: TokenStream) -> TokenStream {
    asset::asset(options.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented at its re-export in `noob_zmq`")]
#[proc_macro_attribute]
pub fn main(options: TokenStream, item: TokenStream) -> TokenStream {
    entry::main(options.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented at its re-export in `noob_zmq`")]
#[proc_macro_derive(Signals, attributes(signals))]
pub fn signals(item: TokenStream) -> TokenStream {
    signals::signals(item.into()).into()
}

#[expect(missing_docs, reason = "documented at its re-export in `noob_zmq`")]
#[proc_macro_derive(Sockets, attributes(sockets, bind, connect, recv, send, codec, peer))]
pub fn sockets(item: TokenStream) -> TokenStream {
    sockets::derive(item.into(), &unique()).into()
}

#[cfg(feature = "tube")]
#[expect(missing_docs, reason = "documented at its re-export in `noob_zmq`")]
#[proc_macro]
pub fn tube(input: TokenStream) -> TokenStream {
    let at = proc_macro::Span::call_site();
    let folder = at
        .local_file()
        .and_then(|file| Some(file.parent()?.to_owned()));
    tube::tube(input.into(), folder, &unique()).into()
}

#[expect(missing_docs, reason = "documented at its re-export in `noob_zmq`")]
#[proc_macro_attribute]
pub fn handlers(arguments: TokenStream, item: TokenStream) -> TokenStream {
    handlers::annotate(arguments.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented at its re-export in `noob_zmq`")]
#[proc_macro_attribute]
pub fn addon(arguments: TokenStream, item: TokenStream) -> TokenStream {
    addon::annotate(arguments.into(), item.into()).into()
}

#[expect(missing_docs, reason = "documented at its re-export in `noob_zmq`")]
#[proc_macro_derive(Message, attributes(message))]
pub fn message(item: TokenStream) -> TokenStream {
    message::derive(item.into()).into()
}

// The second stages, which the hidden macros of socket specs call.

#[doc(hidden)]
#[proc_macro]
pub fn __define_sockets(input: TokenStream) -> TokenStream {
    sockets::define(input.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn __expand_handlers(input: TokenStream) -> TokenStream {
    handlers::dispatch(input.into()).into()
}
