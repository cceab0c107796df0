//! Snapshot tests: compares expansions with the files in `noob-zmq/expansions`.
//!
//! The documentation of the macros shows these files. `compiler` compares them with the expansions
//! of the compiler itself.

mod compiler;
mod hidden_macros;

use std::path::PathBuf;

use expect_test::expect_file;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Item, Meta};

use hidden_macros::KnownSpecs;

/// Macro of this crate: the last segment of its path, and its entry function.
enum Macro {
    Attribute(&'static str, fn(TokenStream, TokenStream) -> TokenStream),
    Derive(&'static str, fn(TokenStream) -> TokenStream),
}

/// Macros whose expansion needs one stage only.
const MACROS: [Macro; 6] = [
    Macro::Attribute("asset", crate::asset::asset),
    Macro::Attribute("addon", crate::addon::annotate),
    Macro::Attribute("node", crate::node::node),
    Macro::Attribute("main", crate::entry::main),
    Macro::Derive("Signals", crate::signals::signals),
    Macro::Derive("Message", crate::message::derive),
];

/// Compares the expansion of `expansions/{name}.rs` with `expansions/{name}.expanded.rs`.
///
/// `use` items are left out.
fn assert_expansion(name: &str) {
    let file = syn::parse_file(&read(&format!("expansions/{name}.rs"))).unwrap();
    let expanded: TokenStream = file
        .items
        .into_iter()
        .filter(|item| !matches!(item, Item::Use(_)))
        .map(expand)
        .collect();
    assert_snapshot(name, expanded);
}

/// Compares an expansion with `expansions/{name}.expanded.rs`.
fn assert_snapshot(name: &str, expanded: TokenStream) {
    let pretty = prettyplease::unparse(&syn::parse2(expanded).unwrap());
    // `tube!` writes the path of the library into its expansion, which differs between machines.
    let root = library().canonicalize().unwrap();
    let pretty = pretty.replace(&*root.to_string_lossy(), "..");
    expect_file![library().join(format!("expansions/{name}.expanded.rs"))].assert_eq(&pretty);
}

/// Returns the folder of the library.
fn library() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../noob-zmq")
}

/// Reads a file of the library.
fn read(file: &str) -> String {
    std::fs::read_to_string(library().join(file)).unwrap()
}

/// Returns what the macro on `item` makes of it.
pub(crate) fn expand(mut item: Item) -> TokenStream {
    #[cfg(feature = "tube")]
    if let Item::Macro(call) = &item
        && call.mac.path.is_ident("tube")
    {
        return crate::tube::tube(call.mac.tokens.clone(), Some(library()), "1_1");
    }
    for known in MACROS {
        match known {
            Macro::Attribute(name, entry) => {
                let Some(attribute) = take_of_item(&mut item, |attr| ends_in(attr, name)) else {
                    continue;
                };
                let options = match attribute.meta {
                    Meta::List(list) => list.tokens,
                    _ => TokenStream::new(),
                };
                return entry(options, item.into_token_stream());
            }
            Macro::Derive(name, entry) => {
                let derives = |attr: &Attribute| {
                    attr.path().is_ident("derive")
                        && attr.to_token_stream().to_string().contains(name)
                };
                if take_of_item(&mut item, derives).is_some() {
                    let mut tokens = item.to_token_stream();
                    tokens.extend(entry(item.into_token_stream()));
                    return tokens;
                }
            }
        }
    }
    item.into_token_stream()
}

fn ends_in(attribute: &Attribute, name: &str) -> bool {
    attribute
        .path()
        .segments
        .last()
        .is_some_and(|last| last.ident == name)
}

/// Removes the first wanted attribute from an item.
fn take_of_item(item: &mut Item, wanted: impl Fn(&Attribute) -> bool) -> Option<Attribute> {
    match item {
        Item::Fn(item) => take(&mut item.attrs, wanted),
        Item::Impl(item) => take(&mut item.attrs, wanted),
        Item::Struct(item) => take(&mut item.attrs, wanted),
        Item::Enum(item) => take(&mut item.attrs, wanted),
        _ => None,
    }
}

/// Removes the first wanted attribute from a list.
fn take(attrs: &mut Vec<Attribute>, wanted: impl Fn(&Attribute) -> bool) -> Option<Attribute> {
    let at = attrs.iter().position(wanted)?;
    Some(attrs.remove(at))
}

#[test]
fn node_on_a_function() {
    assert_expansion("node_function");
}

#[test]
fn node_with_epoch_and_events() {
    assert_expansion("node_given");
}

#[test]
fn node_on_a_source() {
    assert_expansion("node_source");
}

#[test]
fn node_on_a_block() {
    assert_expansion("node_class");
}

#[test]
fn node_with_snapshot_and_restore() {
    assert_expansion("node_memory");
}

#[test]
fn node_on_an_async_function() {
    assert_expansion("node_async");
}

#[test]
fn asset_function() {
    assert_expansion("asset_function");
}

#[test]
fn asset_block() {
    assert_expansion("asset_class");
}

#[test]
fn signals_of_a_node() {
    assert_expansion("signals");
}

#[cfg(feature = "tube")]
#[test]
fn tube_of_a_file() {
    assert_expansion("tube");
}

#[test]
fn main_of_a_program() {
    assert_expansion("main");
}

#[test]
fn message_of_a_serde_type() {
    assert_expansion("message");
}

#[test]
fn addon_of_an_actor() {
    assert_expansion("addon");
}

#[test]
fn sockets_of_a_spec() {
    KnownSpecs::default().assert_expansion("sockets");
}

#[test]
fn handlers_of_an_actor() {
    let mut specs = KnownSpecs::default();
    specs.add_specs_of("expansions/sockets.rs");
    specs.assert_expansion("handlers");
}

#[test]
fn nested_spec_with_a_delegate() {
    let mut specs = KnownSpecs::default();
    specs.add_specs_of("src/runner/zmq/sockets.rs");
    specs.assert_expansion("composition");
}

#[test]
fn crate_option_replaces_every_library_path() {
    let mut specs = KnownSpecs::default();
    let spec: Item = syn::parse_quote! {
        #[derive(Sockets)]
        #[sockets(crate = ::another)]
        pub struct MySockets {
            #[bind]
            #[recv(Ping, Stop)]
            #[send(Ping)]
            #[peer(MySockets::INBOX, kind = Sub)]
            outbox: XPub<Self>,
        }
    };
    let block: Item = syn::parse_quote! {
        #[handlers(MySockets, crate = ::another)]
        impl Mine {
            #[on_outbox(MessageType::Ping)]
            fn on_ping(&mut self, ping: Ping) {}
            #[on_outbox(MessageType::Stop)]
            async fn on_stop(&mut self, stop: Stop, context: &Context) {}
        }
    };
    let expanded = format!("{}{}", specs.expand(spec), specs.expand(block));
    assert!(expanded.contains("another"));
    assert!(!expanded.contains("noob_zmq"), "{expanded}");
}
