//! Reads a type under `#[derive(Message)]`, and reports what keeps it from being one.

use syn::{DeriveInput, LitInt, LitStr};

use super::ir::Message;
use crate::attrs::{AttrArgs, library_path};
use crate::errors::Errors;
use crate::names;

/// Returns the message that a type is.
pub(crate) fn message(input: &DeriveInput, errors: &mut Errors) -> Option<Message> {
    let args = AttrArgs::of_item(&input.attrs, "message", errors);
    let [kind, version, krate] =
        args.retain("#[message(..)]", ["kind", "version", "crate"], errors);
    let krate = library_path(krate, errors);
    // Only the library itself defines messages of the kinds that it has taken.
    let is_library = krate.is_ident("crate");
    let kind = kind.and_then(|arg| arg.equals::<LitStr>("\"progress\"", errors));
    if let Some(kind) = &kind {
        check_kind(kind, errors);
    } else {
        let own = names::snake(&names::plain(&input.ident));
        if is_taken(&own) && !is_library {
            let message = format!(
                "`{own}` is a kind of message of noob's own; give yours another: \
                 `#[message(kind = \"my_{own}\")]`"
            );
            errors.push(&input.ident, message);
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
        errors.push(
            generic,
            "a message has one kind and one form, and owns what it holds; remove the parameters",
        );
        return None;
    }
    let base = kind.map_or_else(
        || names::snake(&names::plain(&input.ident)),
        |kind| kind.value(),
    );
    Some(Message {
        name: input.ident.clone(),
        krate,
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
    kind == "subscription" || names::message_kinds().any(|taken| taken == kind)
}
