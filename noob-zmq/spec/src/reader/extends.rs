//! `extends`: merges the trees of several tubes key by key, the file itself last.

use super::yaml::{self, Data, Mapping, Pair, Scalar, Yaml};
use super::{DiagnosticKind, Diagnostics, Name, Place, Source, shape};
use crate::suggest::nearest;

/// A way to find other tubes, for `extends` and for nodes of `type: tube`.
pub trait Tubes {
    /// Returns the text of the tube of this id or path; `None` if there is none.
    ///
    /// # Errors
    /// The reason why a tube that exists cannot be read.
    fn find(&self, name: &str) -> Result<Option<Source>, String>;

    /// Returns the names that can be found, for "did you mean".
    fn names(&self) -> Vec<Name> {
        Vec::new()
    }

    /// Describes for a message where a name is looked for, if that helps.
    fn looked(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }
}

/// No other tubes.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTubes;

impl Tubes for NoTubes {
    fn find(&self, _name: &str) -> Result<Option<Source>, String> {
        Ok(None)
    }
}

/// Limit of the tubes that one tube extends, directly or not.
const MAX_PARENTS: usize = 256;

/// Reads the tree of a text with all that it extends; `None` if that failed and was reported.
///
/// `chain` holds the tubes that led here, with the names by which they were called.
pub(super) fn read(
    source: &Source,
    file: usize,
    chain: &mut Vec<(Name, Source)>,
    tubes: &dyn Tubes,
    diagnostics: &mut Diagnostics,
) -> Option<Yaml> {
    let mut tree = yaml::read(source, file, diagnostics)?;
    let Data::Map(own) = &mut tree.data else {
        return Some(tree);
    };
    let parents: Vec<(Name, Place)> = match own.get("extends").map(|pair| &pair.value.data) {
        Some(Data::List(items)) => items
            .iter()
            .filter_map(|item| Some((item.as_text()?.clone(), item.place)))
            .collect(),
        _ => return Some(tree),
    };
    if let ([(called, _)], Some(id)) = (
        chain.as_mut_slice(),
        own.get("noob_id").and_then(|pair| pair.value.as_text()),
    ) {
        called.clone_from(id);
    }
    let mut left = Mapping::new();
    let mut returning = None;
    let mut complete = true;
    for (name, place) in parents {
        let Some(parent) = parent(&name, place, chain, tubes, diagnostics) else {
            complete = false;
            continue;
        };
        if return_node(&parent).is_some() {
            returning = Some((name, place));
        }
        left = merge_tubes(left, parent);
    }
    if !complete {
        return None;
    }
    if let Some((parent, place)) = returning
        && return_node(own).is_none()
    {
        diagnostics.push(place, DiagnosticKind::ReturnNotRepeated { parent });
    }
    let own = std::mem::take(own);
    tree.data = Data::Map(merge_tubes(left, own));
    Some(tree)
}

/// Reads a tube that another extends, without keys that only state the default.
fn parent(
    name: &Name,
    place: Place,
    chain: &mut Vec<(Name, Source)>,
    tubes: &dyn Tubes,
    diagnostics: &mut Diagnostics,
) -> Option<Mapping> {
    let source = find_tube(name, place, chain, tubes, diagnostics)?;
    if diagnostics.sources().len() > MAX_PARENTS {
        diagnostics.push(place, DiagnosticKind::TooManyParents { limit: MAX_PARENTS });
        return None;
    }
    let file = diagnostics.add_source(source.clone());
    chain.push((name.clone(), source.clone()));
    let before = diagnostics.errors();
    let tree = read(&source, file, chain, tubes, diagnostics);
    chain.pop();
    let tree = tree?;
    shape::tube(&tree, diagnostics)?;
    match tree.data {
        Data::Map(mut map) if diagnostics.errors() == before => {
            drop_defaults(&mut map);
            Some(map)
        }
        _ => None,
    }
}

/// Finds another tube, and reports one that does not exist or that led here.
pub fn find_tube(
    name: &Name,
    place: Place,
    chain: &[(Name, Source)],
    tubes: &dyn Tubes,
    diagnostics: &mut Diagnostics,
) -> Option<Source> {
    let source = match tubes.find(name) {
        Ok(Some(source)) => source,
        missing => {
            let reason = missing.err();
            let (near, looked) = match reason {
                None => (nearest(name, tubes.names()), tubes.looked(name)),
                Some(_) => (None, None),
            };
            let kind = DiagnosticKind::UnknownTube {
                name: name.clone(),
                reason,
                near,
                looked,
            };
            diagnostics.push(place, kind);
            return None;
        }
    };
    if let Some(first) = chain
        .iter()
        .position(|(_, other)| other.text == source.text)
    {
        let mut path: Vec<Name> = chain[first..]
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        path.push(name.clone());
        diagnostics.push(place, DiagnosticKind::TubeOfItself { chain: path });
        return None;
    }
    Some(source)
}

/// Removes keys that only state the default, so that they do not hide those of an earlier tube.
fn drop_defaults(map: &mut Mapping) {
    let is = |value: &Yaml, default: &Scalar| match &value.data {
        Data::Scalar(value, _) => value == default,
        _ => false,
    };
    for (section, key, default) in [
        ("nodes", "enabled", Scalar::Bool(true)),
        ("nodes", "stateful", Scalar::Null),
        ("nodes", "depends", Scalar::Null),
        ("nodes", "params", Scalar::Null),
        ("nodes", "description", Scalar::Null),
        ("input", "scope", Scalar::Str("tube".into())),
        ("input", "required", Scalar::Bool(true)),
        ("input", "description", Scalar::Null),
        ("assets", "depends", Scalar::Null),
        ("assets", "description", Scalar::Null),
    ] {
        let Some(Data::Map(entries)) = map.get_mut(section).map(|pair| &mut pair.value.data) else {
            continue;
        };
        for pair in entries.values_mut() {
            if let Data::Map(entry) = &mut pair.value.data
                && entry.get(key).is_some_and(|pair| is(&pair.value, &default))
            {
                entry.shift_remove(key);
            }
        }
    }
}

/// Returns the key of the node of `type: return`.
fn return_node(tube: &Mapping) -> Option<Name> {
    let mut nodes = tube.get("nodes")?.value.as_map()?.iter();
    let found = nodes.find(|(_, pair)| has_type(&pair.value, "return"));
    found.map(|(name, _)| name.clone())
}

/// Returns whether a node is a mapping with this `type`.
fn has_type(node: &Yaml, name: &str) -> bool {
    let written = node
        .as_map()
        .and_then(|node| node.get("type")?.value.as_text());
    written.is_some_and(|written| **written == *name)
}

/// Merges a tube onto another that it extends.
fn merge_tubes(mut left: Mapping, mut right: Mapping) -> Mapping {
    // There is one return node at the end: it has the name and the position that the right side
    // gives it.
    if let (Some(old), Some(new)) = (return_node(&left), return_node(&right))
        && let Some(Data::Map(olds)) = left.get_mut("nodes").map(|pair| &mut pair.value.data)
        && let Some(old) = olds.shift_remove(&old)
        && let Some(Data::Map(news)) = right.get_mut("nodes").map(|pair| &mut pair.value.data)
        && let Some(new) = news.get_mut(&new)
        && let (Data::Map(old), Data::Map(new)) = (old.value.data, &mut new.value.data)
    {
        let own = std::mem::replace(new, old);
        merge(new, own);
    }
    merge(&mut left, right);
    left
}

/// Merges a mapping onto another key by key, at every level; of anything else the right one stays.
fn merge(left: &mut Mapping, right: Mapping) {
    for (key, mut pair) in right {
        let Some(old) = left.get_mut(&key) else {
            left.insert(key, pair);
            continue;
        };
        if let (Data::Map(old), Data::Map(new)) = (&mut old.value.data, &mut pair.value.data) {
            merge(old, std::mem::take(new));
            *new = std::mem::take(old);
        }
        *old = pair;
    }
}

/// Returns the names of tubes that a tree mentions: in `extends`, and in nodes of `type: tube`.
pub(super) fn mentioned(tree: &Yaml) -> Vec<(Name, Place)> {
    let Some(map) = tree.as_map() else {
        return Vec::new();
    };
    let named = |item: &Yaml| Some((item.as_text()?.clone(), item.place));
    let mut names = Vec::new();
    if let Some(Data::List(items)) = map.get("extends").map(|pair| &pair.value.data) {
        names.extend(items.iter().filter_map(named));
    }
    let nodes = map.get("nodes").and_then(|pair| pair.value.as_map());
    for node in nodes.into_iter().flat_map(Mapping::values) {
        let of_tube = Some(&node.value).filter(|node| has_type(node, "tube"));
        let tube =
            of_tube.and_then(|node| node.as_map()?.get("params")?.value.as_map()?.get("tube"));
        if let Some(Pair { value: tube, .. }) = tube {
            match named(tube) {
                Some(name) => names.push(name),
                None => names.extend(mentioned(tube)),
            }
        }
    }
    names
}
