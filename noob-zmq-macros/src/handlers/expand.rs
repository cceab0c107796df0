//! Prints the `Actor` impl: one `async fn dispatch` with one exhaustive `match`.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::absent::{Absent, absent};
use super::check::{Answer, Place};
use super::ir::{Block, Delegate, Handler};
use crate::names;
use crate::sockets::{Known, Member};

/// The impl for a block without mistakes.
pub(crate) fn actor(
    spec: &Known,
    places: &[Place<'_>],
    block: &Block,
    answers: &[Answer<'_>],
) -> TokenStream {
    let printer = Printer {
        spec,
        block,
        at: body_span(block),
    };
    let aliases = printer.aliases();
    let arms = answers
        .iter()
        .map(|answer| printer.handler_arm(&places[answer.place], answer));
    let absent = absent(places, block, answers);
    let absent_arms = absent.iter().map(|absent| printer.absent_arm(absent));
    let rest = printer.rest();
    let Printer { at, .. } = printer;
    let incoming = Ident::new("incoming", at);
    let body =
        quote_spanned! { at => #aliases match #incoming { #(#arms)* #(#absent_arms)* #rest } };
    let mut tokens = implementation(block, &incoming, &body);
    tokens.extend(absent.iter().map(Absent::error));
    tokens.extend(registered(block, answers));
    tokens
}

/// So that `noob-zmq handlers` can show them.
fn registered(block: &Block, answers: &[Answer<'_>]) -> TokenStream {
    let Block {
        krate, spec, actor, ..
    } = block;
    let name = names::spelled(actor);
    let handlers = answers.iter().map(|answer| {
        let (cfgs, socket) = (&answer.handler.cfgs, &answer.handler.socket);
        let message = names::plain(&answer.arrival.name);
        let method = names::plain(&answer.handler.method);
        quote! { #(#cfgs)* #krate::actor::RegisteredHandler::new(#socket, #message, #method) }
    });
    quote! {
        #krate::__private::inventory::submit! {
            #krate::actor::RegisteredActor {
                name: #name,
                spec: <#spec as #krate::actor::Sockets>::SPEC.name,
                handlers: &[#(#handlers),*],
                at: #krate::actor::SourceLocation::new(::core::module_path!(), ::core::file!(), ::core::line!()),
            }
        }
    }
}

/// The impl for a block with mistakes, so that nothing but the mistakes is reported.
pub(crate) fn dummy(block: &Block) -> TokenStream {
    let at = body_span(block);
    implementation(
        block,
        &Ident::new("_incoming", at),
        &quote!(::core::unreachable!()),
    )
}

/// Everything in `dispatch` has one hygiene, so that `self`, `incoming` and `context` mean the same in every part of it.
fn body_span(block: &Block) -> Span {
    Span::mixed_site().located_at(block.actor.span())
}

fn implementation(block: &Block, incoming: &Ident, body: &TokenStream) -> TokenStream {
    let Block {
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
            context: &#krate::actor::Context,
        ) -> ::core::result::Result<(), #krate::actor::HandlerError> {
            #body
        }
    };
    let addons = block.addons.then(|| {
        quote!(
            const ADDONS: bool = true;
        )
    });
    quote! {
        #[automatically_derived]
        impl #parameters #krate::actor::Actor for #actor #clause {
            type Sockets = #spec;
            #addons

            #dispatch
        }
    }
}

struct Printer<'a> {
    spec: &'a Known,
    block: &'a Block,
    at: Span,
}

impl Printer<'_> {
    /// `Incoming` for the spec, and one name for what arrives on each spec inside it.
    fn aliases(&self) -> TokenStream {
        let Block { krate, spec, .. } = self.block;
        let mut tokens = TokenStream::new();
        self.alias(&quote!(#spec), self.spec, &[], krate, &mut tokens);
        tokens
    }

    fn alias(
        &self,
        path: &TokenStream,
        spec: &Known,
        way: &[&Ident],
        krate: &syn::Path,
        tokens: &mut TokenStream,
    ) {
        let alias = self.alias_name(way.iter().copied());
        let at = self.at;
        tokens.extend(
            quote_spanned! { at => type #alias = <#path as #krate::actor::Sockets>::Incoming; },
        );
        for (number, member) in spec.members.iter().enumerate() {
            let Member::Nested { name, spec } = member else {
                continue;
            };
            let way = [way, &[name]].concat();
            if self.passes_whole(&way)
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
            self.alias(&inner, spec, &way, krate, tokens);
        }
    }

    /// Whether nothing but a delegate sees what arrives there.
    fn passes_whole(&self, way: &[&Ident]) -> bool {
        match (&self.block.delegate, way.first()) {
            (Delegate::Whole(_), _) => true,
            (Delegate::Parts(parts), Some(nested)) => {
                parts.iter().any(|part| part.nested == **nested)
            }
            _ => false,
        }
    }

    /// `Incoming`, or `Command` for the field `command`.
    fn alias_name<'b>(&self, way: impl Iterator<Item = &'b Ident>) -> Ident {
        let name: String = way
            .map(|field| names::camel(&names::plain(field)))
            .collect();
        Ident::new(if name.is_empty() { "Incoming" } else { &name }, self.at)
    }

    /// `Incoming::Command(Command::InboxEvent(inner))` around `inner`.
    fn pattern(
        &self,
        way: &[(usize, &Ident)],
        variant: &Ident,
        inner: &TokenStream,
    ) -> TokenStream {
        let at = self.at;
        let own = self.alias_name(way.iter().map(|(_, field)| *field));
        let mut pattern = quote_spanned! { at => #own::#variant(#inner) };
        for depth in (0..way.len()).rev() {
            let outer = self.alias_name(way[..depth].iter().map(|(_, field)| *field));
            let variant = Ident::new(&names::nested_variant(way[depth].1).to_string(), at);
            pattern = quote_spanned! { at => #outer::#variant(#pattern) };
        }
        pattern
    }

    fn handler_arm(&self, place: &Place<'_>, answer: &Answer<'_>) -> TokenStream {
        let at = self.at;
        let handler = answer.handler;
        let message = &handler.binding;
        // The name is the handler's own, its place the type, so that a type that does not fit is reported there.
        let argument = respanned(message, handler.payload.span());
        let variant = respanned(
            &names::variant(place.name, &answer.arrival.name),
            handler.message.span(),
        );
        let pattern = self.pattern(&place.way, &variant, &quote!(#message));
        let cfgs = &handler.cfgs;
        let call = self.call(handler, &argument);
        if !handler.looks {
            return quote_spanned! { at => #(#cfgs)* #pattern => #call, };
        }
        let (field, inner) = match (&self.block.delegate, place.way.split_first()) {
            (Delegate::Whole(field), _) => {
                (field, self.pattern(&place.way, &variant, &quote!(#message)))
            }
            (Delegate::Parts(parts), Some(((_, nested), _))) => {
                let Some(part) = parts.iter().find(|part| part.nested == **nested) else {
                    return TokenStream::new();
                };
                (&part.field, self.inside(&place.way, &variant, message))
            }
            _ => return TokenStream::new(),
        };
        let on = self.pass_on(field, &inner);
        quote_spanned! { at => #(#cfgs)* #pattern => { #call?; #on } }
    }

    /// The call of a handler with `argument`, as an outcome.
    fn call(&self, handler: &Handler, argument: &Ident) -> TokenStream {
        let at = self.at;
        let krate = &self.block.krate;
        let method = &handler.method;
        // What it returns is at fault if it is no outcome.
        let returned = handler
            .returns
            .as_ref()
            .map_or_else(|| method.span(), Spanned::span);
        let returned = at.located_at(returned);
        let wait = handler
            .asynchronous
            .then(|| quote_spanned!(returned => .await));
        let context = handler.context.then(|| quote_spanned!(at => , context));
        let argument = if handler.looks {
            quote_spanned!(at => &#argument)
        } else {
            quote!(#argument)
        };
        let call = quote_spanned! { returned => self.#method(#argument #context)#wait };
        let outcome = names::written(
            quote!(#krate::actor::IntoOutcome::into_outcome),
            at.located_at(method.span()),
        );
        quote_spanned! { returned => #outcome(#call) }
    }

    /// The arm for kinds that a spec does not name.
    fn other_arm(&self, way: &[(usize, &Ident)]) -> TokenStream {
        let at = self.at;
        let krate = &self.block.krate;
        let other = Ident::new("Other", at);
        if let Some(handler) = &self.block.other {
            let message = &handler.binding;
            let pattern = self.pattern(way, &other, &quote!(#message));
            let call = self.call(handler, &respanned(message, handler.payload.span()));
            return quote_spanned! { at => #pattern => #call, };
        }
        let message = Ident::new("message", at);
        let pattern = self.pattern(way, &other, &quote!(#message));
        if self.block.addons {
            return quote_spanned! { at => #pattern => #krate::actor::dispatch_to_addons(self, &#message, context), };
        }
        quote_spanned! { at => #pattern => #krate::actor::drop_unhandled(&#message, context), }
    }

    /// So that a handler which is left out is reported once.
    fn absent_arm(&self, absent: &Absent<'_>) -> TokenStream {
        let at = self.at;
        let variant = names::variant(absent.place.name, &absent.arrival.name);
        let pattern = self.pattern(&absent.place.way, &variant, &quote!(_));
        let when = &absent.when;
        quote_spanned! { at => #[cfg(#when)] #pattern => ::core::unreachable!(), }
    }

    /// The value that a delegate for the outermost contained spec is given: the pattern without its outermost variant.
    fn inside(&self, way: &[(usize, &Ident)], variant: &Ident, message: &Ident) -> TokenStream {
        let at = self.at;
        let own = self.alias_name(way.iter().map(|(_, field)| *field));
        let mut value = quote_spanned! { at => #own::#variant(#message) };
        for depth in (1..way.len()).rev() {
            let outer = self.alias_name(way[..depth].iter().map(|(_, field)| *field));
            let variant = Ident::new(&names::nested_variant(way[depth].1).to_string(), at);
            value = quote_spanned! { at => #outer::#variant(#value) };
        }
        value
    }

    fn pass_on(&self, field: &Ident, incoming: &TokenStream) -> TokenStream {
        let at = self.at;
        let krate = &self.block.krate;
        let at = at.located_at(field.span());
        let incoming = names::located(incoming.clone(), field.span());
        quote_spanned! { at => #krate::actor::Actor::dispatch(&mut self.#field, #incoming, context).await }
    }

    /// The arms for what has no handler: to the delegate, or away.
    fn rest(&self) -> TokenStream {
        let at = self.at;
        if let Delegate::Whole(field) = &self.block.delegate {
            let incoming = Ident::new("incoming", at);
            let on = self.pass_on(field, &quote!(#incoming));
            let other = self.block.other.as_ref().map(|_| self.other_arm(&[]));
            return quote_spanned! { at => #other #incoming => #on, };
        }
        let mut tokens = TokenStream::new();
        self.rest_of(self.spec, &[], &mut tokens);
        tokens
    }

    fn rest_of(&self, spec: &Known, way: &[(usize, &Ident)], tokens: &mut TokenStream) {
        let at = self.at;
        for (number, member) in spec.members.iter().enumerate() {
            let Member::Nested { name, spec } = member else {
                continue;
            };
            let part = match &self.block.delegate {
                Delegate::Parts(parts) if way.is_empty() => {
                    parts.iter().find(|part| part.nested == *name)
                }
                _ => None,
            };
            match part {
                None => self.rest_of(spec, &[way, &[(number, name)]].concat(), tokens),
                Some(part) => {
                    let incoming = Ident::new("incoming", at);
                    let variant = Ident::new(&names::nested_variant(name).to_string(), at);
                    let pattern = self.pattern(way, &variant, &quote!(#incoming));
                    let on = self.pass_on(&part.field, &quote!(#incoming));
                    tokens.extend(quote_spanned! { at => #pattern => #on, });
                }
            }
        }
        tokens.extend(self.other_arm(way));
    }
}

fn respanned(ident: &Ident, at: Span) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(ident.span().located_at(at));
    ident
}

/// `MessageType::Status` must be a variant of the real enum, so that no other enum passes for it by its last segment.
pub(crate) fn name_checks(block: &Block, answers: &[Answer<'_>]) -> TokenStream {
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
    for answer in answers {
        let path = &answer.handler.message;
        if path.segments.len() > 1
            && !names::is_variant(path)
            && answer.arrival.name == answer.arrival.payload
        {
            let cfgs = &answer.handler.cfgs;
            checks.extend(
                quote! { #(#cfgs)* const _: () = #krate::__private::is_message::<#path>(); },
            );
        }
    }
    checks
}
