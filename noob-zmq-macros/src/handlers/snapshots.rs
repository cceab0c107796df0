//! Compares what `#[derive(Sockets)]` and `#[handlers(..)]` make with the files in `noob-zmq/expansions`, both stages of each.

use std::collections::HashMap;
use std::path::PathBuf;

use expect_test::expect_file;
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, Item, Meta};

/// What hidden macros would tell, by the names of the specs.
#[derive(Default)]
pub(super) struct Specs(HashMap<String, TokenStream>);

impl Specs {
    /// Learns the specs in a file, without a look at what they expand to.
    pub(super) fn learn(&mut self, file: &str) {
        for item in syn::parse_file(&read(file)).unwrap().items {
            self.expand(item);
        }
    }

    fn expand(&mut self, mut item: Item) -> TokenStream {
        if let Item::Struct(spec) = &mut item
            && let Some(derive) = take(&mut spec.attrs, derives_sockets)
        {
            drop(derive);
            let inner = spec
                .fields
                .iter()
                .filter_map(|field| self.0.get(&field.ty.to_token_stream().to_string()));
            let known = crate::sockets::told(spec.to_token_stream(), inner.cloned().collect());
            self.0.insert(spec.ident.to_string(), known);
            let made = self.ask(crate::sockets::derive(spec.to_token_stream(), "1_1"));
            let clean = without_helpers(spec.clone());
            return quote!(#clean #made);
        }
        if let Item::Impl(block) = &mut item
            && let Some(attr) = take(&mut block.attrs, |attr| attr.path().is_ident("handlers"))
        {
            let Meta::List(arguments) = attr.meta else {
                return TokenStream::new();
            };
            return self.ask(super::annotate(arguments.tokens, block.to_token_stream()));
        }
        item.into_token_stream()
    }

    /// Does what the compiler does with `Spec! { [noob_zmq] stage .. }`.
    fn ask(&self, tokens: TokenStream) -> TokenStream {
        let items = syn::parse2::<syn::File>(tokens).unwrap().items;
        let mut out = TokenStream::new();
        for item in items {
            let told = match &item {
                Item::Macro(call) if call.ident.is_none() => call
                    .mac
                    .path
                    .segments
                    .last()
                    .and_then(|last| self.0.get(&last.ident.to_string())),
                _ => None,
            };
            let (Some(told), Item::Macro(call)) = (told, &item) else {
                out.extend(item.into_token_stream());
                continue;
            };
            let mut asked = call.mac.tokens.clone().into_iter().skip(1);
            let Some(TokenTree::Ident(stage)) = asked.next() else {
                continue;
            };
            let asked: TokenStream = asked.collect();
            let both = quote!(#told #asked);
            out.extend(self.ask(if stage == "define_sockets" {
                crate::sockets::define(both)
            } else {
                super::dispatch(both)
            }));
        }
        out
    }

    /// Expands a file. `use` items are left out.
    pub(super) fn file(&mut self, file: &str) -> TokenStream {
        let items = syn::parse_file(&read(file)).unwrap().items;
        let items = items.into_iter();
        let items = items.filter(|item| !matches!(item, Item::Use(_)));
        items.map(|item| self.expand(item)).collect()
    }

    /// Expands `expansions/{name}.rs` and compares it with `expansions/{name}.expanded.rs`.
    fn expansion_of(&mut self, name: &str) {
        let expanded = self.file(&format!("expansions/{name}.rs"));
        let pretty = prettyplease::unparse(&syn::parse2(expanded).unwrap());
        expect_file![library().join(format!("expansions/{name}.expanded.rs"))].assert_eq(&pretty);
    }
}

fn library() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../noob-zmq")
}

fn read(file: &str) -> String {
    std::fs::read_to_string(library().join(file)).unwrap()
}

fn derives_sockets(attr: &Attribute) -> bool {
    attr.path().is_ident("derive") && attr.to_token_stream().to_string().contains("Sockets")
}

fn take(attrs: &mut Vec<Attribute>, wanted: impl Fn(&Attribute) -> bool) -> Option<Attribute> {
    let at = attrs.iter().position(wanted)?;
    Some(attrs.remove(at))
}

/// The struct as the compiler keeps it: the attributes that only the derive reads mean nothing to it.
fn without_helpers(mut spec: syn::ItemStruct) -> syn::ItemStruct {
    let ours = |attr: &Attribute| !attr.path().is_ident("doc");
    spec.attrs.retain(|attr| !ours(attr));
    for field in &mut spec.fields {
        field.attrs.retain(|attr| !ours(attr));
    }
    spec
}

#[test]
fn a_spec() {
    Specs::default().expansion_of("sockets");
}

#[test]
fn handlers() {
    let mut specs = Specs::default();
    specs.learn("expansions/sockets.rs");
    specs.expansion_of("handlers");
}

#[test]
fn a_spec_inside_a_spec_and_a_delegate() {
    let mut specs = Specs::default();
    specs.learn("src/runner/zmq/sockets.rs");
    specs.expansion_of("composition");
}

#[test]
fn a_library_under_another_path_is_named_by_it_alone() {
    let mut specs = Specs::default();
    let spec: Item = syn::parse_quote! {
        #[derive(Sockets)]
        #[sockets(crate = ::another)]
        pub struct MySockets {
            #[bind]
            #[recv(Ping, Stop)]
            #[send(Ping)]
            #[peer(MySockets::INBOX, kind = Sub)]
            outbox: XPub,
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
