//! Selection of signals by patterns such as `camera.*` and `!camera.raw`.

use noob_zmq_spec::suggest::nearest;

use super::RecordError;
#[cfg(feature = "cli")]
use super::{Record, RecordedEvent};

/// Patterns that select signals; the last pattern that matches a signal decides.
///
/// A pattern is the name of a signal, `node.signal`, in which `*` stands for any letters. A `!` in
/// front of it deselects. Where no pattern selects, all signals are selected at first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Selection(Vec<String>);

impl Selection {
    /// Adds patterns; one text may hold several, with commas between them.
    pub(super) fn add(&mut self, patterns: &str) {
        let patterns = patterns.split(',').map(str::trim);
        let patterns = patterns.filter(|pattern| !pattern.is_empty());
        self.0.extend(patterns.map(str::to_owned));
    }

    /// Returns whether a signal is selected.
    pub(super) fn contains(&self, name: &str) -> bool {
        let all = self.0.iter().all(|pattern| pattern.starts_with('!'));
        self.decision(name).unwrap_or(all)
    }

    /// Returns whether a signal is deselected by a pattern.
    pub(super) fn excludes(&self, name: &str) -> bool {
        self.decision(name) == Some(false)
    }

    /// Returns the decision of the last pattern that matches.
    fn decision(&self, name: &str) -> Option<bool> {
        let last = self.0.iter().rev().find(|pattern| {
            let pattern = pattern.strip_prefix('!').unwrap_or(pattern);
            matches(pattern.as_bytes(), name.as_bytes())
        });
        last.map(|pattern| !pattern.starts_with('!'))
    }

    /// Checks that each pattern matches one of these names.
    ///
    /// # Errors
    /// The first that matches none, with the name that comes nearest.
    pub(super) fn check(&self, tube: &str, names: &[String]) -> Result<(), RecordError> {
        for given in &self.0 {
            let pattern = given.strip_prefix('!').unwrap_or(given);
            let matches = |name: &String| matches(pattern.as_bytes(), name.as_bytes());
            if names.iter().any(matches) {
                continue;
            }
            let hint = match nearest(pattern, names) {
                Some(near) => format!("; did you mean `{near}`?"),
                None if pattern.contains('.') => format!("; its signals are {}", listed(names)),
                None => {
                    format!("; write NODE.SIGNAL, or `{pattern}.*` for all signals of a node")
                }
            };
            return Err(RecordError::Pattern(format!(
                "the pattern `{given}` matches no signal of the tube `{tube}`{hint}"
            )));
        }
        Ok(())
    }
}

/// Lists some names for a message.
pub(super) fn listed(names: &[impl AsRef<str>]) -> String {
    let some = names.iter().take(8);
    let quoted: Vec<String> = some.map(|name| format!("`{}`", name.as_ref())).collect();
    match names.len() {
        0 => "none".to_owned(),
        n if n > quoted.len() => format!("{}, and {} more", quoted.join(", "), n - quoted.len()),
        _ => quoted.join(", "),
    }
}

/// Returns whether a pattern with `*` matches a text.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut from) = (0, 0);
    // The last `*`, and the end of the letters that it stands for.
    let mut star: Option<(usize, usize)> = None;
    while from < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, from));
                at += 1;
            }
            Some(letter) if *letter == text[from] => (at, from) = (at + 1, from + 1),
            _ => match star {
                // Letters after the `*` did not match: the `*` stands for one more.
                Some((behind, end)) => {
                    (at, from) = (behind, end + 1);
                    star = Some((behind, end + 1));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == b'*')
}

/// Returns a function that tells whether patterns select an event of a record.
///
/// # Errors
/// A pattern that matches no signal of the record.
#[cfg(feature = "cli")]
pub(crate) fn select(
    record: &Record,
    patterns: &[String],
) -> Result<impl Fn(&RecordedEvent) -> bool + use<>, RecordError> {
    let mut selection = Selection::default();
    for pattern in patterns {
        selection.add(pattern);
    }
    let tube = record.metadata().get("tube").map_or("", String::as_str);
    let names: Vec<String> = record
        .signals()
        .iter()
        .map(|signal| signal.name())
        .collect();
    selection.check(tube, &names)?;
    Ok(
        move |event: &RecordedEvent| {
            selection.contains(&format!("{}.{}", event.node, event.signal))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(patterns: &str) -> String {
        let mut selection = Selection::default();
        selection.add(patterns);
        let names = ["camera.raw", "camera.small", "decode.value"];
        let selected = names.into_iter().filter(|name| selection.contains(name));
        selected.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn last_pattern_that_matches_decides() {
        assert_eq!(selected(""), "camera.raw camera.small decode.value");
        assert_eq!(selected("camera.*,!camera.raw"), "camera.small");
        assert_eq!(selected("!camera.raw"), "camera.small decode.value");
        assert_eq!(selected("!camera.*, camera.raw"), "camera.raw");
        assert_eq!(selected("*.value"), "decode.value");
        assert_eq!(selected("*a*.*l*"), "camera.small");
    }

    #[test]
    fn pattern_without_a_signal_is_an_error() {
        let names = ["camera.raw".to_owned(), "decode.value".to_owned()];
        let check = |patterns: &str| {
            let mut selection = Selection::default();
            selection.add(patterns);
            selection.check("rig", &names).map_err(|e| e.to_string())
        };
        assert_eq!(check("camera.*,!decode.value"), Ok(()));
        let error = check("camera.rww").unwrap_err();
        assert!(error.contains("did you mean `camera.raw`?"), "{error}");
        let error = check("!camera").unwrap_err();
        assert!(error.contains("`camera.*`"), "{error}");
    }
}
