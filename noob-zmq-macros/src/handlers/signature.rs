//! Signatures of handlers: `fn` or `async fn`, `&self` or `&mut self`, the message, and perhaps a
//! context.

use proc_macro2::Ident;
use syn::spanned::Spanned as _;
use syn::{FnArg, Pat, ReceiverKind, ReturnType, Safety, Signature, Type};

use crate::errors::Errors;
use crate::names;
use crate::node::types;

/// Parts of the signature of a handler.
#[derive(Debug, Clone)]
pub(crate) struct HandlerSignature {
    pub(crate) method: Ident,
    pub(crate) asynchronous: bool,
    /// Name of the message in the method.
    pub(crate) binding: Ident,
    /// Type of the message, without the `&` of a handler that only reads.
    pub(crate) payload: Type,
    /// Whether the handler takes `&Message`, and the message goes on to the delegate.
    pub(crate) by_reference: bool,
    /// Whether the handler takes a `&Context`.
    pub(crate) context: bool,
    /// Return type, if it is not `()`.
    pub(crate) returns: Option<Type>,
}

const GENERIC: &str =
    "a handler is called for one type of message and cannot be generic; name the type";
const SHAPE: &str = "a handler takes `&self` or `&mut self`, then the message, then `context: \
                     &Context` if it needs it";

/// Reads the signature of a handler, or reports why it is none.
pub(crate) fn arguments(signature: &Signature, errors: &mut Errors) -> Option<HandlerSignature> {
    if let Some(generic) = signature.generics.type_params().next() {
        return errors.reject(generic, GENERIC);
    }
    if let Safety::Unsafe(token) = &signature.safety {
        return errors.reject(
            token,
            "a handler cannot be `unsafe`; a message from a peer proves nothing",
        );
    }
    let returns = return_type(&signature.output, errors);
    let mut inputs = signature.inputs.iter();
    match inputs.next() {
        Some(FnArg::Receiver(receiver)) if borrows(&receiver.kind) => {}
        Some(FnArg::Receiver(receiver)) => {
            return errors.reject(
                receiver,
                "a handler borrows its actor: `&self` or `&mut self`",
            );
        }
        _ => {
            return errors.reject(&signature.ident, SHAPE);
        }
    }
    let Some(FnArg::Typed(message)) = inputs.next() else {
        return errors.reject(
            &signature.ident,
            "the message is missing: a handler takes `&mut self` and the message",
        );
    };
    let context = inputs.next();
    if let Some(more) = inputs.next() {
        return errors.reject(more, SHAPE);
    }
    if let Some(FnArg::Typed(context)) = context
        && !matches!(&*context.ty, Type::Reference(reference) if reference.mutability.is_none())
    {
        return errors.reject(
            &context.ty,
            "what follows the message is its context, `&Context`",
        );
    }
    let (payload, by_reference) = match &*message.ty {
        Type::Reference(reference) => (&reference.elem, true),
        _ => (&message.ty, false),
    };
    if let Type::ImplTrait(generic) = &**payload {
        return errors.reject(generic, GENERIC);
    }
    let binding = match &*message.pat {
        Pat::Ident(pat) if !pat.ident.to_string().starts_with('_') => pat.ident.clone(),
        pat => Ident::new("message", pat.span()),
    };
    returns.then(|| HandlerSignature {
        method: signature.ident.clone(),
        asynchronous: signature.asyncness.is_some(),
        binding,
        payload: (**payload).clone(),
        by_reference,
        context: context.is_some(),
        returns: written(&signature.output),
    })
}

fn borrows(receiver: &ReceiverKind) -> bool {
    match receiver {
        ReceiverKind::Reference(..) => true,
        ReceiverKind::Typed(_, ty) => matches!(&**ty, Type::Reference(_)),
        _ => false,
    }
}

fn written(output: &ReturnType) -> Option<Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some((**ty).clone()),
    }
}

/// Returns whether the return type may be right; aliases are left to the compiler.
fn return_type(output: &ReturnType, errors: &mut Errors) -> bool {
    let ReturnType::Type(_, ty) = output else {
        return true;
    };
    let result = types::result(ty).map(|(value, _)| value);
    match &result {
        _ if matches!(**ty, Type::ImplTrait(_)) => errors.push(
            ty,
            "a handler cannot return `impl ..`; write `async fn`, and return `()` or \
             `Result<(), E>`",
        ),
        Some(value) if never_unit(value) => errors.push(
            value,
            "a handler has no result but its error; return `Result<(), E>`",
        ),
        None if never_unit(ty) => {
            let written = names::spelled(ty);
            let text =
                format!("a handler cannot return `{written}`; it returns `()` or `Result<(), E>`");
            errors.push(ty, text);
        }
        _ => return true,
    }
    false
}

/// Returns whether a type is certainly neither `()` nor a `Result`, under whatever alias.
fn never_unit(ty: &Type) -> bool {
    const NEVER: [&str; 23] = [
        "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32",
        "i64", "i128", "isize", "f32", "f64", "String", "Option", "Vec", "Box", "Self", "HashMap",
    ];
    match ty {
        Type::Tuple(tuple) => !tuple.elems.is_empty(),
        Type::Path(path) if path.qself.is_none() => path
            .path
            .segments
            .last()
            .is_some_and(|last| NEVER.iter().any(|never| last.ident == never)),
        Type::Reference(_) | Type::Array(_) | Type::Slice(_) | Type::Never(_) => true,
        _ => false,
    }
}
