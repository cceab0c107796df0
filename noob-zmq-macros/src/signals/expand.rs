//! Prints how a struct of signals is said. Cannot fail.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use super::ir::Signals;
use crate::names::plain;
use crate::node::types;

/// ```ignore
/// impl Output for Sorted {
///     const SIGNALS: Option<&'static [Signal]> = Some(&[..]);
///     fn say(self, node: &'static NodeType, outputs: &mut Outputs) -> Result<(), NodeError> { .. }
/// }
/// ```
pub(crate) fn signals(signals: &Signals) -> TokenStream {
    let here = Span::mixed_site();
    let ident = &signals.ident;
    let known = signals.fields.iter().map(|field| {
        let (name, written) = (plain(&field.ident), types::text(&field.ty));
        quote_spanned!(here=> ::noob_zmq::node::Signal::new(#name, #written))
    });
    let said = signals.fields.iter().enumerate().map(|(index, field)| {
        let (name, ty) = (&field.ident, &field.ty);
        let emit = if field.emits {
            quote_spanned!(here=> self.#name)
        } else {
            quote_spanned!(here=> ::noob_zmq::graph::Emit::Value(self.#name))
        };
        quote_spanned!(here=> ::noob_zmq::node::say_on::<#ty>(#index, #emit, node, outputs)?;)
    });
    quote_spanned! {here=>
        #[automatically_derived]
        impl ::noob_zmq::node::Output for #ident {
            const SIGNALS: ::core::option::Option<&'static [::noob_zmq::node::Signal]> =
                ::core::option::Option::Some(&[#(#known),*]);

            fn say(
                self,
                node: &'static ::noob_zmq::node::NodeType,
                outputs: &mut ::noob_zmq::node::Outputs,
            ) -> ::core::result::Result<(), ::noob_zmq::node::NodeError> {
                #(#said)*
                ::core::result::Result::Ok(())
            }
        }
    }
}
