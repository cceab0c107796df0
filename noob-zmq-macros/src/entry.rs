//! `#[noob_zmq::main]`: makes `main` run a node when the process was started for one.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ReturnType};

use crate::attrs::{AttrArgs, library_path};
use crate::errors::Errors;
use crate::node::{Function, types};

/// Wraps the user's `main` in one that checks first whether this is a node process.
pub(crate) fn main(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let args = AttrArgs::of_tokens(options, &mut errors);
    let known = ["node_runner", "crate"];
    let [node_runner, krate] = args.retain("#[noob_zmq::main(..)]", known, &mut errors);
    let node_runner = node_runner.and_then(|arg| arg.equals::<Expr>("Timed::new", &mut errors));
    let krate = library_path(krate, &mut errors);
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
    let report = quote!(#krate::__private::MainReport);
    let plain = quote!(<#ty as ::std::process::Termination>::report);
    let report = if written.sig.asyncness.is_some() {
        quote! {
            match #report::block_on(main(), #plain) {
                ::core::result::Result::Ok(__main) => __main.report(),
                ::core::result::Result::Err(__code) => __code,
            }
        }
    } else {
        quote!(#report::new(main(), #plain).report())
    };
    let node = match node_runner {
        None => quote!(#krate::node_process()),
        // The types of the arguments of a closure come from the function that takes it.
        Some(make @ Expr::Closure(_)) => quote!(#krate::node_process_with(#make)),
        Some(make) => quote!(#krate::MakesNodeRunner::node_process(#make)),
    };
    quote! {
        fn main() -> ::std::process::ExitCode {
            #written

            if let ::core::option::Option::Some(__code) = #node {
                return __code;
            }
            #[allow(unused_imports)]
            use #krate::__private::{ErrorMain as _, PlainMain as _};
            #krate::__private::want_default_log();
            #report
        }
    }
}
