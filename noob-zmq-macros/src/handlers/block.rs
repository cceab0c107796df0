//! Reads an `impl` block without its bodies, and removes our attributes from its tokens.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Ident, Path, Signature, Token, Type, Visibility, braced};

/// `impl` block without its function bodies, so that a half-typed body disturbs nothing.
#[derive(Debug)]
pub(crate) struct BlockSyntax {
    pub(crate) generics: Generics,
    /// Trait, if the block implements one.
    pub(crate) of_trait: Option<Path>,
    pub(crate) actor: Type,
    pub(crate) items: Vec<BlockItem>,
}

/// Item of the block: a function with its signature, or another item.
#[derive(Debug)]
pub(crate) struct BlockItem {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) signature: Option<Signature>,
}

/// Returns whether an attribute is one of ours: `on_<socket>`, or `on` behind a path
/// (`noob_zmq::on`).
pub(crate) fn is_ours(path: &Path) -> bool {
    match path.segments.last() {
        Some(last) if path.segments.len() == 1 => last.ident.to_string().starts_with("on_"),
        Some(last) => last.ident == "on",
        None => false,
    }
}

impl Parse for BlockSyntax {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Attribute::parse_outer)?;
        input.parse::<Option<Token![unsafe]>>()?;
        input.parse::<Token![impl]>()?;
        let mut generics = if input.peek(Token![<]) && !input.peek2(Token![<]) {
            input.parse()?
        } else {
            Generics::default()
        };
        let mut actor: Type = input.parse()?;
        let mut of_trait = None;
        if input.parse::<Option<Token![for]>>()?.is_some() {
            if let Type::Path(path) = &actor {
                of_trait = Some(path.path.clone());
            }
            actor = input.parse()?;
        }
        generics.where_clause = input.parse()?;
        let body;
        braced!(body in input);
        body.call(Attribute::parse_inner)?;
        let mut items = Vec::new();
        while !body.is_empty() {
            items.push(body.parse()?);
        }
        Ok(Self {
            generics,
            of_trait,
            actor,
            items,
        })
    }
}

impl Parse for BlockItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        if input.peek(Ident) && input.fork().parse::<Ident>()? == "default" {
            input.parse::<Ident>()?;
        }
        let signature = if input.fork().parse::<Signature>().is_ok() {
            Some(input.parse()?)
        } else {
            None
        };
        let ends_with_brace = signature.is_some()
            || !(input.peek(Token![const])
                || input.peek(Token![type])
                || input.peek(Token![static]));
        loop {
            match input.parse::<TokenTree>()? {
                TokenTree::Punct(punct) if punct.as_char() == ';' => break,
                TokenTree::Group(group)
                    if ends_with_brace && group.delimiter() == Delimiter::Brace =>
                {
                    break;
                }
                _ => {}
            }
        }
        Ok(Self { attrs, signature })
    }
}

/// Returns the `impl` block, token for token, without our attributes.
pub(crate) fn strip(item: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    if let Some(TokenTree::Group(body)) = tokens.last_mut() {
        let mut stripped = Group::new(body.delimiter(), without_ours(body.stream()));
        stripped.set_span(body.span());
        *body = stripped;
    }
    tokens.into_iter().collect()
}

/// Returns the body of the block without our attributes.
fn without_ours(body: TokenStream) -> TokenStream {
    let mut kept = Vec::new();
    let mut tokens = body.into_iter().peekable();
    while let Some(token) = tokens.next() {
        if let (TokenTree::Punct(hash), Some(TokenTree::Group(attr))) = (&token, tokens.peek())
            && hash.as_char() == '#'
            && attr.delimiter() == Delimiter::Bracket
            && syn::parse2::<LeadingPath>(attr.stream()).is_ok_and(|leading| is_ours(&leading.0))
        {
            tokens.next();
            continue;
        }
        kept.push(token);
    }
    kept.into_iter().collect()
}

/// Path at the beginning of an attribute.
struct LeadingPath(Path);

impl Parse for LeadingPath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let path = input.call(Path::parse_mod_style)?;
        input.parse::<TokenStream>()?;
        Ok(Self(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn broken_bodies_and_other_items_are_skipped() {
        let raw: BlockSyntax = syn::parse2(quote! {
            #[cfg(all())]
            impl<'a, T: Send> Watch<'a, T> where T: 'static {
                #![doc = "inner"]
                const LIMIT: Limits = Limits { most: 3 };
                pub const fn new() -> Self { let = }
                #[on_router(Status)] pub(crate) async fn status(&mut self, status: Status) { half typed . }
                helper! { a b }
                type Alias = u8;
            }
        })
        .unwrap();
        let found: Vec<_> = raw
            .items
            .iter()
            .map(|item| item.signature.as_ref().map(|s| s.ident.to_string()))
            .collect();
        assert_eq!(
            found,
            [
                None,
                Some("new".to_owned()),
                Some("status".to_owned()),
                None,
                None
            ]
        );
        assert_eq!(raw.items[2].attrs.len(), 1);
    }

    #[test]
    fn strip_removes_only_our_attributes() {
        let item = quote! {
            #[a] impl X { #[on_router(Status)] #[inline] #[noob_zmq::on(inbox, Event)] fn f() { #[on_x] {} } }
        };
        let kept = quote! { #[a] impl X { #[inline] fn f() { #[on_x] {} } } };
        assert_eq!(strip(item).to_string(), kept.to_string());
    }
}
