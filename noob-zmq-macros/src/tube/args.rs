//! Arguments of `tube!(..)`.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{LitStr, Path, Token, Visibility};

use crate::errors::list;

const OPTIONS: [&str; 3] = ["nodes", "crates", "at_load"];

const USAGE: &str = "`tube!` takes the path of a tube file: `tube!(\"tubes/sums.yaml\")`, or \
                     `tube!(pub Sums = \"tubes/sums.yaml\")` as an item";

/// Arguments of the macro.
#[derive(Debug)]
pub(crate) struct TubeArgs {
    /// Visibility of the items, if they have a name.
    pub(crate) vis: Visibility,
    /// `Sums` of `tube!(Sums = "sums.yaml")`.
    pub(crate) name: Option<Ident>,
    /// The path of the file.
    pub(crate) path: LitStr,
    /// `nodes = {"sums.divide" => math::divide}`: paths of nodes that were given a name.
    pub(crate) nodes: Vec<(LitStr, Path)>,
    /// `crates = [other]`: crates whose nodes the compiler sees.
    pub(crate) crates: Vec<Ident>,
    /// `at_load = ["python.fetch"]`: node types, or the first parts of their names, that are only
    /// checked when the tube is loaded.
    pub(crate) at_load: Vec<LitStr>,
    /// Suffix that no other call of the macro in the crate has.
    pub(crate) unique: String,
}

impl Parse for TubeArgs {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let vis: Visibility = input.parse()?;
        let name: Option<Ident> = if matches!(vis, Visibility::Inherited) && !input.peek(syn::Ident)
        {
            None
        } else {
            let name: Ident = input.parse()?;
            if input.parse::<Option<Token![=]>>()?.is_none() {
                return Err(syn::Error::new_spanned(name, USAGE));
            }
            Some(name)
        };
        let path = input
            .parse()
            .map_err(|error| syn::Error::new(error.span(), USAGE))?;
        let mut args = Self {
            vis,
            name,
            path,
            nodes: Vec::new(),
            crates: Vec::new(),
            at_load: Vec::new(),
            unique: String::new(),
        };
        while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            args.option(input)?;
        }
        if input.is_empty() {
            Ok(args)
        } else {
            Err(input.error("a comma is missing here"))
        }
    }
}

impl TubeArgs {
    fn option(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let option: Ident = input.parse()?;
        let known = OPTIONS.iter().find(|known| option == **known);
        let Some(known) = known else {
            let text = format!(
                "`tube!` has no option `{option}`; it takes {}",
                list(OPTIONS)
            );
            return Err(syn::Error::new_spanned(option, text));
        };
        input.parse::<Token![=]>()?;
        let (delimiter, example) = match *known {
            "nodes" => (Delimiter::Brace, "{\"sums.divide\" => math::divide}"),
            "crates" => (Delimiter::Bracket, "[other_crate]"),
            _ => (Delimiter::Bracket, "[\"python.fetch\"]"),
        };
        let at = input.span();
        let group = input.parse::<Group>();
        let Some(group) = group.ok().filter(|group| group.delimiter() == delimiter) else {
            let text = format!("`{known}` is written `{known} = {example}`");
            return Err(syn::Error::new(at, text));
        };
        let inside = group.stream();
        match *known {
            "nodes" => self.nodes.extend(list_of(inside, |input| {
                let name = input.parse()?;
                input.parse::<Token![=>]>()?;
                Ok((name, input.parse()?))
            })?),
            "crates" => self.crates.extend(list_of(inside, |input| input.parse())?),
            _ => self.at_load.extend(list_of(inside, |input| input.parse())?),
        }
        Ok(())
    }
}

/// Reads items with commas between them.
fn list_of<T>(
    tokens: TokenStream,
    item: fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<impl IntoIterator<Item = T>> {
    let parse =
        |input: ParseStream<'_>| Punctuated::<T, Token![,]>::parse_terminated_with(input, item);
    parse.parse2(tokens)
}
