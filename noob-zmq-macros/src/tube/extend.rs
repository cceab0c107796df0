//! `extends`: the trees of several tubes become one, as the loader makes them one when the program runs.

use super::file::Files;
use super::mistakes::{At, Mistakes};
use super::yaml::{self, Data, Pair, Yaml, get};
use super::{entries, shape};
use crate::errors::nearest;

/// Most tubes that one tube may extend, near and far.
const MOST: usize = 256;

/// The tree of the tube with all that it extends; nothing, if that failed and was reported.
pub(super) fn tree(files: &mut Files, mistakes: &mut Mistakes) -> Option<Yaml> {
    let own = files.own().name.clone();
    read(0, &mut vec![(own, 0)], files, mistakes)
}

/// The tree of the file of this number. `chain` holds the files that led here, with the names by which they were called.
fn read(
    number: usize,
    chain: &mut Vec<(String, usize)>,
    files: &mut Files,
    mistakes: &mut Mistakes,
) -> Option<Yaml> {
    let text = files.get(number).text.clone();
    let mut tree = yaml::read(&text, number, mistakes)?;
    let Data::Map(own) = &mut tree.data else {
        return Some(tree);
    };
    let names: Vec<(String, At)> = match get(own, "extends").map(|pair| &pair.value.data) {
        Some(Data::List(items)) => items
            .iter()
            .filter_map(|item| Some((item.text()?.to_owned(), item.at)))
            .collect(),
        _ => return Some(tree),
    };
    if let ([(called, _)], Some(id)) = (
        chain.as_mut_slice(),
        get(own, "noob_id").and_then(|pair| pair.value.text()),
    ) {
        id.clone_into(called);
    }
    let mut left = Vec::new();
    let mut returning = None;
    let mut complete = true;
    for (name, at) in names {
        match parent(&name, at, chain, files, mistakes) {
            Some(parent) => {
                if return_node(&parent).is_some() {
                    returning = Some((name, at));
                }
                left = merge_tubes(left, parent);
            }
            None => complete = false,
        }
    }
    if !complete {
        return None;
    }
    if let Some((parent, at)) = returning
        && return_node(own).is_none()
    {
        mistakes.push(
            at,
            format!(
                "this tube extends `{parent}`, which has a return node, and has none of its own; write a return node again: `type: return`, with what it depends on"
            ),
        );
    }
    let own = std::mem::take(own);
    tree.data = Data::Map(merge_tubes(left, own));
    Some(tree)
}

/// A tube that another extends: valid by itself, and without what only says the default.
fn parent(
    name: &str,
    at: At,
    chain: &mut Vec<(String, usize)>,
    files: &mut Files,
    mistakes: &mut Mistakes,
) -> Option<Vec<Pair>> {
    let number = find(name, at, files, mistakes)?;
    let same = |other: &(String, usize)| files.get(other.1).text == files.get(number).text;
    if let Some(first) = chain.iter().position(same) {
        let way = chain[first..].iter().map(|(called, _)| called.as_str());
        let way: Vec<&str> = way.chain([name]).collect();
        mistakes.push(
            at,
            format!("the tube leads back to itself: {}", way.join(" → ")),
        );
        return None;
    }
    if files.others().len() > MOST {
        mistakes.push(
            at,
            format!("the tube extends more than {MOST} others, near and far"),
        );
        return None;
    }
    chain.push((name.to_owned(), number));
    let before = mistakes.count();
    let tree = read(number, chain, files, mistakes);
    chain.pop();
    let tree = tree?;
    shape::tube(&tree, mistakes)?;
    match tree.data {
        Data::Map(mut map) if mistakes.count() == before => {
            drop_defaults(&mut map);
            Some(map)
        }
        _ => None,
    }
}

/// The number of the file of a tube that is named at `at`; nothing, if there is none, which is reported.
fn find(name: &str, at: At, files: &mut Files, mistakes: &mut Mistakes) -> Option<usize> {
    match files.add(name) {
        Ok(Some(number)) => Some(number),
        Ok(None) => {
            let ids = files.ids();
            let near = nearest(name, ids.iter().map(String::as_str));
            let help = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            let text = format!("no tube beside this one is called `{name}`{help}");
            mistakes.push(at, text);
            None
        }
        Err(error) => {
            mistakes.push(at, format!("the tube `{name}` cannot be read: {error}"));
            None
        }
    }
}

/// Takes along the tubes that stand inside of the tubes that were read, as far as they are beside them: the program finds them wherever it runs.
/// One that is elsewhere is looked for when the tube is loaded.
pub(super) fn take_along(files: &mut Files) {
    let mut number = 0;
    while number <= files.others().len() && number <= MOST {
        let mut ignored = Mistakes::default();
        let text = files.get(number).text.clone();
        if let Some(tree) = yaml::read(&text, number, &mut ignored) {
            for name in inner(&tree) {
                // What cannot be read now is reported when the tube is loaded.
                let _ = files.add(&name);
            }
        }
        number += 1;
    }
}

/// The names that a tube gives: of those that it extends, and of those in nodes of `type: tube`.
fn inner(tree: &Yaml) -> Vec<String> {
    let Data::Map(map) = &tree.data else {
        return Vec::new();
    };
    let mut names = Vec::new();
    if let Some(Data::List(items)) = get(map, "extends").map(|pair| &pair.value.data) {
        names.extend(
            items
                .iter()
                .filter_map(|item| item.text())
                .map(str::to_owned),
        );
    }
    if let Some(Data::Map(nodes)) = get(map, "nodes").map(|pair| &pair.value.data) {
        for pair in nodes {
            let Data::Map(node) = &pair.value.data else {
                continue;
            };
            let Some(Data::Map(params)) = get(node, "params").map(|pair| &pair.value.data) else {
                continue;
            };
            let of_tube = get(node, "type").is_some_and(|ty| ty.value.text() == Some("tube"));
            match get(params, "tube").filter(|_| of_tube) {
                Some(tube) if tube.value.text().is_some() => {
                    names.extend(tube.value.text().map(str::to_owned));
                }
                Some(tube) => names.extend(inner(&tube.value)),
                None => {}
            }
        }
    }
    names
}

/// Removes from a tube what only says the default, so that it does not hide what an earlier tube says.
fn drop_defaults(map: &mut [Pair]) {
    for (section, key, is_default) in [
        ("nodes", "enabled", entries::is_true as fn(&Yaml) -> bool),
        ("nodes", "stateful", Yaml::is_null),
        ("nodes", "depends", Yaml::is_null),
        ("nodes", "params", Yaml::is_null),
        ("nodes", "description", Yaml::is_null),
        ("input", "scope", |value| value.text() == Some("tube")),
        ("input", "required", entries::is_true),
        ("input", "description", Yaml::is_null),
        ("assets", "depends", Yaml::is_null),
        ("assets", "description", Yaml::is_null),
    ] {
        let found = map.iter_mut().find(|pair| pair.key == section);
        let Some(Data::Map(entries)) = found.map(|pair| &mut pair.value.data) else {
            continue;
        };
        for pair in entries {
            if let Data::Map(entry) = &mut pair.value.data {
                entry.retain(|pair| pair.key != key || !is_default(&pair.value));
            }
        }
    }
}

/// The key of the return node of a tube, if it says `type: return`.
fn return_node(tube: &[Pair]) -> Option<String> {
    let Data::Map(nodes) = &get(tube, "nodes")?.value.data else {
        return None;
    };
    let returns = |node: &&Pair| match &node.value.data {
        Data::Map(node) => get(node, "type").and_then(|ty| ty.value.text()) == Some("return"),
        _ => false,
    };
    nodes.iter().find(returns).map(|node| node.key.clone())
}

/// Merges a tube into another that it extends.
fn merge_tubes(mut left: Vec<Pair>, mut right: Vec<Pair>) -> Vec<Pair> {
    // There is one return node at the end: it has the name and the position that the right side gives it.
    if let (Some(old), Some(new)) = (return_node(&left), return_node(&right))
        && let Some(olds) = nodes_of(&mut left)
        && let Some(place) = olds.iter().position(|pair| pair.key == old)
    {
        let old = olds.remove(place);
        let new =
            nodes_of(&mut right).and_then(|news| news.iter_mut().find(|pair| pair.key == new));
        if let Some(new) = new {
            let data = std::mem::replace(&mut new.value.data, Data::List(Vec::new()));
            new.value.data = merge(old.value.data, data);
        }
    }
    merge_maps(left, right)
}

fn nodes_of(tube: &mut [Pair]) -> Option<&mut Vec<Pair>> {
    let nodes = tube.iter_mut().find(|pair| pair.key == "nodes")?;
    match &mut nodes.value.data {
        Data::Map(nodes) => Some(nodes),
        _ => None,
    }
}

/// Mappings merge key by key, at every level; of anything else the right one stays.
fn merge(left: Data, right: Data) -> Data {
    match (left, right) {
        (Data::Map(left), Data::Map(right)) => Data::Map(merge_maps(left, right)),
        (_, right) => right,
    }
}

fn merge_maps(mut left: Vec<Pair>, right: Vec<Pair>) -> Vec<Pair> {
    for mut pair in right {
        match left.iter_mut().find(|old| old.key == pair.key) {
            Some(old) => {
                let data = std::mem::replace(&mut old.value.data, Data::List(Vec::new()));
                pair.value.data = merge(data, pair.value.data);
                *old = pair;
            }
            None => left.push(pair),
        }
    }
    left
}
