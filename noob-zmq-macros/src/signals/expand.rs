//! Prints the `Output` impl of a struct of signals; cannot fail.

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote_spanned;

use super::ir::Signals;
use crate::names::{self, plain};
use crate::node::types;

/// ```ignore
/// const _: () = {
///     impl Output for Sorted {
///         const SIGNALS: Option<&'static [Signal]> = Some(&[..]);
///         fn emit(self, node: &'static NodeType, outputs: &mut Outputs) -> Result<..> { .. }
///     }
/// };
/// ```
pub(crate) fn signals(signals: &Signals) -> TokenStream {
    let here = Span::mixed_site();
    let ident = &signals.ident;
    let known = signals.fields.iter().map(|field| {
        let (name, written) = (plain(&field.ident), names::spelled(&field.ty));
        let shape = types::shape(&field.ty);
        quote_spanned!(here=> __noob::Signal::new(#name, #written) #shape)
    });
    let emissions = signals.fields.iter().enumerate().map(|(index, field)| {
        let index = Literal::usize_unsuffixed(index);
        let (name, ty) = (&field.ident, &field.ty);
        let emit = if field.emits {
            quote_spanned!(here=> self.#name)
        } else {
            quote_spanned!(here=> ::noob_zmq::graph::Emit::Value(self.#name))
        };
        quote_spanned!(here=> <#ty as __noob::IntoSignal>::emit_on(#emit, #index, node, outputs)?;)
    });
    let signal_types = signals.fields.iter().enumerate().map(|(index, field)| {
        let (index, ty) = (Literal::usize_unsuffixed(index), &field.ty);
        quote_spanned! {here=>
            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            impl __noob::macro_support::types::SignalAt<#index> for #ident {
                type Type = #ty;
            }
        }
    });
    quote_spanned! {here=>
        const _: () = {
            use ::noob_zmq::node as __noob;
            #[allow(unused_imports)]
            use __noob::ShapeFallback as _;

            #[automatically_derived]
            #[diagnostic::do_not_recommend]
        impl __noob::Output for #ident {
            const SIGNALS: ::core::option::Option<&'static [__noob::Signal]> =
                ::core::option::Option::Some(&[#(#known),*]);

            fn emit(
                self,
                node: &'static __noob::NodeType,
                outputs: &mut __noob::Outputs,
            ) -> ::core::result::Result<(), __noob::NodeError> {
                #(#emissions)*
                ::core::result::Result::Ok(())
            }
        }
        #(#signal_types)*
        };
    }
}
