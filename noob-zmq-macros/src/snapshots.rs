//! Compares expansions with the files in `noob-zmq/expansions`, which the documentation of the macros shows.

use std::path::PathBuf;

use expect_test::expect_file;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Item, Meta};

/// One macro: the last segment of its path, and its entry.
enum Macro {
    Attribute(&'static str, fn(TokenStream, TokenStream) -> TokenStream),
    Derive(&'static str, fn(TokenStream) -> TokenStream),
}

/// Every macro that has a page in `expansions`.
const MACROS: [Macro; 6] = [
    Macro::Attribute("asset", crate::asset::asset),
    Macro::Attribute("addon", crate::addon::annotate),
    Macro::Attribute("node", crate::node::node),
    Macro::Attribute("main", crate::entry::main),
    Macro::Derive("Signals", crate::signals::signals),
    Macro::Derive("Message", crate::message::derive),
];

/// Expands `expansions/{name}.rs` and compares it with `expansions/{name}.expanded.rs`. `use` items are left out.
fn expansion_of(name: &str) {
    let folder = library().join("expansions");
    let written = std::fs::read_to_string(folder.join(format!("{name}.rs"))).unwrap();
    let file = syn::parse_file(&written).unwrap();
    let expanded: TokenStream = file
        .items
        .into_iter()
        .filter(|item| !matches!(item, Item::Use(_)))
        .map(expand)
        .collect();
    let pretty = prettyplease::unparse(&syn::parse2(expanded).unwrap());
    // Where the library is on this machine is nobody's business.
    let place = library().canonicalize().unwrap();
    let pretty = pretty.replace(&*place.to_string_lossy(), "..");
    expect_file![folder.join(format!("{name}.expanded.rs"))].assert_eq(&pretty);
}

/// The folder of the library.
fn library() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../noob-zmq")
}

/// What the macro on this item makes of it.
pub(crate) fn expand(mut item: Item) -> TokenStream {
    #[cfg(feature = "tube")]
    if let Item::Macro(call) = &item
        && call.mac.path.is_ident("tube")
    {
        return crate::tube::tube(call.mac.tokens.clone(), Some(library()));
    }
    for known in MACROS {
        match known {
            Macro::Attribute(name, entry) => {
                let Some(attribute) = take(&mut item, |attr| ends_in(attr, name)) else {
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
                if take(&mut item, derives).is_some() {
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

fn take(item: &mut Item, wanted: impl Fn(&Attribute) -> bool) -> Option<Attribute> {
    let attrs = match item {
        Item::Fn(item) => &mut item.attrs,
        Item::Impl(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        _ => return None,
    };
    let at = attrs.iter().position(wanted)?;
    Some(attrs.remove(at))
}

#[test]
fn node_on_a_function() {
    expansion_of("node_function");
}

#[test]
fn node_that_is_given_more_than_its_slots() {
    expansion_of("node_given");
}

#[test]
fn node_on_a_source() {
    expansion_of("node_source");
}

#[test]
fn node_on_a_block() {
    expansion_of("node_class");
}

#[test]
fn node_that_can_be_restored() {
    expansion_of("node_memory");
}

#[test]
fn node_on_an_async_function() {
    expansion_of("node_async");
}

#[test]
fn an_asset_function() {
    expansion_of("asset_function");
}

#[test]
fn an_asset_block() {
    expansion_of("asset_class");
}

#[test]
fn signals_of_a_node() {
    expansion_of("signals");
}

#[cfg(feature = "tube")]
#[test]
fn tube_of_a_file() {
    expansion_of("tube");
}

#[test]
fn main_of_a_program() {
    expansion_of("main");
}

#[test]
fn message_of_a_serde_type() {
    expansion_of("message");
}

#[test]
fn addon_of_an_actor() {
    expansion_of("addon");
}
