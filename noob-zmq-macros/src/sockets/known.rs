//! A spec as its hidden macro passes it to the second stage: names only, in a token form that is
//! printed and read here.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Token, Type, braced, bracketed};

/// Spec as the second stage knows it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) name: Ident,
    /// Whether the spec has mistakes; further errors about its users are not worth reporting.
    pub(crate) broken: bool,
    pub(crate) members: Vec<Member>,
}

/// Field of a spec.
#[derive(Debug, Clone)]
pub(crate) enum Member {
    /// A socket: `router: Router => [Identify, Failure as Error]`.
    Socket {
        name: Ident,
        ty: Box<Type>,
        receives: Vec<Arrival>,
    },
    /// A spec inside the spec: `command => CommandSockets { .. }`.
    Nested { name: Ident, spec: Known },
}

/// Message that arrives: its name in handlers, and the name of its type.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) name: Ident,
    pub(crate) payload: Ident,
}

impl Known {
    /// Returns the number of its sockets, those of the specs inside it included.
    pub(crate) fn sockets(&self) -> usize {
        self.members
            .iter()
            .map(|member| match member {
                Member::Socket { .. } => 1,
                Member::Nested { spec, .. } => spec.sockets(),
            })
            .sum()
    }

    /// Returns the names of all its sockets, those of the specs inside it included.
    pub(crate) fn socket_names(&self) -> Vec<&Ident> {
        self.members
            .iter()
            .flat_map(|member| match member {
                Member::Socket { name, .. } => vec![name],
                Member::Nested { spec, .. } => spec.socket_names(),
            })
            .collect()
    }
}

mod keyword {
    syn::custom_keyword!(broken);
}

impl Parse for Known {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        let broken = input.parse::<Option<keyword::broken>>()?.is_some();
        let members;
        braced!(members in input);
        let members = Punctuated::<Member, Token![,]>::parse_terminated(&members)?;
        Ok(Self {
            name,
            broken,
            members: members.into_iter().collect(),
        })
    }
}

impl Parse for Member {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        if input.peek(Token![=>]) {
            input.parse::<Token![=>]>()?;
            return Ok(Self::Nested {
                name,
                spec: input.parse()?,
            });
        }
        input.parse::<Token![:]>()?;
        let ty = input.parse()?;
        input.parse::<Token![=>]>()?;
        let receives;
        bracketed!(receives in input);
        let receives = Punctuated::<Arrival, Token![,]>::parse_terminated(&receives)?;
        Ok(Self::Socket {
            name,
            ty,
            receives: receives.into_iter().collect(),
        })
    }
}

impl Parse for Arrival {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let payload: Ident = input.parse()?;
        let name = if input.parse::<Option<Token![as]>>()?.is_some() {
            input.parse()?
        } else {
            payload.clone()
        };
        Ok(Self { name, payload })
    }
}

impl ToTokens for Known {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { name, members, .. } = self;
        let broken = self.broken.then(|| quote!(broken));
        tokens.extend(quote! { #name #broken { #(#members),* } });
    }
}

impl ToTokens for Member {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Socket { name, ty, receives } => quote! { #name: #ty => [#(#receives),*] },
            Self::Nested { name, spec } => quote! { #name => #spec },
        });
    }
}

impl ToTokens for Arrival {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { name, payload } = self;
        tokens.extend(if name == payload {
            quote!(#name)
        } else {
            quote!(#payload as #name)
        });
    }
}
