//! Arguments of `tube!(..)`.

use proc_macro2::Ident;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{LitStr, Path, Token, Visibility, braced, bracketed};

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
}

/// `"sums.divide" => math::divide`.
struct Named(LitStr, Path);

impl Parse for Named {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![=>]>()?;
        Ok(Self(name, input.parse()?))
    }
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
        let (braces, example) = match *known {
            "nodes" => (true, "{\"sums.divide\" => math::divide}"),
            "crates" => (false, "[other_crate]"),
            _ => (false, "[\"python.fetch\"]"),
        };
        let fits = if braces {
            input.peek(syn::token::Brace)
        } else {
            input.peek(syn::token::Bracket)
        };
        if !fits {
            let text = format!("`{known}` is written `{known} = {example}`");
            return Err(syn::Error::new(input.span(), text));
        }
        let inside;
        match *known {
            "nodes" => {
                braced!(inside in input);
                let named = Punctuated::<Named, Token![,]>::parse_terminated(&inside)?;
                self.nodes
                    .extend(named.into_iter().map(|Named(name, path)| (name, path)));
            }
            "crates" => {
                bracketed!(inside in input);
                self.crates
                    .extend(Punctuated::<Ident, Token![,]>::parse_terminated(&inside)?);
            }
            _ => {
                bracketed!(inside in input);
                self.at_load
                    .extend(Punctuated::<LitStr, Token![,]>::parse_terminated(&inside)?);
            }
        }
        Ok(())
    }
}
