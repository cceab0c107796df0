//! Reads and checks a struct of signals.

use syn::{Data, DeriveInput, Fields};

use super::ir::{SignalField, Signals};
use crate::errors::Errors;
use crate::node::types;

/// Returns the signals, or `None` if the item is no struct with fields.
pub(crate) fn signals(item: &DeriveInput, errors: &mut Errors) -> Option<Signals> {
    if !item.generics.params.is_empty() {
        errors.push(
            &item.generics.params,
            "a struct of signals cannot be generic: a node is registered as one type",
        );
    }
    let named = match &item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) if !named.named.is_empty() => Some(&named.named),
            _ => None,
        },
        _ => None,
    };
    let Some(named) = named else {
        errors.push(
            &item.ident,
            "the signals of a node are the fields of a struct: `struct Sorted { fruit: \
             Emit<String>, mineral: Emit<String> }`",
        );
        return None;
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
        fields: fields.collect(),
    })
}
