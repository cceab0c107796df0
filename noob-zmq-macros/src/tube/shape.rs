//! The tree of a text to a [`Spec`]: keys, kinds of values, names.

use super::mistakes::{At, Mistakes};
use super::spec::Spec;
use super::yaml::{Data, Pair, Yaml, get};
use crate::errors::nearest;

pub(super) const TUBE_KEYS: [&str; 8] = [
    "noob_id",
    "noob_model",
    "noob_version",
    "description",
    "extends",
    "input",
    "assets",
    "nodes",
];

/// Words that cannot name a node, an input or a slot.
const RESERVED: [&str; 4] = ["assets", "input", "meta", "tube"];

/// Reads a tube from its tree; nothing, if it is none.
pub(crate) fn tube(tree: &Yaml, mistakes: &mut Mistakes) -> Option<Spec> {
    let Data::Map(map) = &tree.data else {
        let found = tree.describe();
        mistakes.push(
            tree.at,
            format!("a tube is a mapping with keys such as `noob_id` and `nodes`, not {found}"),
        );
        return None;
    };
    known_keys(map, "a tube", &TUBE_KEYS, mistakes);
    let id = match get(map, "noob_id").map(|pair| &pair.value) {
        Some(id) if id.text().is_some() => id.text().unwrap_or_default().to_owned(),
        Some(other) => {
            wrong_kind(other, "`noob_id`", "a text", mistakes);
            String::new()
        }
        None => {
            mistakes.push(tree.at, "the tube has no `noob_id`");
            String::new()
        }
    };
    extends(map, mistakes);
    let mut spec = Spec {
        id,
        inputs: Vec::new(),
        assets: Vec::new(),
        nodes: Vec::new(),
        lost: Vec::new(),
    };
    for pair in section(map, "input", mistakes) {
        match super::entries::input(pair, mistakes) {
            Some(input) => spec.inputs.push(input),
            None => spec.lost.push(pair.key.clone()),
        }
    }
    for pair in section(map, "assets", mistakes) {
        match super::entries::asset(pair, mistakes) {
            Some(asset) => spec.assets.push(asset),
            None => spec.lost.push(pair.key.clone()),
        }
    }
    for pair in section(map, "nodes", mistakes) {
        match super::entries::node(pair, mistakes) {
            Some(node) => spec.nodes.push(node),
            None => spec.lost.push(pair.key.clone()),
        }
    }
    Some(spec)
}

/// `extends` is a list of texts.
fn extends(map: &[Pair], mistakes: &mut Mistakes) {
    match get(map, "extends").map(|pair| &pair.value) {
        Some(Yaml {
            data: Data::List(items),
            ..
        }) => {
            for item in items.iter().filter(|item| item.text().is_none()) {
                wrong_kind(item, "an item of `extends`", "a text", mistakes);
            }
        }
        Some(other) if !other.is_null() => {
            let found = other.describe();
            let text = format!(
                "`extends` must be a list of tubes, not {found}; write a list, also for a single one: `extends: [name]`"
            );
            mistakes.push(other.at, text);
        }
        _ => {}
    }
}

/// The entries of a section; none, if it is absent or something else.
fn section<'y>(map: &'y [Pair], key: &str, mistakes: &mut Mistakes) -> &'y [Pair] {
    match get(map, key).map(|pair| &pair.value) {
        Some(Yaml {
            data: Data::Map(pairs),
            ..
        }) => pairs,
        Some(other) => {
            wrong_kind(other, &format!("`{key}`"), "a mapping", mistakes);
            &[]
        }
        None => &[],
    }
}

pub(super) fn known_keys(map: &[Pair], owner: &str, known: &[&str], mistakes: &mut Mistakes) {
    for pair in map
        .iter()
        .filter(|pair| !known.contains(&pair.key.as_str()))
    {
        let text = format!("{owner} has no key `{}`", pair.key);
        mistakes.unknown(pair.at, text, &pair.key, known.iter().copied());
    }
}

pub(super) fn wrong_kind(value: &Yaml, what: &str, expected: &str, mistakes: &mut Mistakes) {
    let found = value.describe();
    mistakes.push(value.at, format!("{what} must be {expected}, not {found}"));
}

/// Whether a key can be the name of `what`.
pub(super) fn name(name: &str, at: At, what: &str, mistakes: &mut Mistakes) -> bool {
    if !is_identifier(name) {
        mistakes.push(at, format!("`{name}` cannot be the name of {what}"));
    } else if RESERVED.contains(&name) {
        mistakes.push(
            at,
            format!("`{name}` cannot be the name of {what}: the word is reserved"),
        );
    } else {
        return true;
    }
    false
}

/// `type` of an entry; nothing, if there is none.
pub(super) fn type_name<'y>(
    map: &'y [Pair],
    at: At,
    owner: &str,
    mistakes: &mut Mistakes,
) -> Option<&'y Yaml> {
    match get(map, "type") {
        Some(pair) if pair.value.text().is_some() => Some(&pair.value),
        Some(pair) => {
            wrong_kind(
                &pair.value,
                &format!("`type` of {owner}"),
                "a text",
                mistakes,
            );
            None
        }
        None => {
            // `typ:` is one mistake, not two.
            if map
                .iter()
                .all(|pair| nearest(&pair.key, ["type"]).is_none())
            {
                mistakes.push(at, format!("{owner} has no `type`"));
            }
            None
        }
    }
}

/// Whether it is an identifier as Python and Rust know them.
pub(super) fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}
