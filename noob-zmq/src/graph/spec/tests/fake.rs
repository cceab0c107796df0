//! Node types that are written in one line each.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::graph::spec::{Library, NoTubes, TubeErrors, Tubes, load};
use crate::graph::{
    Map, Name, NodeTypes, ParamSignature, SignalType, Signature, SlotSignature, Source, Tube,
    TypeShape, Value, declared,
};

/// Types by name.
pub(super) struct Fake(IndexMap<String, Signature>);

/// Types of assets, which all take `start` and `step`.
const ASSETS: [&str; 5] = [
    "set",
    "dict",
    "noob.testing.counter",
    "noob.testing.counter_cm",
    "noob.testing.Initializer",
];

/// Types that most tests use.
pub(super) const TYPES: &str = "
    source t.count(start=: int, limit=: int) -> index
    source t.words() -> word
    source t.lists(sizes=) -> items
    t.multiply(left: int, right=: int) -> value
    t.pair(a, b) -> value
    t.opt(a?, b?) -> value
    t.parity(value) -> even, odd
    t.any(value, *, **) -> value
    class t.Read[path: str, size=: int](value) -> line
    class t.Acc[start=: int](value) -> value
";

impl Fake {
    /// Reads lines of `[source|class] name[params](slots) -> signals`.
    ///
    /// `a` must be fed, `a=` has a
    /// default, `a?` is optional, `: int` or `: str` is checked, signals may have types too, `*`
    /// and `**` leave it open. Slots of functions and sources are parameters too.
    pub(super) fn new(lines: &str) -> Self {
        let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
        Self(lines.map(line).collect())
    }
}

impl NodeTypes for Fake {
    fn signature(&self, type_name: &str) -> Option<Signature> {
        self.0.get(type_name).cloned()
    }

    fn signature_with(&self, type_name: &str, params: &Map) -> Option<Signature> {
        let mut signature = self.signature(type_name)?;
        // `DynamicSignals` of noob's testing nodes: both follow from the parameters.
        let names = |key: &str| match params.get(key) {
            Some(Value::List(names)) => names
                .iter()
                .filter_map(|name| match name {
                    Value::Str(name) => Some(name.clone()),
                    _ => None,
                })
                .collect(),
            _ => Vec::<Name>::new(),
        };
        signature.signals.extend(names("signals_"));
        signature
            .slots
            .extend(names("slots_").into_iter().map(|name| SlotSignature {
                name,
                type_name: "any".into(),
                shape: TypeShape::Unknown,
                optional: false,
                required: true,
            }));
        Some(signature)
    }

    fn asset(&self, type_name: &str) -> Option<Signature> {
        let known = ASSETS.contains(&type_name);
        known.then(|| Signature {
            params: ["start=: int", "step="]
                .map(|text| Argument::new(text).param())
                .into(),
            more_params: (type_name == "dict").then(|| Argument::new("items?").param()),
            ..Signature::default()
        })
    }

    fn asset_names(&self) -> Vec<Name> {
        ASSETS.map(Name::from).to_vec()
    }

    fn names(&self) -> Vec<Name> {
        self.0.keys().map(|name| name.as_str().into()).collect()
    }
}

fn line(line: &str) -> (String, Signature) {
    let (left, signals) = line.split_once("->").expect("an arrow");
    let (kind, left) = match left.trim().split_once(' ') {
        Some((kind @ ("source" | "class"), left)) => (kind, left),
        _ => ("function", left),
    };
    let (head, slots) = left
        .trim()
        .strip_suffix(')')
        .expect("slots")
        .split_once('(')
        .expect("slots");
    let (name, own) = head
        .strip_suffix(']')
        .and_then(|head| head.split_once('['))
        .unwrap_or((head, ""));
    let arguments = |list: &str| {
        list.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let (slots, own) = (arguments(slots), arguments(own));
    let said = arguments(signals).into_iter().map(|text| {
        let (name, written) = text.split_once(':').unwrap_or((&text, "any"));
        let said = SignalType {
            written: written.trim().into(),
            shape: match written.trim() {
                "Value" => TypeShape::Any,
                written => declared(written),
            },
        };
        (Name::from(name), said)
    });
    let signal_types: IndexMap<Name, SignalType> = said.collect();
    let mut signature = Signature {
        signals: signal_types.keys().cloned().collect(),
        signal_types,
        stateful: kind != "function",
        source: kind == "source",
        defined_at: "fake.rs:1:1".into(),
        ..Signature::default()
    };
    for text in &slots {
        match text.as_str() {
            "*" => signature.more_positional = true,
            "**" => {
                signature.more_named = true;
                signature.more_params = Some(Argument::new("rest?").param());
            }
            _ => {
                let argument = Argument::new(text);
                if kind != "class" {
                    signature.params.push(argument.param());
                }
                if kind != "source" {
                    signature.slots.push(SlotSignature {
                        name: argument.name.clone(),
                        type_name: argument.type_name.clone(),
                        shape: if argument.optional {
                            declared(&argument.type_name).or_null()
                        } else {
                            declared(&argument.type_name)
                        },
                        optional: argument.optional,
                        required: argument.required,
                    });
                }
            }
        }
    }
    signature
        .params
        .extend(own.iter().map(|text| Argument::new(text).param()));
    (name.to_owned(), signature)
}

struct Argument {
    name: Name,
    type_name: Name,
    optional: bool,
    required: bool,
}

impl Argument {
    fn new(text: &str) -> Self {
        let (name, type_name) = text.split_once(':').unwrap_or((text, "any"));
        Self {
            name: name.trim_end_matches(['=', '?']).into(),
            type_name: type_name.trim().into(),
            optional: name.ends_with('?'),
            required: !name.ends_with(['=', '?']),
        }
    }

    fn param(&self) -> ParamSignature {
        let wanted = self.type_name.clone();
        ParamSignature {
            name: self.name.clone(),
            type_name: self.type_name.clone(),
            required: self.required,
            check: Arc::new(move |value| match (&*wanted, value) {
                ("int", Value::Int(_)) | ("str", Value::Str(_)) | ("any", _) => Ok(()),
                _ => Err(format!("expected {wanted}").into()),
            }),
        }
    }
}

/// Makes a tube of a text and the types of [`TYPES`].
pub(super) fn make(text: &str) -> Result<Tube, TubeErrors> {
    make_with(text, &NoTubes, &Map::new())
}

pub(super) fn make_with(text: &str, tubes: &dyn Tubes, given: &Map) -> Result<Tube, TubeErrors> {
    make_of(TYPES, text, tubes, given)
}

/// Makes a tube of a text and these types.
pub(super) fn make_of(
    types: &str,
    text: &str,
    tubes: &dyn Tubes,
    given: &Map,
) -> Result<Tube, TubeErrors> {
    let types = Fake::new(types);
    let made = load(&Source::new("tube.yaml", text), &types, tubes, given);
    // What the loader takes or refuses, for its form alone, so does the schema for editors.
    super::schema::agrees(text, made.as_ref().map(drop));
    made
}

/// Makes a tube without mistakes from its nodes alone.
pub(super) fn good(nodes: &str) -> Tube {
    make(&tube_of(nodes)).unwrap()
}

/// Returns the report of a tube with mistakes.
pub(super) fn bad(nodes: &str) -> String {
    make(&tube_of(nodes)).expect_err("a mistake").render()
}

/// Puts a header and `nodes:` in front of indented lines, unless it is a whole tube.
pub(super) fn tube_of(nodes: &str) -> String {
    if nodes.contains("noob_id") {
        nodes.to_owned()
    } else {
        format!("noob_id: t\nnodes:\n{nodes}")
    }
}

/// Makes a library of tubes, by id.
pub(super) fn library(tubes: &[(&str, &str)]) -> Library {
    let mut library = Library::default();
    for (id, text) in tubes {
        library.insert(
            *id,
            Source::new(format!("{id}.yaml"), format!("noob_id: {id}\n{text}")),
        );
    }
    library
}
