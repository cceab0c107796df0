//! One entry of `input` or `nodes`.

use super::mistakes::{At, Mistakes};
use super::shape::{is_identifier, known_keys, name, type_name, wrong_kind};
use super::spec::{Asset, Dependency, Input, Kind, Node, Param};
use super::yaml::{Data, Pair, Yaml, get};

pub(super) const INPUT_KEYS: [&str; 6] =
    ["id", "type", "scope", "default", "required", "description"];
pub(super) const ASSET_KEYS: [&str; 6] =
    ["id", "type", "scope", "params", "depends", "description"];
pub(super) const NODE_KEYS: [&str; 11] = [
    "id",
    "type",
    "depends",
    "params",
    "enabled",
    "stateful",
    "description",
    "nodeinfo",
    "restart",
    "on_error",
    "timeout",
];
pub(super) const EDGE_KEYS: [&str; 2] = ["from", "policy"];

/// A declared input.
pub(super) fn input(pair: &Pair, mistakes: &mut Mistakes) -> Option<Input> {
    let owner = format!("input `{}`", pair.key);
    let named = name(&pair.key, pair.at, "an input", mistakes);
    let Data::Map(map) = &pair.value.data else {
        wrong_kind(&pair.value, &owner, "a mapping", mistakes);
        return None;
    };
    known_keys(map, "an input", &INPUT_KEYS, mistakes);
    let written = type_name(map, pair.at, &owner, mistakes).and_then(Yaml::text);
    let of_process = match get(map, "scope").map(|pair| &pair.value) {
        None => false,
        Some(scope) => match scope.text() {
            Some("process") => true,
            Some("tube") => false,
            _ => {
                let text = format!(
                    "{owner} has the scope {}, which does not exist; there is `tube` and `process`",
                    scope.describe()
                );
                mistakes.push(scope.at, text);
                return None;
            }
        },
    };
    let may_be_missing = get(map, "required").is_some_and(|pair| is_false(&pair.value));
    named.then(|| Input {
        name: pair.key.clone(),
        type_name: written.unwrap_or_default().to_owned(),
        of_process,
        optional: may_be_missing || get(map, "default").is_some(),
    })
}

fn is_false(value: &Yaml) -> bool {
    let text = value.text().unwrap_or_default().to_lowercase();
    matches!(text.as_str(), "false" | "no" | "off" | "n" | "f" | "0")
}

/// Whether it is written as true.
pub(super) fn is_true(value: &Yaml) -> bool {
    value
        .text()
        .is_some_and(|text| text.to_lowercase() == "true")
}

/// A declared asset.
pub(super) fn asset(pair: &Pair, mistakes: &mut Mistakes) -> Option<Asset> {
    let owner = format!("asset `{}`", pair.key);
    let named = name(&pair.key, pair.at, "an asset", mistakes);
    let Data::Map(map) = &pair.value.data else {
        wrong_kind(&pair.value, &owner, "a mapping", mistakes);
        return None;
    };
    known_keys(map, "an asset", &ASSET_KEYS, mistakes);
    type_name(map, pair.at, &owner, mistakes);
    let depends = get(map, "depends").filter(|pair| !pair.value.is_null());
    named.then(|| Asset {
        name: pair.key.clone(),
        depends: depends.and_then(|pair| reference(&pair.value, None, mistakes)),
    })
}

/// A node.
pub(super) fn node(pair: &Pair, mistakes: &mut Mistakes) -> Option<Node> {
    let owner = format!("node `{}`", pair.key);
    let named = name(&pair.key, pair.at, "a node", mistakes);
    let Data::Map(map) = &pair.value.data else {
        wrong_kind(&pair.value, &owner, "a mapping", mistakes);
        return None;
    };
    known_keys(map, "a node", &NODE_KEYS, mistakes);
    let written = type_name(map, pair.at, &owner, mistakes)?;
    let type_name = written.text().unwrap_or_default().to_owned();
    if !type_name.split('.').all(is_identifier) {
        mistakes.push(written.at, format!("`{type_name}` cannot be a `type`"));
        return None;
    }
    let (depends, scalar) = depends(&pair.key, map, mistakes);
    named.then(|| Node {
        name: pair.key.clone(),
        at: pair.at,
        kind: match type_name.as_str() {
            "return" => Kind::Return,
            "map" => Kind::Map,
            "gather" => Kind::Gather,
            "tube" => Kind::Tube,
            _ => Kind::Typed,
        },
        type_name,
        type_at: written.at,
        depends,
        scalar,
        params: params(&pair.key, map, mistakes),
    })
}

/// `depends`, and whether it is a single `node.signal`.
fn depends(node: &str, map: &[Pair], mistakes: &mut Mistakes) -> (Vec<Dependency>, bool) {
    let Some(pair) = get(map, "depends").filter(|pair| !pair.value.is_null()) else {
        return (Vec::new(), false);
    };
    match &pair.value.data {
        Data::Scalar { .. } => {
            let only = reference(&pair.value, None, mistakes);
            (only.into_iter().collect(), true)
        }
        Data::List(items) => {
            let mut found: Vec<Dependency> = Vec::new();
            for item in items {
                let Some(dependency) = self::item(item, mistakes) else {
                    continue;
                };
                let same =
                    |other: &&Dependency| other.slot.is_some() && other.slot == dependency.slot;
                if let Some(first) = found.iter().find(same) {
                    let text = format!(
                        "slot `{}` of node `{node}` is fed twice",
                        first.slot.as_deref().unwrap_or_default()
                    );
                    mistakes.push(dependency.slot_at, text);
                } else {
                    found.push(dependency);
                }
            }
            (found, false)
        }
        Data::Map(_) => {
            let text = format!(
                "`depends` of node `{node}` must be `node.signal` or a list of such, not a mapping; write a `-` before each line"
            );
            mistakes.push(pair.value.at, text);
            (Vec::new(), false)
        }
    }
}

/// `node.signal`, or `slot: node.signal`.
fn item(item: &Yaml, mistakes: &mut Mistakes) -> Option<Dependency> {
    match &item.data {
        Data::Scalar { .. } => reference(item, None, mistakes),
        Data::Map(pairs) if pairs.len() == 1 => {
            let slot = pairs.first()?;
            let named = name(&slot.key, slot.at, "a slot", mistakes);
            let from = match &slot.value.data {
                Data::Map(keys) if get(keys, "from").is_some() => {
                    known_keys(keys, "what feeds a slot", &EDGE_KEYS, mistakes);
                    get(keys, "from").map(|from| &from.value)?
                }
                _ => &slot.value,
            };
            let found = reference(from, Some((&slot.key, slot.at)), mistakes);
            found.filter(|_| named)
        }
        _ => {
            let text = format!(
                "an item of `depends` must be `node.signal` or `slot: node.signal`, not {}",
                item.describe()
            );
            mistakes.push(item.at, text);
            None
        }
    }
}

fn reference(
    value: &Yaml,
    slot: Option<(&str, At)>,
    mistakes: &mut Mistakes,
) -> Option<Dependency> {
    let written = value.text().unwrap_or_default();
    let halves = written
        .split_once('.')
        .filter(|(node, signal)| is_identifier(node) && is_identifier(signal));
    let Some((node, signal)) = halves else {
        let text = format!("{} is not of the form `node.signal`", value.describe());
        mistakes.push(value.at, text);
        return None;
    };
    Some(Dependency {
        slot: slot.map(|(name, _)| name.to_owned()),
        node: node.to_owned(),
        signal: signal.to_owned(),
        at: value.at,
        slot_at: slot.map_or(value.at, |(_, at)| at),
    })
}

fn params(node: &str, map: &[Pair], mistakes: &mut Mistakes) -> Vec<Param> {
    let Some(pair) = get(map, "params").filter(|pair| !pair.value.is_null()) else {
        return Vec::new();
    };
    let Data::Map(params) = &pair.value.data else {
        let what = format!("`params` of node `{node}`");
        wrong_kind(&pair.value, &what, "a mapping", mistakes);
        return Vec::new();
    };
    let param = |pair: &Pair| Param {
        name: pair.key.clone(),
        at: pair.at,
        input: pair
            .value
            .text()
            .and_then(|text| text.strip_prefix("input."))
            .filter(|input| is_identifier(input))
            .map(str::to_owned),
        is_true: is_true(&pair.value),
    };
    params.iter().map(param).collect()
}
