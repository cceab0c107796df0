//! The strings that are no strings as the value of an event in noob's JSON.

use crate::graph::{Emit, Value};

const META: &str = "__META__";
/// What a pickled value begins with.
pub(super) const PICKLE: &str = "pck__";

/// "Nothing happened" as noob writes it.
pub(super) const NOTHING: &str = "__META__NoEvent";
/// "The source has ended" as noob writes it.
pub(super) const EXHAUSTED: &str = "__META__Exhausted";

/// What noob takes this string for, if not for a string: it begins with `__META__`, and without any `__META__` in it is the name of a
/// meta signal.
fn sentinel(text: &str) -> Option<Emit> {
    if !text.starts_with(META) {
        return None;
    }
    match text.replace(META, "").as_str() {
        "NoEvent" => Some(Emit::Nothing),
        "Exhausted" => Some(Emit::Exhausted),
        _ => None,
    }
}

/// What the value of an event says: a pickle, a meta signal, or itself. A meta event keeps its strings.
pub(super) fn meaning(value: Value, meta_event: bool) -> Emit {
    match &value {
        Value::Str(text) if text.starts_with(PICKLE) => Emit::Value(Value::Pickle(text.clone())),
        Value::Str(text) if !meta_event => sentinel(text).unwrap_or(Emit::Value(value)),
        _ => Emit::Value(value),
    }
}

/// Why this string cannot be the value of an event in noob's JSON.
pub(super) fn misread(text: &str) -> Option<&'static str> {
    if text.starts_with(PICKLE) {
        Some(
            "noob would unpickle a string that begins with `pck__`; send it in a list, or begin it differently",
        )
    } else if sentinel(text).is_some() {
        Some(
            "noob would take this string for a meta signal, and there is no way to escape it; send it in a list",
        )
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matching_rule_is_noobs() {
        // Left: what noob 1003.0.2 was asked; right: what it answered.
        let answers = [
            ("__META__NoEvent", Some(Emit::Nothing)),
            ("__META__No__META__Event", Some(Emit::Nothing)),
            ("__META____META__Exhausted", Some(Emit::Exhausted)),
            ("NoEvent__META__", None),
            ("__META__noevent", None),
            ("__META__", None),
            ("__META__Other", None),
        ];
        for (text, answer) in answers {
            assert_eq!(
                meaning(text.into(), false),
                answer.clone().unwrap_or(Emit::Value(text.into())),
                "{text}"
            );
            assert_eq!(misread(text).is_some(), answer.is_some(), "{text}");
            assert_eq!(
                meaning(text.into(), true),
                Emit::Value(text.into()),
                "{text} in a meta event"
            );
        }
    }
}
