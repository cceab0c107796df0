//! Identifiers that the macros make up, their spelling rules, and the spans of generated tokens.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// Converts to camel case: `on_status` → `OnStatus`.
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

/// Converts to snake case: `EpochEnded` → `epoch_ended`.
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

/// Converts to the case of constants: `outbox` → `OUTBOX`.
pub(crate) fn screaming(name: &str) -> String {
    name.to_uppercase()
}

/// Messages of the library, by their names in `MessageType`, with their kinds on the wire.
const MESSAGE_TYPES: [(&str, &str); 15] = [
    ("Announce", "announce"),
    ("Identify", "identify"),
    ("Status", "status"),
    ("Health", "health"),
    ("Failure", "error"),
    ("Events", "event"),
    ("Ping", "ping"),
    ("Process", "process"),
    ("Start", "start"),
    ("Stop", "stop"),
    ("Deinit", "deinit"),
    ("EpochsEnded", "epochs_ended"),
    ("Resume", "resume"),
    ("Lend", "lend"),
    ("Subscription", "subscription"),
];

/// Returns whether a message is one of the library, and written `MessageType::Status` in handlers.
pub(crate) fn is_message_type(name: &Ident) -> bool {
    MESSAGE_TYPES.iter().any(|(known, _)| name == known)
}

/// Returns the kinds of the library's messages on the wire: `announce`.
pub(crate) fn message_kinds() -> impl Iterator<Item = &'static str> {
    MESSAGE_TYPES.into_iter().map(|(_, kind)| kind)
}

/// Returns whether a path names a variant of an enum (`MessageType::Status`) and not a type in a
/// module (`metrics::Metrics`).
pub(crate) fn is_variant(path: &syn::Path) -> bool {
    let owner = path.segments.iter().rev().nth(1);
    owner.is_some_and(|owner| owner.ident.to_string().starts_with(char::is_uppercase))
}

/// Returns the name of `ident` without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map_or(name.clone(), str::to_owned)
}

/// Names the enum of the messages that can arrive on the sockets of a spec:
/// `CommandSocketsIncoming`.
pub(crate) fn incoming(spec: &Ident) -> Ident {
    Ident::new(&format!("{}Incoming", plain(spec)), spec.span())
}

/// Names the variant of that enum for a message of a socket: `RouterStatus`.
pub(crate) fn variant(socket: &Ident, message: &Ident) -> Ident {
    Ident::new(
        &format!("{}{}", camel(&plain(socket)), plain(message)),
        message.span(),
    )
}

/// Names the variant of that enum for all messages of a contained spec: `command` → `Command`.
pub(crate) fn nested_variant(field: &Ident) -> Ident {
    Ident::new(&camel(&plain(field)), field.span())
}

/// Names the constant of a socket: `ROUTER` of `CommandSockets::ROUTER`.
pub(crate) fn constant(socket: &Ident) -> Ident {
    Ident::new(&screaming(&plain(socket)), socket.span())
}

/// Names the hidden macro of a spec.
///
/// Exported macros of a crate share one namespace, hence `unique`.
pub(crate) fn hidden_macro(spec: &Ident, unique: &str) -> Ident {
    Ident::new(
        &format!("__noob_sockets_{}_{unique}", plain(spec)),
        Span::call_site(),
    )
}

/// Names the type and the constant beside a node by which `tube!` finds its types and description.
pub(crate) fn known(node: &Ident) -> Ident {
    Ident::new(&format!("__noob_node_{}", plain(node)), Span::call_site())
}

/// Returns the tokens with errors located at `at`, and with their own hygiene.
pub(crate) fn located(tokens: TokenStream, at: Span) -> TokenStream {
    respan(tokens, &|span| span.located_at(at))
}

/// Returns the tokens as if the user had written them at `at`.
///
/// Only for paths and calls: a local variable would become the user's, too.
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

/// Returns the tokens with the path of the library as `crate = path` gives it, instead of
/// `::noob_zmq`.
pub(crate) fn rebased(tokens: TokenStream, krate: Option<&syn::Path>) -> TokenStream {
    let Some(krate) = krate else { return tokens };
    let mut out: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let inner = rebased(group.stream(), Some(krate));
                let mut moved = Group::new(group.delimiter(), inner);
                moved.set_span(group.span());
                out.push(TokenTree::Group(moved));
            }
            TokenTree::Ident(word) if word == "noob_zmq" && ends_with_colons(&out) => {
                out.truncate(out.len() - 2);
                out.extend(krate.to_token_stream());
            }
            token => out.push(token),
        }
    }
    out.into_iter().collect()
}

/// Returns whether tokens end with a `::` that begins a path.
fn ends_with_colons(tokens: &[TokenTree]) -> bool {
    let is_colon =
        |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    match tokens {
        [.., TokenTree::Ident(_), first, second] if is_colon(first) && is_colon(second) => false,
        [.., first, second] => is_colon(first) && is_colon(second),
        _ => false,
    }
}

/// Returns the tokens that describe the place of the macro call, for the registries of the library.
pub(crate) fn source_location(krate: &syn::Path) -> TokenStream {
    quote! {
        #krate::actor::SourceLocation::new(
            ::core::module_path!(),
            ::core::file!(),
            ::core::line!()
        )
    }
}

/// Returns a type or expression as people write it.
///
/// `to_string` of tokens puts blanks around every `<` and `::`.
pub(crate) fn spelled(tokens: &impl ToTokens) -> String {
    const TIGHTER: [(&str, &str); 11] = [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        (" ,", ","),
        (" ;", ";"),
        ("& ", "&"),
        (" (", "("),
        (" . ", "."),
        (" !", "!"),
    ];
    let text = tokens.to_token_stream().to_string();
    TIGHTER
        .iter()
        .fold(text, |text, (loose, tight)| text.replace(loose, tight))
}

/// Returns a suffix that no other macro call of the same crate has.
///
/// The suffix is a digest of the file (FNV-1a), the line and the column.
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
    fn names_convert_between_cases() {
        assert_eq!(camel("epoch_ended"), "EpochEnded");
        assert_eq!(snake("EpochEnded"), "epoch_ended");
        assert_eq!(screaming("outbox"), "OUTBOX");
        assert_eq!(plain(&Ident::new_raw("type", Span::call_site())), "type");
    }

    #[test]
    fn suffixes_of_two_places_differ() {
        assert_ne!(unique("a.rs", 1, 2), unique("b.rs", 1, 2));
        assert_ne!(unique("a.rs", 1, 12), unique("a.rs", 11, 2));
    }
}
