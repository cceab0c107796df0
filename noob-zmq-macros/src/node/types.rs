//! What the macro reads out of types as they are written: `Result`, `Option`, iterators, references, `Self`.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{GenericArgument, Path, PathArguments, PathSegment, Type, TypeParamBound, parse_quote};

/// `T` and, if it is written, `E` of `Result<T, E>`, by whatever path it is written; `()` of a bare `Result`.
pub(crate) fn result(ty: &Type) -> Option<(Type, Option<Type>)> {
    let last = last_segment(ty).filter(|last| last.ident == "Result")?;
    let mut arguments = type_arguments(last).into_iter();
    let value = arguments.next().unwrap_or_else(|| parse_quote!(()));
    Some((value, arguments.next()))
}

/// `T` of `Option<T>`.
pub(crate) fn option(ty: &Type) -> Option<Type> {
    last_segment(ty)
        .filter(|last| last.ident == "Option")
        .and_then(first_type)
}

/// `T` of `IndexMap<String, T>` and the like; of anything else, the type itself.
pub(crate) fn mapped(ty: &Type) -> Type {
    let arguments = last_segment(ty).map(type_arguments).unwrap_or_default();
    arguments.into_iter().nth(1).unwrap_or_else(|| ty.clone())
}

/// Whether it is a name without arguments of its own, as that of an alias may be.
pub(crate) fn is_bare(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|last| last.arguments.is_none())
}

/// `T` of `Emit<T>`.
pub(crate) fn emit(ty: &Type) -> Option<Type> {
    last_segment(ty)
        .filter(|last| last.ident == "Emit")
        .and_then(first_type)
}

/// `.shape(..)`: what is known of how the values of a type look; `ShapeFallback` must be in sight.
pub(crate) fn shape(ty: &Type) -> TokenStream {
    let here = Span::mixed_site();
    quote_spanned!(here=> .shape(__noob::ShapeProbe::<#ty>::shape))
}

/// `T` of `impl Iterator<Item = T>`, `impl Iterator<Item = T> + Send`, `Box<dyn Iterator<Item = T> + Send>` and the like.
pub(crate) fn iterator(ty: &Type) -> Option<Type> {
    match ty {
        Type::ImplTrait(written) => written.bounds.iter().find_map(item),
        Type::TraitObject(written) => written.bounds.iter().find_map(item),
        Type::Paren(inner) => iterator(&inner.elem),
        Type::Group(inner) => iterator(&inner.elem),
        _ => last_segment(ty)
            .filter(|last| last.ident == "Box")
            .and_then(first_type)
            .and_then(|inner| iterator(&inner)),
    }
}

/// `T` of a bound `Iterator<Item = T>`.
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

/// The last segment of a type that is a path.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        Type::Paren(inner) => last_segment(&inner.elem),
        Type::Group(inner) => last_segment(&inner.elem),
        _ => None,
    }
}

fn first_type(segment: &PathSegment) -> Option<Type> {
    type_arguments(segment).into_iter().next()
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

/// The type to take in place of a reference: `String` for `&str`, `Vec<T>` for `&[T]`.
pub(crate) fn owned(referred: &Type) -> String {
    if let Type::Slice(slice) = referred {
        return format!("Vec<{}>", text(&slice.elem));
    }
    let name = last_segment(referred).map(|last| last.ident.to_string());
    match name.as_deref() {
        Some("str") => "String".to_owned(),
        Some("Path") => "std::path::PathBuf".to_owned(),
        _ => text(referred),
    }
}

/// The first `impl Trait` or reference inside a type, if it has one.
pub(crate) fn impl_trait(ty: &Type) -> bool {
    let found = |tokens: TokenStream| {
        tokens
            .into_iter()
            .next()
            .is_some_and(|first| matches!(first, TokenTree::Ident(word) if word == "impl"))
    };
    found(ty.to_token_stream())
}

/// A type with `Self` replaced by what it stands for.
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

/// Whether it is `()`.
pub(crate) fn is_unit(ty: &Type) -> bool {
    matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// Whether it is `Self`, or a path to the type itself.
pub(crate) fn is_own(ty: &Type, own: &Type) -> bool {
    let path = |ty: &Type| match ty {
        Type::Path(path) => Some(path.path.clone()),
        _ => None,
    };
    let is_self = |path: &Path| path.is_ident("Self");
    path(ty).is_some_and(|ty| is_self(&ty)) || ty == own
}

/// A type or expression as people write it: `to_string` puts blanks around every `<` and `::`.
pub(crate) fn text(tokens: &impl ToTokens) -> String {
    const TIGHTER: [(&str, &str); 10] = [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        (" >", ">"),
        (" ,", ","),
        (" ;", ";"),
        ("& ", "&"),
        (" (", "("),
        (" . ", "."),
        (" !", "!"),
    ];
    let spelled = tokens.to_token_stream().to_string();
    TIGHTER
        .iter()
        .fold(spelled, |text, (loose, tight)| text.replace(loose, tight))
}
