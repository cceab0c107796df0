//! Prints the `Message` impl.

use proc_macro2::TokenStream;
use quote::quote;

use super::ir::Message;

/// Returns the impl; serde does the rest.
pub(crate) fn message(message: &Message) -> TokenStream {
    let Message { name, krate, kind } = message;
    quote! {
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #krate::wire::Message for #name {
            const KIND: &'static str = #kind;

            fn encode(
                &self,
                writer: &mut #krate::wire::Writer,
            ) -> ::core::result::Result<(), #krate::wire::WireError> {
                <#name as #krate::wire::Body>::write(self, writer)
            }

            fn decode(
                raw: &#krate::wire::RawMessage,
            ) -> ::core::result::Result<Self, #krate::wire::WireError> {
                <#name as #krate::wire::Body>::read(raw)
            }
        }
    }
}
