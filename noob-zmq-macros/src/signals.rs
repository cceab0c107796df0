//! `#[derive(Signals)]`: makes the fields of a struct the signals of a node.

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote_spanned;
use syn::{Data, DeriveInput, Fields, Ident, Path, Type};

use crate::attrs::{AttrArgs, given_path};
use crate::errors::Errors;
use crate::names::{self, plain};
use crate::node::types;

/// Struct of signals.
struct Signals {
    ident: Ident,
    /// Path of the library, if `#[signals(crate = path)]` gives it.
    krate: Option<Path>,
    fields: Vec<SignalField>,
}

/// Field of the struct: one signal.
struct SignalField {
    ident: Ident,
    /// Type; for an `Emit<T>` the `T`.
    ty: Type,
    /// Whether the type is an `Emit<T>`, which may emit nothing.
    emits: bool,
}

/// Returns the impl for the struct, or every mistake.
pub(crate) fn signals(item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let signals = errors
        .attempt(syn::parse2(item))
        .and_then(|item| parse(&item, &mut errors));
    match signals {
        Some(signals) if errors.is_empty() => {
            names::rebased(expand(&signals), signals.krate.as_ref())
        }
        _ => errors.into_tokens(),
    }
}

/// Returns the signals, or `None` if the item is no struct with fields.
fn parse(item: &DeriveInput, errors: &mut Errors) -> Option<Signals> {
    if !item.generics.params.is_empty() {
        errors.push(
            &item.generics.params,
            "a struct of signals cannot be generic: a node is registered as one type",
        );
    }
    let args = AttrArgs::of_item(&item.attrs, "signals", errors);
    let [krate] = args.retain("#[signals(..)]", ["crate"], errors);
    let krate = given_path(krate, errors);
    let named = match &item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) if !named.named.is_empty() => Some(&named.named),
            _ => None,
        },
        _ => None,
    };
    let Some(named) = named else {
        return errors.reject(
            &item.ident,
            "the signals of a node are the fields of a struct: `struct Sorted { fruit: \
             Emit<String>, mineral: Emit<String> }`",
        );
    };
    let fields = named.iter().filter_map(|field| {
        let emitted = types::emit(&field.ty);
        Some(SignalField {
            ident: field.ident.clone()?,
            emits: emitted.is_some(),
            ty: emitted.unwrap_or_else(|| field.ty.clone()),
        })
    });
    Some(Signals {
        ident: item.ident.clone(),
        krate,
        fields: fields.collect(),
    })
}

/// Prints the impl; cannot fail.
///
/// ```ignore
/// const _: () = {
///     impl Output for Sorted {
///         const SIGNALS: Option<&'static [Signal]> = Some(&[..]);
///         fn emit(self, node: &'static NodeType, outputs: &mut Outputs) -> Result<..> { .. }
///     }
/// };
/// ```
fn expand(signals: &Signals) -> TokenStream {
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
        quote_spanned! {here=>
            <#ty as __noob::IntoSignal>::emit_on(#emit, #index, __node, __outputs)?;
        }
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
                __node: &'static __noob::NodeType,
                __outputs: &mut __noob::Outputs,
            ) -> ::core::result::Result<(), __noob::NodeError> {
                #(#emissions)*
                ::core::result::Result::Ok(())
            }
        }
        #(#signal_types)*
        };
    }
}
