//! `#[noob_zmq::main]`: makes `main` run a node when the process was started for one.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ReturnType};

use crate::attrs::AttrArgs;
use crate::errors::Errors;
use crate::node::{Function, types};

/// Wraps the user's `main` in one that checks first whether this is a node process.
pub(crate) fn main(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let node_runner = errors
        .attempt(syn::parse2::<AttrArgs>(options))
        .and_then(|args| {
            let [node_runner] = args.retain("#[noob_zmq::main(..)]", ["node_runner"], &mut errors);
            node_runner?.equals::<Expr>("Timed::new", &mut errors)
        });
    let parsed = syn::parse2::<Function>(item.clone());
    let Some(written) = errors.attempt(parsed) else {
        return [item, errors.into_tokens()].into_iter().collect();
    };
    if written.sig.ident != "main" {
        errors.push(
            &written.sig.ident,
            "`#[noob_zmq::main]` stands on `fn main`",
        );
    }
    if !written.sig.inputs.is_empty() {
        errors.push(&written.sig.inputs, "`fn main` takes no arguments");
    }
    if !errors.is_empty() {
        return [quote!(#written), errors.into_tokens()]
            .into_iter()
            .collect();
    }
    // The type is written out so that rustc reports one that `main` cannot have where the user
    // wrote it.
    let ty = match &written.sig.output {
        ReturnType::Type(_, ty) if !types::impl_trait(ty) => quote!(#ty),
        ReturnType::Type(..) => quote!(_),
        ReturnType::Default => quote!(()),
    };
    let report = if written.sig.asyncness.is_some() {
        quote!(::noob_zmq::__private::block_on_main::<#ty, _>(main()))
    } else {
        quote!(<#ty as ::std::process::Termination>::report(main()))
    };
    let node = match node_runner {
        None => quote!(::noob_zmq::node_process()),
        // The types of the arguments of a closure come from the function that takes it.
        Some(make @ Expr::Closure(_)) => quote!(::noob_zmq::node_process_with(#make)),
        Some(make) => quote!(::noob_zmq::MakesNodeRunner::node_process(#make)),
    };
    quote! {
        fn main() -> ::std::process::ExitCode {
            #written

            if let ::core::option::Option::Some(code) = #node {
                return code;
            }
            #report
        }
    }
}
