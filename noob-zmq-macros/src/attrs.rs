//! Attributes and their arguments: taken from an item, split into named arguments, and read one by one.

use noob_zmq_spec::suggest::nearest;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Token};

use crate::errors::{Errors, list};

/// Takes the attributes that `ours` picks out of `attrs`; the others stay, in order.
pub(crate) fn take(
    attrs: &mut Vec<Attribute>,
    ours: impl Fn(&Attribute) -> bool,
) -> Vec<Attribute> {
    let (taken, kept) = std::mem::take(attrs)
        .into_iter()
        .partition(|attr| ours(attr));
    *attrs = kept;
    taken
}

/// The `#[cfg]`s of an item.
pub(crate) fn cfgs(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .cloned()
        .collect()
}

/// The text of the doc comments of an item: one line a comment line, outer blanks removed.
pub(crate) fn docs(attrs: &[Attribute]) -> String {
    let lines: Vec<String> = attrs
        .iter()
        .filter(|attr| attr.path().is_ident("doc"))
        .filter_map(|attr| match &attr.meta {
            Meta::NameValue(pair) => match &pair.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => Some(text.value()),
                _ => None,
            },
            _ => None,
        })
        .map(|line| {
            line.strip_prefix(' ')
                .unwrap_or(&line)
                .trim_end()
                .to_owned()
        })
        .collect();
    lines.join("\n").trim().to_owned()
}

/// One argument of an attribute: `word`, `name = value` or `name(list)`.
#[derive(Debug, Clone)]
pub(crate) struct AttrArg {
    /// Its name.
    pub(crate) name: Ident,
    /// What follows the name.
    pub(crate) value: ArgValue,
}

/// What follows the name of an [`AttrArg`].
#[derive(Debug, Clone)]
pub(crate) enum ArgValue {
    /// Nothing.
    Word,
    /// `= tokens`, up to the next comma.
    Equals(TokenStream),
    /// `(tokens)`.
    List(TokenStream),
}

impl AttrArg {
    /// The value of `name = value`; `example` is shown if it is written otherwise: `"command"`.
    pub(crate) fn equals<T: Parse>(&self, example: &str, errors: &mut Errors) -> Option<T> {
        let name = &self.name;
        let ArgValue::Equals(tokens) = &self.value else {
            errors.push(
                self,
                format!("`{name}` takes a value: `{name} = {example}`"),
            );
            return None;
        };
        let value = syn::parse2(tokens.clone()).ok();
        if value.is_none() {
            errors.push(
                tokens,
                format!("`{name}` cannot be read; write it like `{name} = {example}`"),
            );
        }
        value
    }

    /// The members of `name(a, b)`; `example` is shown if it is written otherwise: `(a, b)`.
    pub(crate) fn list<T: Parse>(&self, example: &str, errors: &mut Errors) -> Option<Vec<T>> {
        let name = &self.name;
        let ArgValue::List(tokens) = &self.value else {
            errors.push(self, format!("`{name}` takes a list: `{name}{example}`"));
            return None;
        };
        let members = Punctuated::<T, Token![,]>::parse_terminated.parse2(tokens.clone());
        errors
            .attempt(members)
            .map(|members| members.into_iter().collect())
    }
}

impl ToTokens for AttrArg {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.name.to_tokens(tokens);
        match &self.value {
            ArgValue::Word => {}
            ArgValue::Equals(value) | ArgValue::List(value) => value.to_tokens(tokens),
        }
    }
}

impl Parse for AttrArg {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        use syn::ext::IdentExt as _;
        let name = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            ArgValue::Equals(until_comma(input)?)
        } else if input.peek(syn::token::Paren) {
            let list;
            syn::parenthesized!(list in input);
            ArgValue::List(list.parse()?)
        } else {
            ArgValue::Word
        };
        Ok(Self { name, value })
    }
}

/// Everything up to the next comma outside brackets.
fn until_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    if tokens.is_empty() {
        Err(input.error("a value is missing after `=`"))
    } else {
        Ok(tokens)
    }
}

/// The named arguments of one attribute.
#[derive(Debug, Clone, Default)]
pub(crate) struct AttrArgs(Vec<AttrArg>);

impl AttrArgs {
    /// Reads what stands between the parentheses of `#[name(..)]`; nothing for a bare `#[name]`.
    pub(crate) fn of(attr: &Attribute, errors: &mut Errors) -> Self {
        match &attr.meta {
            Meta::Path(_) => Self::default(),
            _ => errors.attempt(attr.parse_args()).unwrap_or_default(),
        }
    }

    /// Reads the argument tokens of an attribute macro.
    pub(crate) fn of_tokens(tokens: TokenStream, errors: &mut Errors) -> Self {
        errors.attempt(syn::parse2(tokens)).unwrap_or_default()
    }

    /// The arguments called `names`, in that order. `owner` is the attribute as people write it: `#[sockets(..)]`.
    ///
    /// Any other name, and a name given twice, is reported.
    pub(crate) fn retain<const N: usize>(
        self,
        owner: &str,
        names: [&str; N],
        errors: &mut Errors,
    ) -> [Option<AttrArg>; N] {
        let mut found = [const { None::<AttrArg> }; N];
        for arg in self.0 {
            let name = arg.name.to_string();
            match names.iter().position(|known| *known == name) {
                None => {
                    let meant = nearest(&name, names)
                        .map(|near| format!("; did you mean `{near}`?"))
                        .unwrap_or_default();
                    errors.push(
                        &arg.name,
                        format!(
                            "`{owner}` has no option `{name}`; it takes {}{meant}",
                            list(names)
                        ),
                    );
                }
                Some(at) if found[at].is_some() => {
                    errors.push(&arg.name, format!("`{name}` is given twice"))
                }
                Some(at) => found[at] = Some(arg),
            }
        }
        found
    }
}

impl Parse for AttrArgs {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self(
            Punctuated::<AttrArg, Token![,]>::parse_terminated(input)?
                .into_iter()
                .collect(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn args(tokens: TokenStream) -> AttrArgs {
        syn::parse2(tokens).unwrap()
    }

    #[test]
    fn arguments_come_in_the_asked_order() {
        let mut errors = Errors::new();
        let [path, krate, unit] = args(quote!(crate = ::other, path = "a/b", unit)).retain(
            "#[x(..)]",
            ["path", "crate", "unit"],
            &mut errors,
        );
        assert_eq!(
            path.unwrap()
                .equals::<syn::LitStr>("\"..\"", &mut errors)
                .unwrap()
                .value(),
            "a/b"
        );
        assert!(
            krate
                .unwrap()
                .equals::<syn::Path>("::c", &mut errors)
                .is_some()
        );
        assert!(matches!(unit.unwrap().value, ArgValue::Word));
        assert!(errors.is_empty());
    }

    #[test]
    fn unknown_and_repeated_names_are_all_reported() {
        let mut errors = Errors::new();
        let [path] = args(quote!(pth = "a", path = "b", path = "c")).retain(
            "#[x(..)]",
            ["path"],
            &mut errors,
        );
        assert!(path.is_some());
        assert_eq!(
            errors.into_texts(),
            [
                "`#[x(..)]` has no option `pth`; it takes `path`; did you mean `path`?",
                "`path` is given twice"
            ],
        );
    }

    #[test]
    fn docs_lose_their_margin_and_keep_their_lines() {
        let item: syn::ItemStruct = syn::parse_quote! {
            /// One.
            ///
            /// Two.
            struct S;
        };
        assert_eq!(docs(&item.attrs), "One.\n\nTwo.");
    }
}
