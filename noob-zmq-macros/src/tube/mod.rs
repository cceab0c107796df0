//! `tube!`: reads a tube file while the program is compiled, and makes typed functions of it.

mod api;
mod args;
mod checks;
mod entries;
mod expand;
mod extend;
mod file;
mod graph;
mod mistakes;
mod nodes;
mod shape;
mod spec;
#[cfg(test)]
mod tests;
mod types;
mod yaml;

use proc_macro2::{Span, TokenStream};

use crate::errors::Errors;

/// The items of a typed tube, or every mistake in it and in those that it extends. `beside` is the folder of the source file.
pub(crate) fn tube(input: TokenStream, beside: Option<std::path::PathBuf>) -> TokenStream {
    let mut errors = Errors::new();
    let Some(args) = errors.attempt(syn::parse2::<args::Args>(input)) else {
        return failed(true, errors);
    };
    let is_item = args.name.is_some();
    let Some(file) = errors.attempt(file::File::read(&args.path, beside)) else {
        return failed(!is_item, errors);
    };
    let mut files = file::Files::new(file);
    let mut mistakes = mistakes::Mistakes::default();
    let tree = extend::tree(&mut files, &mut mistakes);
    let spec = tree.and_then(|tree| shape::tube(&tree, &mut mistakes));
    if let Some(spec) = &spec {
        graph::check(spec, &mut mistakes);
    }
    let nodes = spec
        .as_ref()
        .map(|spec| nodes::resolve(spec, &args, &mut mistakes));
    mistakes.report(&args.path, &files, &mut errors);
    match (spec, nodes) {
        (Some(spec), Some(nodes)) if errors.is_empty() => {
            extend::take_along(&mut files);
            expand::tube(&args, &files, &spec, &nodes)
        }
        _ => failed(!is_item, errors),
    }
}

/// The mistakes, as an expression or as items.
fn failed(is_expression: bool, errors: Errors) -> TokenStream {
    let items = errors.into_tokens();
    if is_expression {
        quote::quote_spanned!(Span::mixed_site()=> { #items ::core::unreachable!() })
    } else {
        items
    }
}
