//! Reads `#[peer(NodeSockets::DEALER, kind = Sub)]`.

use proc_macro2::Ident;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Path, Token};

use super::ir::Peer;
use super::kinds::Kind;
use crate::errors::{Errors, did_you_mean, list};
use crate::names;

/// Returns the peers that an attribute names.
pub(super) fn peers(attr: &Attribute, errors: &mut Errors) -> Vec<Peer> {
    let parsed = attr.parse_args_with(Punctuated::<RawPeer, Token![,]>::parse_terminated);
    let parsed = errors.attempt(parsed).unwrap_or_default();
    parsed
        .into_iter()
        .filter_map(|raw| peer(raw, errors))
        .collect()
}

enum RawPeer {
    Kind(Ident),
    Path(Path),
}

impl Parse for RawPeer {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(syn::Ident) && input.peek2(Token![=]) {
            let key: Ident = input.parse()?;
            if key != "kind" {
                return Err(syn::Error::new_spanned(key, PEER));
            }
            input.parse::<Token![=]>()?;
            return Ok(Self::Kind(input.parse()?));
        }
        input.parse().map(Self::Path)
    }
}

const PEER: &str = "a peer is a socket of a spec, `#[peer(NodeSockets::DEALER)]`, or the \
                    kind of a foreign one, `#[peer(kind = Sub)]`";

fn peer(raw: RawPeer, errors: &mut Errors) -> Option<Peer> {
    match raw {
        RawPeer::Kind(kind) => {
            let known = Kind::named(&kind.to_string());
            if known.is_none() {
                let all = Kind::ALL.map(|kind| kind.name);
                let meant = did_you_mean(&kind.to_string(), all);
                let text = format!(
                    "there is no kind of socket `{kind}`; there are {}{meant}",
                    list(all)
                );
                errors.push(&kind, text);
            }
            known.map(|known| Peer::Kind(kind, known))
        }
        RawPeer::Path(path) => {
            let Some(last) = path.segments.last().filter(|_| path.segments.len() > 1) else {
                errors.push(&path, PEER);
                return None;
            };
            let constant = names::screaming(&last.ident.to_string());
            if last.ident != constant {
                let text = format!("a socket of a spec is named by its constant, `{constant}`");
                errors.push(&last.ident, text);
                return None;
            }
            Some(Peer::Socket(path))
        }
    }
}
