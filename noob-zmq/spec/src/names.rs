//! Rules for names, and lists of names for messages.

/// Words that cannot be the name of a node, an input, an asset or a slot.
pub const RESERVED: [&str; 4] = ["assets", "input", "meta", "tube"];

/// Length in bytes of the longest name, which is that of the longest identity of a socket.
pub const MAX_NAME: usize = 255;

/// Returns whether a text is an identifier in Python and Rust.
///
/// An identifier is a letter or `_`, followed by letters, digits and `_`, as Unicode defines it for
/// both languages: `²` and `Ⓐ` are none.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c))
        && chars.all(unicode_ident::is_xid_continue)
}

/// Returns whether a text is identifiers joined by dots.
#[must_use]
pub fn is_path(text: &str) -> bool {
    text.split('.').all(is_identifier)
}

/// Splits `node.signal`; `None` if the text does not have this form.
#[must_use]
pub fn reference(text: &str) -> Option<(&str, &str)> {
    let (node, signal) = text.split_once('.')?;
    (is_identifier(node) && is_identifier(signal)).then_some((node, signal))
}

/// Returns the name of the input, if the text has the form `input.name`.
#[must_use]
pub fn input_reference(text: &str) -> Option<&str> {
    reference(text)
        .filter(|&(node, _)| node == "input")
        .map(|(_, input)| input)
}

/// Lists names for a message: "`a`, `b` and `c`", or the first of a long list.
#[must_use]
pub fn list(names: &[impl AsRef<str>]) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_those_of_python() {
        for good in ["a", "_", "a1", "class", "größe", "A_b", "長さ"] {
            assert!(is_identifier(good), "{good}");
        }
        for bad in ["", "1a", "a-b", "a.b", "a b", "a/b", "..", "a\n", "x²", "Ⓐ"] {
            assert!(!is_identifier(bad), "{bad:?}");
        }
    }

    #[test]
    fn reference_has_exactly_one_dot() {
        assert_eq!(reference("a.b"), Some(("a", "b")));
        for bad in ["a", "a.", ".b", "a.b.c", "a.b-c", ""] {
            assert_eq!(reference(bad), None, "{bad:?}");
        }
        assert_eq!(input_reference("input.k"), Some("k"));
        assert_eq!(input_reference("inputs.k"), None);
        assert_eq!(input_reference("input.tar.gz"), None);
    }
}
