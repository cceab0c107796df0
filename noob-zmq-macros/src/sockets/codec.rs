//! Reads `#[codec(json)]`.

use proc_macro2::{Ident, Span};
use syn::Attribute;
use syn::spanned::Spanned as _;

use crate::errors::{Errors, did_you_mean, list};

/// Encoding of the messages that a socket sends.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Codec {
    /// The variant of `noob_zmq::wire::Codec`.
    pub(crate) variant: Variant,
    /// The place of the attribute, if the socket has one.
    pub(crate) at: Option<Span>,
}

/// Variant of `noob_zmq::wire::Codec`, named as there.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Variant {
    Json,
    #[default]
    MsgPack,
}

const CODECS: [&str; 2] = ["json", "msgpack"];

/// Returns the codec that an attribute names.
pub(super) fn codec(attr: &Attribute, errors: &mut Errors) -> Codec {
    let at = Some(attr.path().span());
    let Ok(name) = attr.parse_args::<Ident>() else {
        let codecs = list(CODECS);
        errors.push(
            attr,
            format!("`codec` takes the name of one codec: `#[codec(json)]`; there are {codecs}"),
        );
        return Codec {
            at,
            ..Codec::default()
        };
    };
    let text = name.to_string();
    let variant = match text.as_str() {
        "json" => Variant::Json,
        "msgpack" => Variant::MsgPack,
        _ => {
            let meant = did_you_mean(&text, CODECS);
            let codecs = list(CODECS);
            errors.push(
                &name,
                format!("there is no codec `{text}`; there are {codecs}{meant}"),
            );
            Variant::default()
        }
    };
    Codec { variant, at }
}
