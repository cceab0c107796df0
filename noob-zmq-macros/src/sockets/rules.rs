//! The checks that `#[derive(Sockets)]` leaves to constants, because they need types.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::quote;

use super::ir::{Peer, Spec};
use crate::names;

/// Returns one constant for each rule that needs types; an error is reported at the place of the
/// attribute.
pub(super) fn checks(spec: &Spec) -> TokenStream {
    let (name, krate) = (&spec.name, &spec.krate);
    let mut checks = TokenStream::new();
    for (_, socket) in spec.sockets() {
        let constant = names::constant(&socket.name);
        let own = quote!(#name::#constant.side());
        let mut line = |at: Span, rule: TokenStream| {
            checks.extend(names::located(
                quote! { const _: () = #krate::__private::#rule; },
                at,
            ));
        };
        if let Some(at) = socket.receives.at.filter(|_| socket.kind().is_none()) {
            line(at, quote!(can_receive(#own)));
        }
        if let Some(at) = socket.sends.at.filter(|_| socket.kind().is_none()) {
            line(at, quote!(can_send(#own)));
        }
        if let (true, Some(at)) = (socket.receives.list.len() > 1, socket.receives.at) {
            line(at, quote!(distinct_kinds(#own)));
        }
        let peers: Vec<&syn::Path> = socket
            .peers
            .iter()
            .filter_map(|peer| match peer {
                Peer::Socket(path) => Some(path),
                Peer::Kind(..) => None,
            })
            .collect();
        for peer in &peers {
            let at = peer
                .segments
                .last()
                .map_or_else(Span::call_site, |last| last.ident.span());
            line(at, quote!(can_link(#own, #peer.side())));
        }
        if peers.is_empty() || peers.len() < socket.peers.len() {
            continue;
        }
        for message in &socket.sends.list {
            let (payload, at) = (&message.payload, message.name.span());
            let located = |tokens| names::located(tokens, at);
            let rule =
                located(quote! { const _: () = #krate::__private::has_receiver::<#payload> });
            let own = located(own.clone());
            // The peers keep their own spans: a peer that does not exist is reported there, once.
            let mut arguments =
                Group::new(Delimiter::Parenthesis, quote!(#own, &[#(#peers.side()),*]));
            arguments.set_span(Span::call_site().located_at(at));
            checks.extend(quote! { #rule #arguments; });
        }
    }
    checks
}
