//! Description of a block with handlers: signatures, no bodies.
//!
//! The first stage prints it as tokens, and the second stage reads them.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Generics, LitStr, Path, Token, Type, WhereClause, braced, bracketed, parenthesized,
};

/// `impl` block with handlers.
#[derive(Debug, Clone)]
pub(crate) struct HandlersBlock {
    pub(crate) krate: Path,
    pub(crate) spec: Path,
    pub(crate) actor: Type,
    pub(crate) generics: Generics,
    pub(crate) delegate: Delegate,
    /// Method for kinds that the spec does not name: `other = on_other`.
    pub(crate) other: Option<Handler>,
    /// Whether kinds that the spec does not name go to add-on handlers: `addons`.
    pub(crate) addons: bool,
    /// Whether the first stage found mistakes.
    ///
    /// Then a handler that seems to be missing may only be misspelt.
    pub(crate) broken: bool,
    pub(crate) handlers: Vec<Handler>,
}

/// Destination of messages without a handler.
#[derive(Debug, Clone)]
pub(crate) enum Delegate {
    /// No delegate: each message must have a handler.
    None,
    /// Field that is an actor of the same spec: `delegate = inner`.
    Whole(Ident),
    /// Fields that are actors of contained specs: `delegate(command = inner)`.
    Parts(Vec<DelegatePart>),
}

/// Part of [`Delegate::Parts`].
#[derive(Debug, Clone)]
pub(crate) struct DelegatePart {
    /// Field of the spec.
    pub(crate) nested: Ident,
    /// Field of the actor.
    pub(crate) field: Ident,
}

/// Handler: one `#[on_socket(Message)]` on one method.
#[derive(Debug, Clone)]
pub(crate) struct Handler {
    pub(crate) cfgs: Vec<Attribute>,
    /// Name of the attribute, as written: `on_router`.
    pub(crate) on: Ident,
    /// Name of the socket: `router`.
    pub(crate) socket: String,
    /// Path of the message: `MessageType::Status`.
    pub(crate) message: Path,
    pub(crate) method: Ident,
    pub(crate) asynchronous: bool,
    /// Name of the message in the method.
    pub(crate) binding: Ident,
    /// Type of the message, without the `&` of a handler that only reads.
    pub(crate) payload: Type,
    /// Whether the handler takes `&Message`, and the message goes on to the delegate.
    pub(crate) by_reference: bool,
    /// Whether the handler takes a `&Context`.
    pub(crate) context: bool,
    /// Return type, if it is not `()`.
    pub(crate) returns: Option<Type>,
}

mod keyword {
    syn::custom_keyword!(addons);
    syn::custom_keyword!(broken);
    syn::custom_keyword!(context);
}

impl ToTokens for HandlersBlock {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            krate,
            spec,
            actor,
            generics,
            delegate,
            other,
            handlers,
            ..
        } = self;
        let clause = &generics.where_clause;
        let addons = self.addons.then(|| quote!(addons));
        let broken = self.broken.then(|| quote!(broken));
        tokens.extend(quote! { [#krate] [#spec] [#actor] [#generics] [#clause] [#delegate] [#other] #addons #broken { #(#handlers)* } });
    }
}

impl Parse for HandlersBlock {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let krate = in_brackets(input)?;
        let spec = in_brackets(input)?;
        let actor = in_brackets(input)?;
        let mut generics: Generics = in_brackets(input)?;
        generics.where_clause = in_brackets::<Option<WhereClause>>(input)?;
        let delegate = in_brackets(input)?;
        let other = in_brackets::<OptionalHandler>(input)?.0;
        let addons = input.parse::<Option<keyword::addons>>()?.is_some();
        let broken = input.parse::<Option<keyword::broken>>()?.is_some();
        let list;
        braced!(list in input);
        let mut handlers = Vec::new();
        while !list.is_empty() {
            handlers.push(list.parse()?);
        }
        Ok(Self {
            krate,
            spec,
            actor,
            generics,
            delegate,
            other,
            addons,
            broken,
            handlers,
        })
    }
}

/// Optional handler in the token form.
struct OptionalHandler(Option<Handler>);

impl Parse for OptionalHandler {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self(if input.is_empty() {
            None
        } else {
            Some(input.parse()?)
        }))
    }
}

fn in_brackets<T: Parse>(input: ParseStream<'_>) -> syn::Result<T> {
    let content;
    bracketed!(content in input);
    content.parse()
}

impl ToTokens for Delegate {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::None => {}
            Self::Whole(field) => field.to_tokens(tokens),
            Self::Parts(parts) => {
                let parts = parts
                    .iter()
                    .map(|DelegatePart { nested, field }| quote!(#nested = #field));
                tokens.extend(quote!((#(#parts),*)));
            }
        }
    }
}

impl Parse for Delegate {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            Ok(Self::None)
        } else if input.peek(syn::token::Paren) {
            let parts;
            parenthesized!(parts in input);
            Ok(Self::Parts(
                Punctuated::<DelegatePart, Token![,]>::parse_terminated(&parts)?
                    .into_iter()
                    .collect(),
            ))
        } else {
            input.parse().map(Self::Whole)
        }
    }
}

impl Parse for DelegatePart {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let nested = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(Self {
            nested,
            field: input.parse()?,
        })
    }
}

impl ToTokens for Handler {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            cfgs,
            on,
            socket,
            message,
            method,
            binding,
            payload,
            ..
        } = self;
        let asynchronous = self.asynchronous.then(|| quote!(async));
        let by_reference = self.by_reference.then(|| quote!(&));
        let context = self.context.then(|| quote!(context));
        let returns = self.returns.as_ref().map(|returns| quote!(-> #returns));
        tokens.extend(quote! {
            #(#cfgs)* #on => #socket(#message) #asynchronous #method(#binding: #by_reference [#payload]) #context #returns;
        });
    }
}

impl Parse for Handler {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let cfgs = input.call(Attribute::parse_outer)?;
        let on = input.parse()?;
        input.parse::<Token![=>]>()?;
        let socket = input.parse::<LitStr>()?.value();
        let message;
        parenthesized!(message in input);
        let message = message.parse()?;
        let asynchronous = input.parse::<Option<Token![async]>>()?.is_some();
        let method = input.parse()?;
        let argument;
        parenthesized!(argument in input);
        let binding = argument.parse()?;
        argument.parse::<Token![:]>()?;
        let by_reference = argument.parse::<Option<Token![&]>>()?.is_some();
        let payload = in_brackets(&argument)?;
        let context = input.parse::<Option<keyword::context>>()?.is_some();
        let returns = if input.parse::<Option<Token![->]>>()?.is_some() {
            Some(input.parse()?)
        } else {
            None
        };
        input.parse::<Token![;]>()?;
        Ok(Self {
            returns,
            cfgs,
            on,
            socket,
            message,
            method,
            asynchronous,
            binding,
            payload,
            by_reference,
            context,
        })
    }
}
