//! Every identifier that the macros make up, and the spelling rules behind them.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};

/// `on_status` → `OnStatus`.
pub(crate) fn camel(name: &str) -> String {
    name.split('_')
        .flat_map(|part| {
            let mut letters = part.chars();
            letters
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .chain(letters)
        })
        .collect()
}

/// `EpochEnded` → `epoch_ended`.
pub(crate) fn snake(name: &str) -> String {
    let mut out = String::new();
    for (i, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// `outbox` → `OUTBOX`.
pub(crate) fn screaming(name: &str) -> String {
    name.to_uppercase()
}

/// noob's own types of message, by their names in `MessageType`.
const MESSAGE_TYPES: [&str; 10] = [
    "Announce", "Identify", "Status", "Error", "Event", "Ping", "Process", "Start", "Stop",
    "Deinit",
];

/// Whether a message is one of noob's own, and written `MessageType::Status` in handlers.
pub(crate) fn is_message_type(name: &Ident) -> bool {
    MESSAGE_TYPES.iter().any(|known| name == known)
}

/// The kinds of noob's own messages on the wire: `announce`.
pub(crate) fn message_kinds() -> impl Iterator<Item = String> {
    MESSAGE_TYPES.into_iter().map(snake)
}

/// Whether a path names a variant of an enum (`MessageType::Status`) and not a type in a module (`metrics::Metrics`).
pub(crate) fn is_variant(path: &syn::Path) -> bool {
    let owner = path.segments.iter().rev().nth(1);
    owner.is_some_and(|owner| owner.ident.to_string().starts_with(char::is_uppercase))
}

/// The name of `ident` without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map_or(name.clone(), str::to_owned)
}

/// The enum of everything that can arrive on the sockets of `spec`: `CommandSocketsIncoming`.
pub(crate) fn incoming(spec: &Ident) -> Ident {
    Ident::new(&format!("{}Incoming", plain(spec)), spec.span())
}

/// Its variant for one message of one socket: `RouterStatus`.
pub(crate) fn variant(socket: &Ident, message: &Ident) -> Ident {
    Ident::new(
        &format!("{}{}", camel(&plain(socket)), plain(message)),
        message.span(),
    )
}

/// Its variant for everything that arrives on a contained spec: field `command` → `Command`.
pub(crate) fn nested_variant(field: &Ident) -> Ident {
    Ident::new(&camel(&plain(field)), field.span())
}

/// The constant that stands for a socket: `CommandSockets::ROUTER`.
pub(crate) fn constant(socket: &Ident) -> Ident {
    Ident::new(&screaming(&plain(socket)), socket.span())
}

/// The hidden macro that knows a spec. Exported macros of a crate share one namespace, hence `unique`.
pub(crate) fn hidden_macro(spec: &Ident, unique: &str) -> Ident {
    Ident::new(
        &format!("__noob_sockets_{}_{unique}", plain(spec)),
        Span::call_site(),
    )
}

/// What `tube!` knows a node by: its type, and a constant of its description. They stand beside the node.
pub(crate) fn known(node: &Ident) -> Ident {
    Ident::new(&format!("__noob_node_{}", plain(node)), Span::call_site())
}

/// The tokens, reported as if they stood at `at`; what their names mean stays as it is.
pub(crate) fn located(tokens: TokenStream, at: Span) -> TokenStream {
    respan(tokens, &|span| span.located_at(at))
}

/// The tokens, as if the user had written them at `at`. Only for paths and calls: a local variable would become the user's, too.
pub(crate) fn written(tokens: TokenStream, at: Span) -> TokenStream {
    respan(tokens, &|_| at)
}

fn respan(tokens: TokenStream, new: &impl Fn(Span) -> Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => {
                let mut moved = Group::new(group.delimiter(), respan(group.stream(), new));
                moved.set_span(new(group.span()));
                TokenTree::Group(moved)
            }
            mut token => {
                token.set_span(new(token.span()));
                token
            }
        })
        .collect()
}

/// The type as people write it, without the blanks that printing its tokens puts between them.
pub(crate) fn spelled(ty: &syn::Type) -> String {
    use quote::ToTokens as _;
    let mut text = ty.to_token_stream().to_string();
    for (spaced, plain) in [
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ::", "::"),
        (":: ", "::"),
        (" ,", ","),
        ("& ", "&"),
    ] {
        text = text.replace(spaced, plain);
    }
    text
}

/// A suffix that no other macro call of the same crate has: a digest of the file (FNV-1a), line and column.
pub(crate) fn unique(file: &str, line: usize, column: usize) -> String {
    let digest = file.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{digest:08x}_{line}_{column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings() {
        assert_eq!(camel("epoch_ended"), "EpochEnded");
        assert_eq!(snake("EpochEnded"), "epoch_ended");
        assert_eq!(screaming("outbox"), "OUTBOX");
        assert_eq!(plain(&Ident::new_raw("type", Span::call_site())), "type");
    }

    #[test]
    fn two_places_never_share_a_suffix() {
        assert_ne!(unique("a.rs", 1, 2), unique("b.rs", 1, 2));
        assert_ne!(unique("a.rs", 1, 12), unique("a.rs", 11, 2));
    }
}
