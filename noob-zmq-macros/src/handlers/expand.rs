//! Prints the `Actor` impl: one `async fn dispatch` with one exhaustive `match`.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::cfg_gaps::{CfgGap, cfg_gaps};
use super::check::{HandledMessage, SocketSite, is_named};
use super::ir::{Delegate, HandlersBlock};
use super::signature::HandlerSignature;
use crate::names;
use crate::sockets::{Known, Member};

/// Returns the impl for a block without mistakes.
pub(crate) fn actor(
    spec: &Known,
    sites: &[SocketSite<'_>],
    block: &HandlersBlock,
    handled_messages: &[HandledMessage<'_>],
) -> TokenStream {
    let printer = DispatchPrinter {
        spec,
        block,
        at: body_span(block),
    };
    let aliases = printer.aliases();
    let arms = handled_messages
        .iter()
        .map(|handled| printer.handler_arm(&sites[handled.site], handled));
    let gaps = cfg_gaps(sites, block, handled_messages);
    let gap_arms = gaps.iter().map(|gap| printer.cfg_gap_arm(gap));
    let rest = printer.rest();
    let DispatchPrinter { at, .. } = printer;
    let incoming = Ident::new("__incoming", at);
    let body = quote_spanned! { at => #aliases match #incoming { #(#arms)* #(#gap_arms)* #rest } };
    let mut tokens = actor_impl(block, &incoming, &body);
    tokens.extend(gaps.iter().map(CfgGap::error));
    tokens.extend(registration(block, handled_messages));
    tokens
}

/// Registers the handlers for `noob-zmq handlers`.
fn registration(block: &HandlersBlock, handled_messages: &[HandledMessage<'_>]) -> TokenStream {
    let HandlersBlock {
        krate, spec, actor, ..
    } = block;
    let name = names::spelled(actor);
    let at = names::source_location(krate);
    let handlers = handled_messages.iter().map(|handled| {
        let (cfgs, socket) = (&handled.handler.cfgs, &handled.handler.socket);
        let message = names::plain(&handled.arrival.name);
        let method = names::plain(&handled.handler.signature.method);
        quote! { #(#cfgs)* #krate::actor::RegisteredHandler::new(#socket, #message, #method) }
    });
    quote! {
        #krate::__private::inventory::submit! {
            #krate::actor::RegisteredActor::new(
                #name,
                <#spec as #krate::actor::Sockets>::SPEC.name,
                &[#(#handlers),*],
                #at,
            )
        }
    }
}

/// Returns the impl for a block with mistakes, so that the compiler reports no others.
pub(crate) fn dummy(block: &HandlersBlock) -> TokenStream {
    let at = body_span(block);
    actor_impl(
        block,
        &Ident::new("__incoming", at),
        &quote!(::core::unreachable!()),
    )
}

/// Returns the hygiene of `dispatch`.
///
/// `self`, `__incoming` and `__context` mean the same in every part of it.
fn body_span(block: &HandlersBlock) -> Span {
    Span::mixed_site().located_at(block.actor.span())
}

fn actor_impl(block: &HandlersBlock, incoming: &Ident, body: &TokenStream) -> TokenStream {
    let HandlersBlock {
        krate,
        spec,
        actor,
        generics,
        ..
    } = block;
    let (parameters, _, clause) = generics.split_for_impl();
    let at = body_span(block);
    let dispatch = quote_spanned! { at =>
        async fn dispatch(
            &mut self,
            #incoming: <#spec as #krate::actor::Sockets>::Incoming,
            __context: &#krate::actor::Context,
        ) -> ::core::result::Result<(), #krate::actor::HandlerError> {
            #body
        }
    };
    let addons = block.addons.then(|| {
        quote!(
            const ADDONS: bool = true;
        )
    });
    // Located at the actor, where the compiler reports a second block, which repeats both impls.
    let implementation = quote_spanned!(at => impl);
    let one_block = quote_spanned!(at => const _ONE_BLOCK_HOLDS_ALL_HANDLERS: () = (););
    quote! {
        #[automatically_derived]
        #implementation #parameters #krate::actor::Actor for #actor #clause {
            type Sockets = #spec;
            #addons

            #dispatch
        }

        #[automatically_derived]
        impl #parameters #actor #clause {
            #one_block
        }
    }
}

/// Printer of the body of `dispatch`.
struct DispatchPrinter<'a> {
    spec: &'a Known,
    block: &'a HandlersBlock,
    at: Span,
}

impl DispatchPrinter<'_> {
    /// Returns the alias `Incoming` for the spec, and one alias for each contained spec.
    fn aliases(&self) -> TokenStream {
        let HandlersBlock { krate, spec, .. } = self.block;
        let mut tokens = TokenStream::new();
        self.alias(&quote!(#spec), self.spec, &[], krate, &mut tokens);
        tokens
    }

    fn alias(
        &self,
        path: &TokenStream,
        spec: &Known,
        nesting: &[&Ident],
        krate: &syn::Path,
        tokens: &mut TokenStream,
    ) {
        let alias = self.alias_name(nesting.iter().copied());
        let at = self.at;
        tokens.extend(
            quote_spanned! { at => type #alias = <#path as #krate::actor::Sockets>::Incoming; },
        );
        for (number, member) in spec.members.iter().enumerate() {
            let Member::Nested { name, spec } = member else {
                continue;
            };
            let nesting = [nesting, &[name]].concat();
            if self
                .block
                .delegate
                .field_for(nesting.first().copied())
                .is_some()
                && !self.block.handlers.iter().any(|handler| {
                    spec.socket_names()
                        .iter()
                        .any(|name| names::plain(name) == handler.socket)
                })
            {
                continue;
            }
            let number = Literal::usize_unsuffixed(number);
            let inner = quote_spanned! { at => <#path as #krate::actor::Contains<#number>>::Inner };
            self.alias(&inner, spec, &nesting, krate, tokens);
        }
    }

    /// Returns the name of an alias: `Incoming`, or `Command` for the field `command`.
    fn alias_name<'b>(&self, nesting: impl Iterator<Item = &'b Ident>) -> Ident {
        let name: String = nesting
            .map(|field| names::camel(&names::plain(field)))
            .collect();
        Ident::new(if name.is_empty() { "Incoming" } else { &name }, self.at)
    }

    /// Returns the pattern around `inner`: `Incoming::Command(Command::InboxEvent(inner))`.
    fn pattern(
        &self,
        nesting: &[(usize, &Ident)],
        variant: &Ident,
        inner: &TokenStream,
    ) -> TokenStream {
        self.pattern_below(0, nesting, variant, inner)
    }

    /// Returns the pattern without its `outermost` first variants.
    ///
    /// A delegate for the outermost contained spec is given the value of the pattern below 1.
    fn pattern_below(
        &self,
        outermost: usize,
        nesting: &[(usize, &Ident)],
        variant: &Ident,
        inner: &TokenStream,
    ) -> TokenStream {
        let at = self.at;
        let own = self.alias_name(nesting.iter().map(|(_, field)| *field));
        let mut pattern = quote_spanned! { at => #own::#variant(#inner) };
        for depth in (outermost..nesting.len()).rev() {
            let outer = self.alias_name(nesting[..depth].iter().map(|(_, field)| *field));
            let variant = Ident::new(&names::nested_variant(nesting[depth].1).to_string(), at);
            pattern = quote_spanned! { at => #outer::#variant(#pattern) };
        }
        pattern
    }

    fn handler_arm(&self, site: &SocketSite<'_>, handled: &HandledMessage<'_>) -> TokenStream {
        let at = self.at;
        let handler = handled.handler;
        let message = &handler.signature.binding;
        // The name is the handler's own, its place the type, so that a type that does not fit is
        // reported there.
        let argument = respanned(message, handler.signature.payload.span());
        let variant = respanned(
            &names::variant(site.name, &handled.arrival.name),
            handler.message.span(),
        );
        let pattern = self.pattern(&site.nesting, &variant, &quote!(#message));
        let cfgs = &handler.cfgs;
        let call = self.call(
            &handler.signature,
            &argument,
            Some(&handled.arrival.payload),
        );
        if !handler.signature.by_reference {
            return quote_spanned! { at => #(#cfgs)* #pattern => #call, };
        }
        let (field, inner) = match &self.block.delegate {
            Delegate::Whole(field) => (field, pattern.clone()),
            delegate => {
                let nested = site.nesting.first().map(|(_, nested)| *nested);
                let Some(part) = nested.and_then(|nested| delegate.part(nested)) else {
                    return TokenStream::new();
                };
                let inner = self.pattern_below(1, &site.nesting, &variant, &quote!(#message));
                (&part.field, inner)
            }
        };
        let on = self.delegate_call(field, &inner);
        // The message goes on in any case: without it, the delegate would wait for it for ever.
        quote_spanned! { at => #(#cfgs)* #pattern => { __context.report(#call); #on } }
    }

    /// Returns the call of a handler with `argument`, as an outcome.
    ///
    /// `arrives` is the name of the type that arrives, if the spec names it.
    fn call(
        &self,
        handler: &HandlerSignature,
        argument: &Ident,
        arrives: Option<&Ident>,
    ) -> TokenStream {
        let at = self.at;
        let krate = &self.block.krate;
        let method = &handler.method;
        // Located at the return type, which is at fault if it is no outcome.
        let returned = handler
            .returns
            .as_ref()
            .map_or_else(|| method.span(), Spanned::span);
        let returned = at.located_at(returned);
        let wait = handler
            .asynchronous
            .then(|| quote_spanned!(returned => .await));
        let context = handler.context.then(|| quote_spanned!(at => , __context));
        let borrow = handler.by_reference.then(|| quote_spanned!(at => &));
        let mut argument = quote!(#borrow #argument);
        // A type of another name may be an alias, or a mistake, for which the trait behind this
        // call has the better words.
        if arrives.is_some_and(|arrives| !is_named(&handler.payload, arrives)) {
            let (payload, here) = (&handler.payload, at.located_at(handler.payload.span()));
            let deliver = quote!(#krate::__private::deliver::<#borrow #payload, _>);
            let deliver = names::written(deliver, here);
            argument = quote_spanned!(here => #deliver(#argument));
        }
        let call = quote_spanned! { returned => self.#method(#argument #context)#wait };
        let outcome = names::written(
            quote!(#krate::actor::IntoOutcome::into_outcome),
            at.located_at(method.span()),
        );
        quote_spanned! { returned => #outcome(#call) }
    }

    /// Returns the arm for kinds that a spec does not name.
    fn other_arm(&self, nesting: &[(usize, &Ident)]) -> TokenStream {
        let at = self.at;
        let krate = &self.block.krate;
        let other = Ident::new("Other", at);
        if let Some(handler) = &self.block.other {
            let message = &handler.binding;
            let pattern = self.pattern(nesting, &other, &quote!(#message));
            let argument = respanned(message, handler.payload.span());
            let call = self.call(handler, &argument, None);
            return quote_spanned! { at => #pattern => #call, };
        }
        let message = Ident::new("__message", at);
        let pattern = self.pattern(nesting, &other, &quote!(#message));
        if self.block.addons {
            return quote_spanned! { at =>
                #pattern => #krate::actor::dispatch_to_addons(self, &#message, __context),
            };
        }
        quote_spanned! { at => #pattern => #krate::actor::drop_unhandled(&#message, __context), }
    }

    /// So that a handler which is left out is reported once.
    fn cfg_gap_arm(&self, gap: &CfgGap<'_>) -> TokenStream {
        let at = self.at;
        let variant = names::variant(gap.site.name, &gap.arrival.name);
        let pattern = self.pattern(&gap.site.nesting, &variant, &quote!(_));
        let when = &gap.when;
        quote_spanned! { at => #[cfg(#when)] #pattern => ::core::unreachable!(), }
    }

    fn delegate_call(&self, field: &Ident, incoming: &TokenStream) -> TokenStream {
        let at = self.at;
        let krate = &self.block.krate;
        let at = at.located_at(field.span());
        let incoming = names::located(incoming.clone(), field.span());
        let contains = |member: &Member| matches!(member, Member::Nested { .. });
        if matches!(self.block.delegate, Delegate::Whole(_))
            && self.spec.members.iter().any(contains)
        {
            // Whoever means the actor of a contained spec is told so by the trait behind this call.
            let spec = &self.block.spec;
            let arriving = quote!(#krate::__private::ActorOf::<#spec>::arriving);
            let arriving = names::written(arriving, at);
            return quote_spanned! { at => {
                let __incoming = #arriving(&self.#field, #incoming);
                #krate::actor::Actor::dispatch(&mut self.#field, __incoming, __context).await
            } };
        }
        quote_spanned! { at =>
            #krate::actor::Actor::dispatch(&mut self.#field, #incoming, __context).await
        }
    }

    /// The arms for what has no handler: to the delegate, or away.
    fn rest(&self) -> TokenStream {
        let at = self.at;
        if let Delegate::Whole(field) = &self.block.delegate {
            let incoming = Ident::new("__incoming", at);
            let on = self.delegate_call(field, &quote!(#incoming));
            let other = self.block.other.as_ref().map(|_| self.other_arm(&[]));
            return quote_spanned! { at => #other #incoming => #on, };
        }
        let mut tokens = TokenStream::new();
        self.rest_of(self.spec, &[], &mut tokens);
        tokens
    }

    fn rest_of(&self, spec: &Known, nesting: &[(usize, &Ident)], tokens: &mut TokenStream) {
        let at = self.at;
        for (number, member) in spec.members.iter().enumerate() {
            let Member::Nested { name, spec } = member else {
                continue;
            };
            let delegate = Some(&self.block.delegate).filter(|_| nesting.is_empty());
            let part = delegate.and_then(|delegate| delegate.part(name));
            match part {
                None => self.rest_of(spec, &[nesting, &[(number, name)]].concat(), tokens),
                Some(part) => {
                    let incoming = Ident::new("__incoming", at);
                    let variant = Ident::new(&names::nested_variant(name).to_string(), at);
                    let pattern = self.pattern(nesting, &variant, &quote!(#incoming));
                    let on = self.delegate_call(&part.field, &quote!(#incoming));
                    tokens.extend(quote_spanned! { at => #pattern => #on, });
                }
            }
        }
        tokens.extend(self.other_arm(nesting));
    }
}

fn respanned(ident: &Ident, at: Span) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(ident.span().located_at(at));
    ident
}

/// `MessageType::Status` must be a variant of the real enum, so that no other enum passes for it by
/// its last segment.
pub(crate) fn name_checks(
    block: &HandlersBlock,
    handled_messages: &[HandledMessage<'_>],
) -> TokenStream {
    let krate = &block.krate;
    let mut checks = TokenStream::new();
    let named = block
        .handlers
        .iter()
        .filter(|handler| names::is_variant(&handler.message));
    let paths: Vec<_> = named
        .filter(|handler| {
            handler
                .message
                .segments
                .last()
                .is_some_and(|last| names::is_message_type(&last.ident))
        })
        .map(|handler| {
            let (cfgs, path) = (&handler.cfgs, &handler.message);
            quote!(#(#cfgs)* #path)
        })
        .collect();
    if !paths.is_empty() {
        checks.extend(quote! { const _: &[#krate::wire::MessageType] = &[#(#paths),*]; });
    }
    for handled in handled_messages {
        let path = &handled.handler.message;
        if path.segments.len() > 1
            && !names::is_variant(path)
            && handled.arrival.name == handled.arrival.payload
        {
            let cfgs = &handled.handler.cfgs;
            checks.extend(
                quote! { #(#cfgs)* const _: () = #krate::__private::is_message::<#path>(); },
            );
        }
    }
    checks
}
