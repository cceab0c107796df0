//! `#[derive(Message)]`: a serde type becomes a message with a kind of its own.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{DeriveInput, LitInt, LitStr, Path};

use crate::attrs::{AttrArgs, library_path};
use crate::errors::Errors;
use crate::names;

/// Message that is printed.
struct Message {
    name: Ident,
    krate: Path,
    /// The kind on the wire, with the version if it is not the first.
    kind: String,
    /// Field that holds the sender, which the envelope has.
    sender: Option<Ident>,
}

/// Expands `#[derive(Message)]`.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let input = errors.attempt(syn::parse2(input));
    let message = input.and_then(|input| parse(&input, &mut errors));
    let mut tokens = message.as_ref().map(expand).unwrap_or_default();
    tokens.extend(errors.into_tokens());
    tokens
}

/// Returns the message that a type is.
fn parse(input: &DeriveInput, errors: &mut Errors) -> Option<Message> {
    let args = AttrArgs::of_item(&input.attrs, "message", errors);
    let [kind, version, sender, krate] = args.retain(
        "#[message(..)]",
        ["kind", "version", "sender", "crate"],
        errors,
    );
    let krate = library_path(krate, errors);
    // Only the library itself defines messages of the kinds that it has taken.
    let is_library = krate.is_ident("crate");
    let kind = kind.and_then(|arg| arg.equals::<LitStr>("\"progress\"", errors));
    match &kind {
        _ if is_library => {}
        Some(kind) => check_kind(kind, errors),
        None => {
            let own = names::snake(&names::plain(&input.ident));
            if is_taken(&own) {
                let message = format!(
                    "`{own}` is a kind of message of noob's own; give yours another: \
                     `#[message(kind = \"my_{own}\")]`"
                );
                errors.push(&input.ident, message);
            }
        }
    }
    let version = version.and_then(|arg| {
        let literal: LitInt = arg.equals("1", errors)?;
        let version = literal
            .base10_parse::<u32>()
            .ok()
            .filter(|version| *version > 0);
        if version.is_none() {
            errors.push(&literal, "a version is a whole number, from 1");
        }
        version
    });
    if let Some(generic) = input.generics.params.first() {
        return errors.reject(
            generic,
            "a message has one kind and one form, and owns what it holds; remove the parameters",
        );
    }
    let base = kind.map_or_else(
        || names::snake(&names::plain(&input.ident)),
        |kind| kind.value(),
    );
    Some(Message {
        name: input.ident.clone(),
        krate,
        sender: sender.and_then(|arg| arg.equals("node_id", errors)),
        kind: match version {
            None | Some(1) => base,
            Some(version) => format!("{base}@{version}"),
        },
    })
}

fn check_kind(kind: &LitStr, errors: &mut Errors) {
    let text = kind.value();
    if is_taken(&text) {
        errors.push(
            kind,
            format!("`{text}` is a kind of message of noob's own; give yours another, `my_{text}`"),
        );
    } else if text.is_empty()
        || !text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c))
    {
        errors.push(
            kind,
            "a kind is written with small letters, digits, `_`, `.` and `-`: `my_crate.progress`",
        );
    }
}

/// Returns whether the library, or a socket itself, sends messages of this kind.
fn is_taken(kind: &str) -> bool {
    names::message_kinds().any(|taken| taken == kind)
}

/// Prints the impl; serde does the rest.
fn expand(message: &Message) -> TokenStream {
    let Message {
        name,
        krate,
        kind,
        sender,
    } = message;
    let read = quote!(<#name as #krate::wire::Body>::read(__raw));
    let read = match sender {
        None => read,
        Some(field) => quote! {
            #read.map(|__message| Self { #field: __raw.sender().clone(), ..__message })
        },
    };
    quote! {
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #krate::wire::Message for #name {
            const KIND: &'static str = #kind;

            fn encode(
                &self,
                __writer: &mut #krate::wire::Writer,
            ) -> ::core::result::Result<(), #krate::wire::WireError> {
                <#name as #krate::wire::Body>::write(self, __writer)
            }

            fn decode(
                __raw: &#krate::wire::RawMessage,
            ) -> ::core::result::Result<Self, #krate::wire::WireError> {
                #read
            }
        }
    }
}
