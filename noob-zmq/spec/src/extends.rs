//! `extends`: the trees of several tubes become one, key by key, the file itself last.

use super::library::Tubes;
use super::mistake::Mistake;
use super::names::nearest;
use super::problem::Problems;
use super::shape;
use super::text::Text;
use super::yaml::{self, Data, Mapping, Yaml};
use crate::graph::{Name, Place, Source, Value};

/// Most tubes that one tube may extend, near and far.
const MAX_PARENTS: usize = 256;

/// Reads the tree of a text with all that it extends; `None` if that failed and was reported.
///
/// `chain` holds the tubes that led here, with the names by which they were called.
pub(super) fn read(
    text: &Text,
    chain: &mut Vec<(Name, Source)>,
    tubes: &dyn Tubes,
    problems: &mut Problems,
) -> Option<Yaml> {
    let mut tree = yaml::read(text, problems)?;
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
        let Some(parent) = parent(&name, place, chain, tubes, problems) else {
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
        problems.push(place, Mistake::ReturnNotRepeated { parent });
    }
    let own = std::mem::take(own);
    tree.data = Data::Map(merge_tubes(left, own));
    Some(tree)
}

/// A tube that another extends: complete, valid by itself, and without what only says the default.
fn parent(
    name: &Name,
    place: Place,
    chain: &mut Vec<(Name, Source)>,
    tubes: &dyn Tubes,
    problems: &mut Problems,
) -> Option<Mapping> {
    let source = find(name, place, chain, tubes, problems)?;
    if problems.sources().len() > MAX_PARENTS {
        problems.push(place, Mistake::TooManyParents { limit: MAX_PARENTS });
        return None;
    }
    let file = problems.add_source(source.clone());
    chain.push((name.clone(), source.clone()));
    let before = problems.errors();
    let tree = read(&Text::new(source, file), chain, tubes, problems);
    chain.pop();
    let tree = tree?;
    shape::tube(&tree, problems)?;
    match tree.data {
        Data::Map(mut map) if problems.errors() == before => {
            drop_defaults(&mut map);
            Some(map)
        }
        _ => None,
    }
}

/// Finds another tube, and reports if there is none or if it led here.
pub(super) fn find(
    name: &Name,
    place: Place,
    chain: &[(Name, Source)],
    tubes: &dyn Tubes,
    problems: &mut Problems,
) -> Option<Source> {
    let source = match tubes.find(name) {
        Ok(Some(source)) => source,
        Ok(None) => {
            let mistake = Mistake::UnknownTube {
                name: name.clone(),
                reason: None,
                near: nearest(name, tubes.names()),
                looked: tubes.looked(name),
            };
            problems.push(place, mistake);
            return None;
        }
        Err(reason) => {
            problems.push(
                place,
                Mistake::UnknownTube {
                    name: name.clone(),
                    reason: Some(reason),
                    near: None,
                    looked: None,
                },
            );
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
        problems.push(place, Mistake::TubeOfItself { chain: path });
        return None;
    }
    Some(source)
}

/// Removes from a tube what only says the default, so that it does not hide what an earlier tube says.
fn drop_defaults(map: &mut Mapping) {
    let is = |value: &Yaml, default: &Value| matches!(&value.data, Data::Scalar(value, _) if value == default);
    for (section, key, default) in [
        ("nodes", "enabled", Value::Bool(true)),
        ("nodes", "stateful", Value::Null),
        ("nodes", "depends", Value::Null),
        ("nodes", "params", Value::Null),
        ("nodes", "description", Value::Null),
        ("input", "scope", Value::Str("tube".into())),
        ("input", "required", Value::Bool(true)),
        ("input", "description", Value::Null),
        ("assets", "depends", Value::Null),
        ("assets", "description", Value::Null),
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

/// The key of the return node of a tube, if it says `type: return`.
fn return_node(tube: &Mapping) -> Option<Name> {
    let Data::Map(nodes) = &tube.get("nodes")?.value.data else {
        return None;
    };
    let returns = |node: &Yaml| match &node.data {
        Data::Map(node) => node
            .get("type")
            .and_then(|pair| pair.value.as_text())
            .is_some_and(|name| &**name == "return"),
        _ => false,
    };
    nodes
        .iter()
        .find(|(_, pair)| returns(&pair.value))
        .map(|(name, _)| name.clone())
}

/// Merges a tube into another that it extends.
fn merge_tubes(mut left: Mapping, mut right: Mapping) -> Mapping {
    // There is one return node at the end: it has the name and the position that the right side gives it.
    if let (Some(old), Some(new)) = (return_node(&left), return_node(&right))
        && let Some(Data::Map(olds)) = left.get_mut("nodes").map(|pair| &mut pair.value.data)
        && let Some(old) = olds.shift_remove(&old)
        && let Some(Data::Map(news)) = right.get_mut("nodes").map(|pair| &mut pair.value.data)
        && let Some(new) = news.get_mut(&new)
    {
        let place = new.value.place;
        let data = std::mem::replace(&mut new.value.data, Data::List(Vec::new()));
        new.value = merge(old.value, Yaml { place, data });
    }
    let merged = merge(
        Yaml {
            place: Place::default(),
            data: Data::Map(left),
        },
        Yaml {
            place: Place::default(),
            data: Data::Map(right),
        },
    );
    match merged.data {
        Data::Map(map) => map,
        _ => Mapping::new(),
    }
}

/// Mappings merge key by key, at every level; of anything else the right one stays.
fn merge(left: Yaml, right: Yaml) -> Yaml {
    match (left.data, right.data) {
        (Data::Map(mut lefts), Data::Map(rights)) => {
            for (key, mut pair) in rights {
                match lefts.get_mut(&key) {
                    Some(old) => {
                        let value = std::mem::replace(
                            &mut old.value,
                            Yaml {
                                place: pair.key,
                                data: Data::List(Vec::new()),
                            },
                        );
                        pair.value = merge(value, pair.value);
                        *old = pair;
                    }
                    None => drop(lefts.insert(key, pair)),
                }
            }
            Yaml {
                place: right.place,
                data: Data::Map(lefts),
            }
        }
        (_, data) => Yaml {
            place: right.place,
            data,
        },
    }
}
