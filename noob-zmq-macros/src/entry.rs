//! `#[noob_zmq::main]`: a `main` that is a node process when it is started as one.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::errors::Errors;
use crate::node::Function;

/// The user's `main` inside one that asks first whether this is a node process.
pub(crate) fn main(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    if !options.is_empty() {
        errors.push(&options, "`#[noob_zmq::main]` takes no options");
    }
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
    let call = if written.sig.asyncness.is_some() {
        quote!(::noob_zmq::__private::block_on_main(main()))
    } else {
        quote!(main())
    };
    // Placed at the user's `main`, so that a return type that `main` cannot have is reported there.
    let report =
        quote_spanned!(written.sig.output.span()=> ::std::process::Termination::report(#call));
    quote! {
        fn main() -> ::std::process::ExitCode {
            #written

            if let ::core::option::Option::Some(code) = ::noob_zmq::node_process() {
                return code;
            }
            #report
        }
    }
}
