//! `tube!`: reads a tube file while the program is compiled, and makes typed functions of it.
//!
//! The crate `noob_zmq_spec` reads the file and checks the names in it. The compiler checks the
//! rest: the expansion names the node types, and compares their slots and signals.

mod api;
mod args;
mod checks;
mod expand;
mod files;
mod nodes;
#[cfg(test)]
mod tests;
mod types;

use std::path::PathBuf;

use noob_zmq_spec::{Diagnostic, DiagnosticKind, Diagnostics, TubeSpec, check};
use proc_macro2::{Span, TokenStream};

use self::args::TubeArgs;
use self::files::Files;
use self::nodes::Nodes;
use crate::errors::Errors;

/// Returns the items of a typed tube, or every mistake in it and in the tubes that it extends.
///
/// `beside` is the folder of the source file, and `unique` a suffix that no other call has.
pub(crate) fn tube(input: TokenStream, beside: Option<PathBuf>, unique: &str) -> TokenStream {
    let mut errors = Errors::new();
    let Some(mut args) = errors.attempt(syn::parse2::<TubeArgs>(input)) else {
        return failed(true, errors);
    };
    args.unique = unique.to_owned();
    let is_item = args.name.is_some();
    let Some(file) = errors.attempt(files::File::read(&args.path, beside)) else {
        return failed(!is_item, errors);
    };
    let files = Files::new(file);
    match read(&files, &args) {
        Ok((spec, nodes)) => {
            let mistakes = files.find_mentioned();
            if mistakes.is_empty() {
                return expand::tube(&args, files, &spec, &nodes);
            }
            for mistake in mistakes {
                errors.push(&args.path, mistake);
            }
            failed(!is_item, errors)
        }
        Err(mistakes) => {
            for mistake in mistakes {
                errors.push(&args.path, mistake.with_help());
            }
            failed(!is_item, errors)
        }
    }
}

/// Reads the tube with all that it extends, and finds its node types in Rust.
fn read(files: &Files, args: &TubeArgs) -> Result<(TubeSpec, Nodes), Vec<Diagnostic>> {
    let source = &files.own().source;
    let mut diagnostics = Diagnostics::new(source.clone());
    let spec = noob_zmq_spec::read(source, files, &mut diagnostics);
    let read = spec.map(|spec| {
        check::all(&spec, &mut diagnostics);
        let nodes = nodes::resolve(&spec, args, &mut diagnostics);
        (spec, nodes)
    });
    let (read, warnings) = diagnostics
        .finish(read)
        .map_err(|errors| errors.diagnostics().to_vec())?;
    // A macro cannot warn. An asset that is never replaced is a mistake in a tube of one's own.
    let never_replaced: Vec<Diagnostic> = warnings
        .into_iter()
        .filter(|warning| matches!(warning.kind, DiagnosticKind::AssetNeverReplaced { .. }))
        .collect();
    if never_replaced.is_empty() {
        Ok(read)
    } else {
        Err(never_replaced)
    }
}

/// Returns the mistakes, as an expression or as items.
fn failed(is_expression: bool, errors: Errors) -> TokenStream {
    let items = errors.into_tokens();
    if is_expression {
        quote::quote_spanned!(Span::mixed_site()=> { #items ::core::unreachable!() })
    } else {
        items
    }
}
