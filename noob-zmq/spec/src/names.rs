//! Rules for names, lists of names, and the nearest of them.

use crate::graph::Name;

/// Words that cannot name a node, an input, an asset or a slot.
pub(super) const RESERVED: [&str; 4] = ["assets", "input", "meta", "tube"];

/// Whether it is an identifier as Python and Rust know them: a letter or `_`, then letters, digits and `_`.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}

/// Whether it is identifiers joined by dots.
pub(super) fn is_path(text: &str) -> bool {
    text.split('.').all(is_identifier)
}

/// The two halves of `node.signal`; `None` if it is not that.
pub(super) fn reference(text: &str) -> Option<(&str, &str)> {
    let (node, signal) = text.split_once('.')?;
    (is_identifier(node) && is_identifier(signal)).then_some((node, signal))
}

/// The name of the input, if the text is of the form `input.name`.
pub(super) fn input_reference(text: &str) -> Option<&str> {
    reference(text)
        .filter(|&(node, _)| node == "input")
        .map(|(_, input)| input)
}

/// "`a`, `b` and `c`"; long lists are cut.
pub(super) fn list(names: &[impl AsRef<str>]) -> String {
    const MOST: usize = 12;
    let quoted = |name: &dyn AsRef<str>| format!("`{}`", name.as_ref());
    let shown: Vec<_> = names.iter().take(MOST).map(|name| quoted(name)).collect();
    match shown.as_slice() {
        _ if names.len() > MOST => format!("{} and {} more", shown.join(", "), names.len() - MOST),
        [] => "none".into(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The name that was probably meant.
pub(super) fn nearest<N: AsRef<str>>(
    wanted: &str,
    names: impl IntoIterator<Item = N>,
) -> Option<Name> {
    ranked(wanted, names).into_iter().next()
}

/// Up to three node types that were probably meant: near as a whole, or in the last part of their path.
pub(super) fn nearest_types(wanted: &str, names: &[Name]) -> Vec<Name> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let mut near: Vec<Name> = names
        .iter()
        .filter(|name| last(name) == last(wanted))
        .cloned()
        .collect();
    near.extend(ranked(wanted, names));
    // A misspelt last part, in whatever module, is only a guess: for want of better ones.
    if near.is_empty() {
        let last_wanted = last(wanted);
        let alike = |name: &&Name| is_near(&last_wanted, &last(name)).is_some();
        near.extend(names.iter().filter(alike).cloned());
    }
    let mut seen = Vec::new();
    near.retain(|name| {
        !seen.contains(name) && {
            seen.push(name.clone());
            true
        }
    });
    near.truncate(3);
    near
}

fn ranked<N: AsRef<str>>(wanted: &str, names: impl IntoIterator<Item = N>) -> Vec<Name> {
    let mut ranked: Vec<(usize, Name)> = names
        .into_iter()
        .filter_map(|name| {
            is_near(wanted, name.as_ref()).map(|distance| (distance, Name::from(name.as_ref())))
        })
        .collect();
    ranked.sort_by_key(|(distance, _)| *distance);
    ranked.into_iter().map(|(_, name)| name).collect()
}

/// How far apart two names are, if one may have been meant for the other.
fn is_near(wanted: &str, name: &str) -> Option<usize> {
    // Texts of strangers can be long; the distance costs their product.
    if wanted.len() > 200 || name.len() > 200 {
        return None;
    }
    let distance = strsim::damerau_levenshtein(&wanted.to_lowercase(), &name.to_lowercase());
    let most = (wanted.chars().count().max(name.chars().count()) / 3).clamp(1, 3);
    let short =
        wanted.chars().count() <= 2 && distance > 0 && wanted.to_lowercase() != name.to_lowercase();
    (distance <= most && !short).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_those_of_python() {
        for good in ["a", "_", "a1", "class", "größe", "A_b"] {
            assert!(is_identifier(good), "{good}");
        }
        for bad in ["", "1a", "a-b", "a.b", "a b", "a/b", "..", "a\n"] {
            assert!(!is_identifier(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_reference_has_exactly_one_dot() {
        assert_eq!(reference("a.b"), Some(("a", "b")));
        for bad in ["a", "a.", ".b", "a.b.c", "a.b-c", ""] {
            assert_eq!(reference(bad), None, "{bad:?}");
        }
        assert_eq!(input_reference("input.k"), Some("k"));
        assert_eq!(input_reference("inputs.k"), None);
        assert_eq!(input_reference("input.tar.gz"), None);
    }

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(
            nearest("indx", ["value", "index"]).as_deref(),
            Some("index")
        );
        assert_eq!(nearest("Index", ["index"]).as_deref(), Some("index"));
        assert_eq!(nearest("zzz", ["value", "index"]), None);
        // One letter is near to every other: no guess.
        assert_eq!(nearest("a", ["b", "c"]), None);
    }

    #[test]
    fn a_type_of_another_module_is_offered() {
        let names: Vec<Name> = ["lib.text.words", "lib.text.lines", "lib.count"]
            .map(Name::from)
            .into();
        assert_eq!(nearest_types("words", &names), ["lib.text.words".into()]);
        assert_eq!(
            nearest_types("lib.text.wrods", &names),
            ["lib.text.words".into()]
        );
        assert!(nearest_types("x.y", &names).is_empty());
    }
}
