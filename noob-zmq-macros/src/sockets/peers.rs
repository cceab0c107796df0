//! Reads `#[peer(NodeSockets::DEALER, kind = Sub)]`.

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Path, Token};

use super::ir::Peer;
use super::kinds::Kind;
use crate::errors::{Errors, did_you_mean, list};
use crate::names;

const PEER: &str = "a peer is a socket of a spec, `#[peer(NodeSockets::DEALER)]`, or the \
                    kind of a foreign one, `#[peer(kind = Sub)]`";

/// Returns the peers that an attribute names.
pub(super) fn peers(attr: &Attribute, errors: &mut Errors) -> Vec<Peer> {
    let parsed = attr.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let parsed = errors.attempt(parsed).unwrap_or_default();
    let peer = |meta: Meta| match &meta {
        Meta::Path(path) => socket(path, errors),
        Meta::NameValue(pair) if pair.path.is_ident("kind") => {
            match syn::parse2(pair.value.to_token_stream()) {
                Ok(name) => kind(name, errors),
                Err(_) => errors.reject(&pair.value, PEER),
            }
        }
        _ => errors.reject(meta.path(), PEER),
    };
    parsed.into_iter().filter_map(peer).collect()
}

fn kind(name: Ident, errors: &mut Errors) -> Option<Peer> {
    if let Some(known) = Kind::named(&name.to_string()) {
        return Some(Peer::Kind(name, known));
    }
    let all = Kind::ALL.map(|kind| kind.name);
    let meant = did_you_mean(&name.to_string(), all);
    let text = format!(
        "there is no kind of socket `{name}`; there are {}{meant}",
        list(all)
    );
    errors.reject(&name, text)
}

fn socket(path: &Path, errors: &mut Errors) -> Option<Peer> {
    let Some(last) = path.segments.last().filter(|_| path.segments.len() > 1) else {
        return errors.reject(path, PEER);
    };
    let constant = names::screaming(&last.ident.to_string());
    if last.ident != constant {
        let text = format!("a socket of a spec is named by its constant, `{constant}`");
        return errors.reject(&last.ident, text);
    }
    Some(Peer::Socket(path.clone()))
}
