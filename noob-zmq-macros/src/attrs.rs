//! Attributes and their arguments: removes them from items, splits and reads their arguments.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Expr, ExprLit, Lit, LitBool, Meta, MetaList, MetaNameValue, Path, Token, parse_quote,
};

use crate::errors::{Errors, did_you_mean, list};

/// Removes and returns the attributes for which `ours` is true; the others stay, in order.
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

/// Returns the `#[cfg]`s of an item.
pub(crate) fn cfgs(attrs: &[Attribute]) -> Vec<Attribute> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .cloned()
        .collect()
}

/// Returns the text of the doc comments of an item, without outer blanks.
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

/// Argument of an attribute: `word`, `name = value` or `name(list)`.
#[derive(Debug, Clone)]
pub(crate) struct AttrArg {
    pub(crate) name: Ident,
    pub(crate) meta: Meta,
}

impl AttrArg {
    /// Parses the value of `name = value`.
    ///
    /// `example`, such as `"command"`, is part of the error for another form.
    pub(crate) fn equals<T: Parse>(&self, example: &str, errors: &mut Errors) -> Option<T> {
        let name = &self.name;
        let Meta::NameValue(MetaNameValue { value, .. }) = &self.meta else {
            return errors.reject(
                &self.meta,
                format!("`{name}` takes a value: `{name} = {example}`"),
            );
        };
        let tokens = value.to_token_stream();
        let value = syn::parse2(tokens.clone()).ok();
        if value.is_none() {
            errors.push(
                tokens,
                format!("`{name}` cannot be read; write it like `{name} = {example}`"),
            );
        }
        value
    }

    /// Parses `word` as true, and `word = true` or `word = false` as that value.
    pub(crate) fn flag(&self, errors: &mut Errors) -> Option<bool> {
        match self.meta {
            Meta::Path(_) => Some(true),
            _ => self
                .equals::<LitBool>("false", errors)
                .map(|value| value.value),
        }
    }

    /// Parses the members of `name(a, b)`.
    ///
    /// `example`, such as `(a, b)`, is part of the error for another form.
    pub(crate) fn list<T: Parse>(&self, example: &str, errors: &mut Errors) -> Option<Vec<T>> {
        let name = &self.name;
        let Meta::List(MetaList { tokens, .. }) = &self.meta else {
            return errors.reject(
                &self.meta,
                format!("`{name}` takes a list: `{name}{example}`"),
            );
        };
        let members = Punctuated::<T, Token![,]>::parse_terminated.parse2(tokens.clone());
        errors
            .attempt(members)
            .map(|members| members.into_iter().collect())
    }
}

impl Parse for AttrArg {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let meta: Meta = input.parse()?;
        let name = meta.path().require_ident()?.clone();
        Ok(Self { name, meta })
    }
}

/// Named arguments of an attribute.
#[derive(Debug, Clone, Default)]
pub(crate) struct AttrArgs(pub(crate) Vec<AttrArg>);

impl AttrArgs {
    /// Reads the arguments of `#[name(..)]`; a bare `#[name]` has none.
    pub(crate) fn of(attr: &Attribute, errors: &mut Errors) -> Self {
        match &attr.meta {
            Meta::Path(_) => Self::default(),
            _ => errors.attempt(attr.parse_args()).unwrap_or_default(),
        }
    }

    /// Reads the arguments of the one attribute of an item that is called `name`.
    ///
    /// A second attribute of that name is reported.
    pub(crate) fn of_item(attrs: &[Attribute], name: &str, errors: &mut Errors) -> Self {
        let mut attrs = attrs.iter().filter(|attr| attr.path().is_ident(name));
        let args = attrs.next().map(|attr| Self::of(attr, errors));
        for again in attrs {
            errors.push(
                again,
                format!("`#[{name}(..)]` is given twice; put all options into one"),
            );
        }
        args.unwrap_or_default()
    }

    /// Reads the argument tokens of an attribute macro.
    pub(crate) fn of_tokens(tokens: TokenStream, errors: &mut Errors) -> Self {
        errors.attempt(syn::parse2(tokens)).unwrap_or_default()
    }

    /// Returns the arguments called `names`, in that order.
    ///
    /// Any other name, and a name given twice, is reported. `owner` is the attribute as users write
    /// it: `#[sockets(..)]`.
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
                    let meant = did_you_mean(&name, names);
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

/// Arguments of an attribute behind a first one without a name: `CommandSockets, delegate = inner`.
pub(crate) struct Leading<T> {
    pub(crate) first: T,
    pub(crate) args: AttrArgs,
}

impl<T> Leading<T> {
    /// Reads the arguments; `first` reads the first one.
    pub(crate) fn parse(
        tokens: TokenStream,
        first: fn(ParseStream<'_>) -> syn::Result<T>,
    ) -> syn::Result<Self> {
        let parse = |input: ParseStream<'_>| {
            let first = first(input)?;
            input.parse::<Option<Token![,]>>()?;
            Ok(Self {
                first,
                args: input.parse()?,
            })
        };
        parse.parse2(tokens)
    }
}

/// Returns the path of the library: that of `crate = path`, or `::noob_zmq`.
pub(crate) fn library_path(option: Option<AttrArg>, errors: &mut Errors) -> Path {
    option
        .and_then(|arg| arg.equals("::noob_zmq", errors))
        .unwrap_or_else(|| parse_quote!(::noob_zmq))
}

/// Returns the path of `crate = path`, if it is given.
pub(crate) fn given_path(option: Option<AttrArg>, errors: &mut Errors) -> Option<Path> {
    option?.equals("::noob_zmq", errors)
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
    fn arguments_come_in_the_order_of_the_names() {
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
        assert!(krate.unwrap().equals::<Path>("::c", &mut errors).is_some());
        assert!(matches!(unit.unwrap().meta, Meta::Path(_)));
        assert!(errors.is_empty());
    }

    #[test]
    fn unknown_and_repeated_names_are_reported() {
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
    fn docs_keep_lines_and_lose_the_margin() {
        let item: syn::ItemStruct = syn::parse_quote! {
            /// First.
            ///
            /// Second.
            struct S;
        };
        assert_eq!(docs(&item.attrs), "First.\n\nSecond.");
    }
}
