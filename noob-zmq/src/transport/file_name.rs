//! Names of files that stand for ids: of directories of runs, and of nodes in the paths of sockets.

use std::borrow::Cow;

/// Length in bytes of the longest name that [`file_name`] returns.
pub(crate) const MAX_FILE_NAME: usize = 24;

/// Returns an id as one component of a path, of at most [`MAX_FILE_NAME`] bytes.
///
/// Every process of a run computes the same name, also with another compiler. Only the name with a
/// hash contains `~`, so an id never has the name of another id that is used as it is.
pub(crate) fn file_name(id: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if id.len() <= MAX_FILE_NAME && !id.starts_with('.') && id.chars().all(plain) {
        return Cow::Borrowed(id);
    }
    // FNV-1a: `std` does not promise that its hashes stay the same.
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mut name = String::with_capacity(MAX_FILE_NAME);
    for c in id.chars().filter(|c| c.is_alphanumeric() || *c == '_') {
        if name.len() + c.len_utf8() > MAX_FILE_NAME - 17 {
            break;
        }
        name.push(c);
    }
    Cow::Owned(format!("{name}~{hash:016x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_with_dots_stays_in_its_directory() {
        for id in [
            ".",
            "..",
            ".a",
            "a/../../b",
            "/",
            "a\0b",
            "~",
            "a~b",
            "%2F",
            " ",
        ] {
            let name = file_name(id);
            assert!(
                name.contains('~') && !name.contains(['/', '.', '\0']),
                "{id}: {name}"
            );
        }
    }

    /// Programs of several compilers compute it.
    #[test]
    fn hash_is_that_of_fnv_1a() {
        assert_eq!(file_name("a/../../b"), "ab~4c5b38cb39e5e48b");
    }

    #[test]
    fn long_id_has_a_short_file_name_of_its_own() {
        let japanese = "\u{65e5}\u{672c}".repeat(12) + "\u{8a9e}";
        assert_eq!(japanese.len(), 75);
        let prefix = "a".repeat(254);
        let ids = [
            japanese,
            "a".repeat(24),
            "a".repeat(25),
            prefix.clone(),
            format!("{prefix}b"),
            format!("{prefix}c"),
        ];
        let names: std::collections::HashSet<_> = ids.iter().map(|id| file_name(id)).collect();
        assert_eq!(names.len(), ids.len());
        assert!(
            names.iter().all(|name| name.len() <= MAX_FILE_NAME),
            "{names:?}"
        );
        assert_eq!(file_name(&ids[1]), ids[1]);
    }

    proptest::proptest! {
        #[test]
        fn file_name_is_one_component_that_fits(id in "\\PC{0,80}") {
            let name = file_name(&id);
            let plain = !name.contains('/') && !name.starts_with('.');
            proptest::prop_assert!(name.len() <= MAX_FILE_NAME && plain, "{}", name);
            proptest::prop_assert_eq!(*name == *id, !name.contains('~'));
        }
    }
}
