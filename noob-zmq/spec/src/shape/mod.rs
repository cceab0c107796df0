//! The tree of a text to the raw form of a tube: keys, kinds of values, names.

use std::collections::HashSet;

use super::keys::{self, Key};
use super::lenient;
use super::mistake::Mistake;
use super::names::{RESERVED, is_identifier, is_path, nearest};
use super::problem::Problems;
use super::raw::{Lost, Spanned, TubeSpec};
use super::yaml::{Data, Mapping, Pair, Yaml};
use crate::graph::{Name, Place, Value};

/// Reads the raw form of a tube from its tree; `None` if it is no tube at all.
pub(super) fn tube(yaml: &Yaml, problems: &mut Problems) -> Option<TubeSpec> {
    let Data::Map(map) = &yaml.data else {
        problems.push(
            yaml.place,
            if yaml.is_null() {
                Mistake::Empty
            } else {
                Mistake::NotATube {
                    found: yaml.describe(),
                }
            },
        );
        return None;
    };
    let mut shape = Shape {
        problems,
        bad_names: HashSet::new(),
    };
    shape.known_keys(map, "a tube", keys::TUBE);
    let mut spec = TubeSpec {
        sources: Vec::new(),
        id: shape.tube_id(map, yaml.place),
        model: shape
            .text(map, "noob_model", "`noob_model`")
            .map(|model| shape.path("noob_model", model).value),
        version: shape
            .text(map, "noob_version", "`noob_version`")
            .map(|version| version.value),
        description: shape.description(map, "the tube"),
        extends: shape.extends(map),
        inputs: indexmap::IndexMap::new(),
        assets: indexmap::IndexMap::new(),
        nodes: indexmap::IndexMap::new(),
        lost: Lost::default(),
    };
    match shape.section(map, "input") {
        Some(inputs) => {
            for (key, pair) in inputs {
                match shape.input(key, pair) {
                    Some(input) => drop(spec.inputs.insert(key.clone(), input)),
                    None => spec.lost.inputs = true,
                }
            }
        }
        None => spec.lost.inputs = true,
    }
    match shape.section(map, "assets") {
        Some(assets) => {
            for (key, pair) in assets {
                match shape.asset(key, pair) {
                    Some(asset) => drop(spec.assets.insert(key.clone(), asset)),
                    None => spec.lost.assets = true,
                }
            }
        }
        None => spec.lost.assets = true,
    }
    match shape.section(map, "nodes") {
        Some(nodes) => {
            for (key, pair) in nodes {
                if !shape.name(key, pair.key, &pair.key_value, "a node") {
                    shape.bad_names.insert(key.clone());
                }
            }
            spec.lost.names.clone_from(&shape.bad_names);
            for (key, pair) in nodes {
                spec.nodes.insert(key.clone(), shape.node(key, pair));
            }
        }
        None => spec.lost.nodes = true,
    }
    Some(spec)
}

/// Reads pieces of a tube, and reports what is wrong with each.
pub(super) struct Shape<'a> {
    pub(super) problems: &'a mut Problems,
    /// Names of nodes that were refused: references to them are not refused again.
    pub(super) bad_names: HashSet<Name>,
}

impl Shape<'_> {
    pub(super) fn known_keys(&mut self, map: &Mapping, owner: &'static str, known: &'static [Key]) {
        for (key, pair) in map {
            if !known.iter().any(|known| known.name == &**key) {
                self.problems.push(
                    pair.key,
                    Mistake::UnknownKey {
                        owner,
                        key: key.clone(),
                        known: keys::names(known),
                    },
                );
            }
        }
    }

    pub(super) fn wrong_kind(
        &mut self,
        pair: &Pair,
        what: impl Into<String>,
        expected: &'static str,
    ) {
        let place = if pair.value.place.len == 0 {
            pair.key
        } else {
            pair.value.place
        };
        let mistake = Mistake::WrongKind {
            what: what.into(),
            expected,
            found: pair.value.describe(),
        };
        self.problems.push(place, mistake);
    }

    /// The text behind a key, if the key is there and it is one.
    pub(super) fn text(&mut self, map: &Mapping, key: &str, what: &str) -> Option<Spanned<Name>> {
        let pair = map.get(key)?;
        let text = pair.value.as_text().map(|text| Spanned {
            value: text.clone(),
            place: pair.value.place,
        });
        if text.is_none() {
            self.wrong_kind(pair, what, "a text");
        }
        text
    }

    pub(super) fn description(&mut self, map: &Mapping, owner: &str) -> Option<String> {
        if map.get("description")?.value.is_null() {
            return None;
        }
        self.text(map, "description", &format!("`description` of {owner}"))
            .map(|text| text.value.to_string())
    }

    /// A truth value, read as leniently as noob reads it; `None` if it is none (or `null`).
    pub(super) fn truth(value: &Yaml) -> Option<bool> {
        match &value.data {
            Data::Scalar(value, _) => lenient::truth(value),
            _ => None,
        }
    }

    fn tube_id(&mut self, map: &Mapping, place: Place) -> Spanned<Name> {
        let unknown = Spanned {
            value: "".into(),
            place,
        };
        if map.get("noob_id").is_none_or(|pair| pair.value.is_null()) {
            let place = map.get("noob_id").map_or(place, |pair| pair.key);
            self.problems.push(
                place,
                Mistake::MissingKey {
                    owner: "the tube".into(),
                    key: "noob_id",
                },
            );
            return unknown;
        }
        let Some(id) = self.text(map, "noob_id", "`noob_id`") else {
            return unknown;
        };
        if !id
            .value
            .chars()
            .any(|c| c.is_alphanumeric() || "_-/#".contains(c))
        {
            self.problems.push(
                id.place,
                Mistake::BadTubeId {
                    id: id.value.clone(),
                },
            );
        }
        id
    }

    /// Reports a text that is not dotted words.
    fn path(&mut self, key: &'static str, path: Spanned<Name>) -> Spanned<Name> {
        if !is_path(&path.value) {
            self.problems.push(
                path.place,
                Mistake::BadPath {
                    key,
                    name: path.value.clone(),
                },
            );
        }
        path
    }

    /// `type` of a node or an asset; `None` if it is missing or no type.
    pub(super) fn type_name(
        &mut self,
        map: &Mapping,
        key: Place,
        owner: String,
    ) -> Option<Spanned<Name>> {
        if !map.contains_key("type") {
            // `typ:` is one mistake, not two.
            if !map.keys().any(|key| nearest(key, ["type"]).is_some()) {
                self.problems
                    .push(key, Mistake::MissingKey { owner, key: "type" });
            }
            return None;
        }
        let path = self.text(map, "type", &format!("`type` of {owner}"))?;
        let path = self.path("type", path);
        is_path(&path.value).then_some(path)
    }

    fn extends(&mut self, map: &Mapping) -> Vec<Spanned<Name>> {
        let Some(pair) = map.get("extends") else {
            return Vec::new();
        };
        let Data::List(items) = &pair.value.data else {
            if !pair.value.is_null() {
                self.wrong_kind(pair, "`extends`", "a list of tubes");
            }
            return Vec::new();
        };
        let mut extends = Vec::new();
        for item in items {
            match item.as_text() {
                Some(text) => extends.push(Spanned {
                    value: text.clone(),
                    place: item.place,
                }),
                None => {
                    let found = item.describe();
                    let mistake = Mistake::WrongKind {
                        what: "an item of `extends`".into(),
                        expected: "a text",
                        found,
                    };
                    self.problems.push(item.place, mistake);
                }
            }
        }
        extends
    }

    /// A section of the tube: its entries, none if the key is absent, `None` if it is something else.
    fn section<'m>(&mut self, map: &'m Mapping, key: &str) -> Option<&'m Mapping> {
        static NOTHING: std::sync::LazyLock<Mapping> = std::sync::LazyLock::new(Mapping::new);
        let Some(pair) = map.get(key) else {
            return Some(&NOTHING);
        };
        match &pair.value.data {
            Data::Map(entries) => Some(entries),
            _ => {
                self.wrong_kind(pair, format!("`{key}`"), "a mapping");
                None
            }
        }
    }

    /// Whether a key can be a name.
    pub(super) fn name(
        &mut self,
        name: &Name,
        place: Place,
        meant: &Value,
        what: &'static str,
    ) -> bool {
        let mistake = if !is_identifier(name) || !matches!(meant, Value::Str(_)) {
            Mistake::NotAnIdentifier {
                what,
                name: name.clone(),
            }
        } else if RESERVED.contains(&&**name) {
            Mistake::Reserved {
                what,
                name: name.clone(),
            }
        } else {
            return true;
        };
        self.problems.push(place, mistake);
        false
    }

    /// The mapping of an entry, after its `id` was looked at.
    pub(super) fn entry<'m>(
        &mut self,
        key: &Name,
        pair: &'m Pair,
        owner: &str,
    ) -> Option<&'m Mapping> {
        let Data::Map(map) = &pair.value.data else {
            self.wrong_kind(pair, owner, "a mapping");
            return None;
        };
        if let Some(id) = self.text(map, "id", &format!("`id` of {owner}"))
            && id.value != *key
        {
            self.problems.push(
                id.place,
                Mistake::OtherId {
                    owner: owner.into(),
                    id: id.value,
                },
            );
        }
        Some(map)
    }
}
