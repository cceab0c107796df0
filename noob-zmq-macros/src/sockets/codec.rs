//! Reads `#[codec(json)]`.

use proc_macro2::{Ident, Span};
use syn::Attribute;
use syn::spanned::Spanned as _;

use crate::errors::{Errors, did_you_mean, list};

/// Encoding of the messages that a socket sends, as an attribute gives it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Codec {
    /// The name of the variant of `noob_zmq::wire::Codec`.
    pub(crate) variant: &'static str,
    /// The place of the attribute.
    pub(crate) at: Span,
}

/// Names of the codecs, and of the variants.
const CODECS: [(&str, &str); 2] = [("json", "Json"), ("msgpack", "MsgPack")];

/// Returns the codec that an attribute names.
pub(super) fn codec(attr: &Attribute, errors: &mut Errors) -> Codec {
    let names = CODECS.map(|(name, _)| name);
    let codecs = list(names);
    let at = attr.path().span();
    let Ok(name) = attr.parse_args::<Ident>() else {
        errors.push(
            attr,
            format!("`codec` takes the name of one codec: `#[codec(json)]`; there are {codecs}"),
        );
        return Codec {
            variant: "MsgPack",
            at,
        };
    };
    let known = CODECS.iter().find(|(known, _)| name == known);
    if known.is_none() {
        let meant = did_you_mean(&name.to_string(), names);
        errors.push(
            &name,
            format!("there is no codec `{name}`; there are {codecs}{meant}"),
        );
    }
    let variant = known.map_or("MsgPack", |(_, variant)| variant);
    Codec { variant, at }
}
