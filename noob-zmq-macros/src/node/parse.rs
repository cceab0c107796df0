//! Syntax of `#[node]`: its options, functions and `impl` blocks.
//!
//! Bodies stay tokens, so that a half-typed one does no harm.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Expr, Generics, ImplItem, LitStr, Meta, Path, Signature, Token, Type, Visibility,
    braced,
};

use crate::attrs::{AttrArg, AttrArgs, given_path};
use crate::errors::Errors;

/// Options of `#[node(..)]`.
#[derive(Debug)]
pub(crate) struct NodeOptions {
    /// `name = "noob_zmq.text.words"`.
    pub(crate) name: Option<LitStr>,
    /// `signal = "index"`.
    pub(crate) signal: Option<LitStr>,
    /// `stateful`, `stateful = false`.
    pub(crate) stateful: Option<bool>,
    /// `crate = path`.
    pub(crate) krate: Option<Path>,
}

impl NodeOptions {
    pub(crate) fn read(tokens: TokenStream, errors: &mut Errors) -> Self {
        let args = AttrArgs::of_tokens(tokens, errors);
        let known = ["name", "signal", "stateful", "crate"];
        let [name, signal, stateful, krate] = args.retain("#[node(..)]", known, errors);
        Self {
            name: name.and_then(|arg| arg.equals("\"package.node\"", errors)),
            signal: signal.and_then(|arg| one_signal(&arg, errors)),
            stateful: stateful.and_then(|arg| arg.flag(errors)),
            krate: given_path(krate, errors),
        }
    }
}

/// Reads `signal = "index"`; several signals are the fields of a struct.
fn one_signal(arg: &AttrArg, errors: &mut Errors) -> Option<LitStr> {
    let several = match &arg.meta {
        Meta::List(_) => true,
        Meta::NameValue(pair) => matches!(pair.value, Expr::Tuple(_) | Expr::Array(_)),
        Meta::Path(_) => false,
    };
    if several {
        let text = "`signal` names the one signal of a function; a node with several returns a \
                    struct whose fields are its signals: `#[derive(Signals)] struct Parts { low: \
                    Emit<u64>, high: Emit<u64> }`";
        return errors.reject(&arg.meta, text);
    }
    arg.equals("\"index\"", errors)
}

/// Item under `#[node]` or `#[asset]`.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a handful of these live for the time of one expansion"
)]
pub(crate) enum AnnotatedItem {
    /// Function.
    Function(Function),
    /// `impl` block.
    Impl(ImplBlock),
    /// Any other item, as tokens.
    Other(TokenStream),
}

/// Function or method.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: Group,
}

/// `impl` block.
#[derive(Debug)]
pub(crate) struct ImplBlock {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) impl_token: Token![impl],
    pub(crate) generics: Generics,
    /// Trait and `for`, if the block implements one.
    pub(crate) of_trait: Option<(Type, Token![for])>,
    pub(crate) ty: Type,
    /// Attributes `#![..]` inside.
    pub(crate) inner: Vec<Attribute>,
    pub(crate) members: Vec<ImplMember>,
}

/// Member of an `impl` block.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a handful of these live for the time of one expansion"
)]
pub(crate) enum ImplMember {
    Method(Function),
    /// Any other member, with its tokens behind the attributes.
    Other(Vec<Attribute>, TokenStream),
}

impl Parse for AnnotatedItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        ahead.call(Attribute::parse_outer)?;
        if ahead.peek(Token![impl]) {
            input.parse().map(Self::Impl)
        } else if is_function(input) {
            input.parse().map(Self::Function)
        } else {
            input.parse().map(Self::Other)
        }
    }
}

/// Returns whether a function comes next; `const X` and `unsafe impl` begin alike.
fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    if ahead.call(Attribute::parse_outer).is_err() || ahead.parse::<Visibility>().is_err() {
        return false;
    }
    while !ahead.peek(Token![fn]) {
        let modifier = ahead.peek(Token![const])
            || ahead.peek(Token![async])
            || ahead.peek(Token![unsafe])
            || ahead.peek(Token![extern])
            || ahead.peek(LitStr);
        if !modifier || ahead.parse::<proc_macro2::TokenTree>().is_err() {
            return false;
        }
    }
    true
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            attrs: input.call(Attribute::parse_outer)?,
            vis: input.parse()?,
            sig: input.parse()?,
            body: input.parse()?,
        })
    }
}

impl Parse for ImplBlock {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let impl_token = input.parse()?;
        let mut generics = if input.peek(Token![<]) {
            input.parse()?
        } else {
            Generics::default()
        };
        let first: Type = input.parse()?;
        let (of_trait, ty) = match input.parse::<Option<Token![for]>>()? {
            Some(token) => (Some((first, token)), input.parse()?),
            None => (None, first),
        };
        generics.where_clause = input.parse()?;
        let content;
        braced!(content in input);
        let inner = content.call(Attribute::parse_inner)?;
        let mut members = Vec::new();
        while !content.is_empty() {
            members.push(content.parse()?);
        }
        Ok(Self {
            attrs,
            impl_token,
            generics,
            of_trait,
            ty,
            inner,
            members,
        })
    }
}

impl ImplMember {
    pub(crate) fn attrs(&mut self) -> &mut Vec<Attribute> {
        match self {
            Self::Method(Function { attrs, .. }) | Self::Other(attrs, _) => attrs,
        }
    }
}

impl Parse for ImplMember {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if is_function(input) {
            return input.parse().map(Self::Method);
        }
        let attrs = input.call(Attribute::parse_outer)?;
        let item: ImplItem = input.parse()?;
        Ok(Self::Other(attrs, item.to_token_stream()))
    }
}

impl ToTokens for AnnotatedItem {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Function(function) => function.to_tokens(tokens),
            Self::Impl(block) => block.to_tokens(tokens),
            Self::Other(other) => tokens.extend(other.clone()),
        }
    }
}

impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            vis,
            sig,
            body,
        } = self;
        tokens.extend(quote!(#(#attrs)* #vis #sig #body));
    }
}

impl ToTokens for ImplBlock {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self {
            attrs,
            impl_token,
            generics,
            ty,
            inner,
            members,
            ..
        } = self;
        let of_trait = self
            .of_trait
            .as_ref()
            .map(|(path, token)| quote!(#path #token));
        let bounds = &generics.where_clause;
        tokens.extend(quote! {
            #(#attrs)* #impl_token #generics #of_trait #ty #bounds { #(#inner)* #(#members)* }
        });
    }
}

impl ToTokens for ImplMember {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Method(function) => function.to_tokens(tokens),
            Self::Other(attrs, other) => tokens.extend(quote!(#(#attrs)* #other)),
        }
    }
}
