//! Signatures of handlers: `fn` or `async fn`, `&self` or `&mut self`, the message, and perhaps a
//! context.

use proc_macro2::Ident;
use syn::spanned::Spanned as _;
use syn::{
    FnArg, GenericArgument, Pat, PathArguments, ReceiverKind, ReturnType, Safety, Signature, Type,
};

use crate::errors::Errors;

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
        errors.push(generic, GENERIC);
        return None;
    }
    if let Safety::Unsafe(token) = &signature.safety {
        errors.push(
            token,
            "a handler cannot be `unsafe`; a message from a peer proves nothing",
        );
        return None;
    }
    let returns = return_type(&signature.output, errors);
    let mut inputs = signature.inputs.iter();
    match inputs.next() {
        Some(FnArg::Receiver(receiver)) if borrows(&receiver.kind) => {}
        Some(FnArg::Receiver(receiver)) => {
            errors.push(
                receiver,
                "a handler borrows its actor: `&self` or `&mut self`",
            );
            return None;
        }
        _ => {
            errors.push(&signature.ident, SHAPE);
            return None;
        }
    }
    let Some(FnArg::Typed(message)) = inputs.next() else {
        errors.push(
            &signature.ident,
            "the message is missing: a handler takes `&mut self` and the message",
        );
        return None;
    };
    let context = inputs.next();
    if let Some(more) = inputs.next() {
        errors.push(more, SHAPE);
        return None;
    }
    if let Some(FnArg::Typed(context)) = context
        && !matches!(&*context.ty, Type::Reference(reference) if reference.mutability.is_none())
    {
        errors.push(
            &context.ty,
            "what follows the message is its context, `&Context`",
        );
        return None;
    }
    let (payload, by_reference) = match &*message.ty {
        Type::Reference(reference) => (&reference.elem, true),
        _ => (&message.ty, false),
    };
    if let Type::ImplTrait(generic) = &**payload {
        errors.push(generic, GENERIC);
        return None;
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
    let text = match &**ty {
        Type::ImplTrait(_) => "a handler cannot return `impl ..`; write `async fn`, and return \
                               `()` or `Result<(), E>`"
            .to_owned(),
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "Result" => match &last.arguments {
                PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
                    Some(GenericArgument::Type(value)) if never_unit(value) => {
                        errors.push(
                            value,
                            "a handler has no result but its error; return \
                                            `Result<(), E>`",
                        );
                        return false;
                    }
                    _ => return true,
                },
                _ => return true,
            },
            _ if never_unit(ty) => cannot_return(ty),
            _ => return true,
        },
        _ if never_unit(ty) => cannot_return(ty),
        _ => return true,
    };
    errors.push(ty, text);
    false
}

fn cannot_return(ty: &Type) -> String {
    format!(
        "a handler cannot return `{}`; it returns `()` or `Result<(), E>`",
        crate::names::spelled(ty)
    )
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
