//! Reads types as written: `Result`, `Option`, `Emit`, iterators, references and `Self`.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{GenericArgument, Path, PathArguments, PathSegment, Type, TypeParamBound, parse_quote};

use crate::names::spelled;

/// Returns `T` and, if it is written, `E` of `Result<T, E>`; `T` is `()` for a bare `Result`.
pub(crate) fn result(ty: &Type) -> Option<(Type, Option<Type>)> {
    let last = last_segment(ty).filter(|last| last.ident == "Result")?;
    let mut arguments = type_arguments(last).into_iter();
    let value = arguments.next().unwrap_or_else(|| parse_quote!(()));
    Some((value, arguments.next()))
}

/// Returns the `T` of `Option<T>`.
pub(crate) fn option(ty: &Type) -> Option<Type> {
    argument_of(ty, "Option")
}

/// Returns the `T` of `IndexMap<String, T>` and the like; of any other type, the type itself.
pub(crate) fn mapped(ty: &Type) -> Type {
    let arguments = last_segment(ty).map(type_arguments).unwrap_or_default();
    arguments.into_iter().nth(1).unwrap_or_else(|| ty.clone())
}

/// Returns the `T` of `&[T]`, if it is a number whose slices can be lent from a value.
pub(crate) fn slice_of_numbers(ty: &Type) -> Option<Type> {
    const NUMBERS: [&str; 10] = [
        "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64",
    ];
    let Type::Reference(reference) = ty else {
        return None;
    };
    let Type::Slice(slice) = &*reference.elem else {
        return None;
    };
    let plain = reference.mutability.is_none() && reference.lifetime.is_none();
    let name = last_segment(&slice.elem)?.ident.to_string();
    (plain && NUMBERS.contains(&name.as_str())).then(|| (*slice.elem).clone())
}

/// Returns whether a type is a name without arguments of its own, as that of an alias may be.
pub(crate) fn is_bare(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|last| last.arguments.is_none())
}

/// Returns the `T` of `Emit<T>`.
pub(crate) fn emit(ty: &Type) -> Option<Type> {
    argument_of(ty, "Emit")
}

/// `.shape(..)`: what is known of how the values of a type look; `ShapeFallback` must be in sight.
pub(crate) fn shape(ty: &Type) -> TokenStream {
    let here = Span::mixed_site();
    quote_spanned!(here=> .shape(__noob::ShapeProbe::<#ty>::shape))
}

/// Returns the `T` of `impl Iterator<Item = T>`, `impl Iterator<Item = T> + Send`,
/// `Box<dyn Iterator<Item = T> + Send>` and the like.
pub(crate) fn iterator(ty: &Type) -> Option<Type> {
    match ty {
        Type::ImplTrait(written) => written.bounds.iter().find_map(item),
        Type::TraitObject(written) => written.bounds.iter().find_map(item),
        Type::Paren(inner) => iterator(&inner.elem),
        Type::Group(inner) => iterator(&inner.elem),
        _ => argument_of(ty, "Box").and_then(|inner| iterator(&inner)),
    }
}

/// Returns the `T` of a bound `Iterator<Item = T>`.
fn item(bound: &TypeParamBound) -> Option<Type> {
    let TypeParamBound::Trait(bound) = bound else {
        return None;
    };
    let PathArguments::AngleBracketed(arguments) = &bound.path.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(bound) if bound.ident == "Item" => Some(bound.ty.clone()),
        _ => None,
    })
}

/// Returns the last segment of a type that is a path.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        Type::Paren(inner) => last_segment(&inner.elem),
        Type::Group(inner) => last_segment(&inner.elem),
        _ => None,
    }
}

/// Returns the `T` of `name<T>`.
fn argument_of(ty: &Type, name: &str) -> Option<Type> {
    let last = last_segment(ty).filter(|last| last.ident == name)?;
    type_arguments(last).into_iter().next()
}

fn type_arguments(segment: &PathSegment) -> Vec<Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return Vec::new();
    };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    });
    types.collect()
}

/// Returns the type to take instead of a reference: `String` for `&str`, `Vec<T>` for `&[T]`.
pub(crate) fn owned(referred: &Type) -> String {
    if let Type::Slice(slice) = referred {
        return format!("Vec<{}>", spelled(&slice.elem));
    }
    let name = last_segment(referred).map(|last| last.ident.to_string());
    match name.as_deref() {
        Some("str") => "String".to_owned(),
        Some("Path") => "std::path::PathBuf".to_owned(),
        _ => spelled(referred),
    }
}

/// Returns whether a type begins with `impl`.
pub(crate) fn impl_trait(ty: &Type) -> bool {
    let first = ty.to_token_stream().into_iter().next();
    matches!(first, Some(TokenTree::Ident(word)) if word == "impl")
}

/// Returns a type with `Self` replaced by the type `own`.
pub(crate) fn without_self(ty: &Type, own: &Type) -> Type {
    let replaced = replace(ty.to_token_stream(), &own.to_token_stream());
    syn::parse2(replaced).unwrap_or_else(|_| ty.clone())
}

fn replace(tokens: TokenStream, own: &TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Ident(word) if word == "Self" => own.clone(),
            TokenTree::Group(group) => {
                let mut replaced = Group::new(group.delimiter(), replace(group.stream(), own));
                replaced.set_span(group.span());
                TokenTree::Group(replaced).into()
            }
            other => other.into(),
        })
        .collect()
}

/// Returns the path of a type without the arguments of its last segment: `a::B` of `a::B<C>`.
pub(crate) fn without_arguments(ty: &Type) -> Option<Path> {
    let Type::Path(path) = ty else { return None };
    let mut path = path.path.clone();
    path.segments.last_mut()?.arguments = PathArguments::None;
    Some(path)
}

/// Returns whether a type is `()`.
pub(crate) fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// Returns whether a type is `Self`, or the type `own` itself.
pub(crate) fn is_own(ty: &Type, own: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("Self")) || ty == own
}
