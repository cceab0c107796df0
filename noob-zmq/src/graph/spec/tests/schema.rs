//! The schema for editors accepts the same texts as the loader, as far as their form is concerned.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use noob_zmq_spec::names::is_identifier;
use noob_zmq_spec::{Diagnostics, read_yaml};
use regex::Regex;
use serde_json::Value;

use super::fake::Fake;
use crate::graph::Source;
use crate::graph::spec::{DiagnosticKind, TubeErrors, json_schema, placement_schema};
use crate::sync::lock;

static SCHEMA: LazyLock<Value> = LazyLock::new(|| json_schema(None));

/// Compares the answers of the loader and of the schema for a text.
pub(super) fn agrees(text: &str, made: Result<(), &TubeErrors>) {
    let Some(json) = json(text) else { return };
    let refused = refuses(&SCHEMA, &json);
    match made {
        Ok(()) => assert_eq!(refused, None, "the loader takes\n{text}"),
        Err(errors) => {
            let of_form = errors
                .diagnostics()
                .iter()
                .find(|diagnostic| diagnostic.place.file == 0 && is_of_form(&diagnostic.kind));
            if let Some(diagnostic) = of_form {
                assert!(
                    refused.is_some(),
                    "the schema takes\n{text}\nbut {}",
                    diagnostic.kind
                );
            }
        }
    }
}

/// Returns whether a mistake shows in one place of the tree, independent of the others.
fn is_of_form(kind: &DiagnosticKind) -> bool {
    match kind {
        // Which node needs that one, its type says.
        DiagnosticKind::MissingKey { key: "tube", .. } => return false,
        // `true:` is a text for an editor.
        DiagnosticKind::NotAnIdentifier { name, .. } if is_identifier(name) => return false,
        _ => {}
    }
    matches!(
        kind,
        DiagnosticKind::UnknownKey { .. }
            | DiagnosticKind::WrongKind { .. }
            | DiagnosticKind::NotATube { .. }
            | DiagnosticKind::NotAnIdentifier { .. }
            | DiagnosticKind::Reserved { .. }
            | DiagnosticKind::BadPath { .. }
            | DiagnosticKind::BadReference { .. }
            | DiagnosticKind::BadEnabled { .. }
            | DiagnosticKind::BadScope { .. }
            | DiagnosticKind::DependsForm { .. }
            | DiagnosticKind::DependsItem { .. }
            | DiagnosticKind::MissingKey { .. }
    )
}

/// Reads a text as an editor does.
fn json(text: &str) -> Option<Value> {
    let source = Source::new("t.yaml", text);
    let tree = read_yaml(&source, 0, &mut Diagnostics::new(source.clone()))?;
    serde_json::to_value(crate::graph::Value::from(&tree)).ok()
}

/// Returns why a schema rejects a value, if it does.
///
/// Only the parts of JSON schema are implemented that [`json_schema`] uses.
fn refuses(schema: &Value, value: &Value) -> Option<String> {
    let known = [
        "$schema",
        "title",
        "description",
        "$ref",
        "type",
        "properties",
        "patternProperties",
        "additionalProperties",
        "required",
        "anyOf",
        "allOf",
        "not",
        "if",
        "then",
        "enum",
        "const",
        "pattern",
        "minimum",
        "maximum",
        "items",
        "propertyNames",
        "minProperties",
        "maxProperties",
    ];
    let schema = match schema {
        Value::Bool(true) => return None,
        Value::Bool(false) => return Some(format!("{value} has no place")),
        Value::Object(schema) => schema,
        other => panic!("no schema: {other}"),
    };
    for (keyword, meant) in schema {
        assert!(
            known.contains(&keyword.as_str()),
            "`{keyword}` is not checked here"
        );
        let why = match keyword.as_str() {
            "$ref" => refuses(&SCHEMA, value),
            "type" => (!is(meant.as_str()?, value)).then(|| format!("{value} is no {meant}")),
            "anyOf" => {
                let each: Vec<Option<String>> = meant
                    .as_array()?
                    .iter()
                    .map(|one| refuses(one, value))
                    .collect();
                each.iter()
                    .all(Option::is_some)
                    .then(|| format!("{each:?}"))
            }
            "allOf" => meant.as_array()?.iter().find_map(|one| refuses(one, value)),
            "not" => refuses(meant, value)
                .is_none()
                .then(|| format!("{value} is {meant}")),
            "if" if refuses(meant, value).is_none() => refuses(&schema["then"], value),
            "enum" => {
                (!meant.as_array()?.contains(value)).then(|| format!("{value} is not in {meant}"))
            }
            "const" => (meant != value).then(|| format!("{value} is not {meant}")),
            "pattern" => value
                .as_str()
                .filter(|text| !matches(meant.as_str().unwrap_or_default(), text))
                .map(|text| format!("`{text}` does not match {meant}")),
            "minimum" => value
                .as_f64()
                .filter(|number| Some(*number) < meant.as_f64())
                .map(|number| format!("{number} is too small")),
            "maximum" => value
                .as_f64()
                .filter(|number| Some(*number) > meant.as_f64())
                .map(|number| format!("{number} is too large")),
            "items" => value
                .as_array()
                .and_then(|items| items.iter().find_map(|item| refuses(meant, item))),
            "required" => value.as_object().and_then(|map| {
                let missing = meant
                    .as_array()?
                    .iter()
                    .find(|key| key.as_str().is_some_and(|key| !map.contains_key(key)))?;
                Some(format!("{missing} is missing"))
            }),
            "properties" => value.as_object().and_then(|map| {
                meant
                    .as_object()?
                    .iter()
                    .find_map(|(key, schema)| refuses(schema, map.get(key)?))
            }),
            "additionalProperties" => value.as_object().and_then(|map| {
                let named = |key: &str| {
                    let known = |keyword, is: &dyn Fn(&str) -> bool| {
                        let known = schema.get(keyword).and_then(Value::as_object);
                        known.is_some_and(|known| known.keys().any(|known| is(known)))
                    };
                    known("properties", &|known| known == key)
                        || known("patternProperties", &|pattern| matches(pattern, key))
                };
                map.iter()
                    .filter(|(key, _)| !named(key))
                    .find_map(|(key, value)| {
                        refuses(meant, value).map(|why| format!("{key}: {why}"))
                    })
            }),
            "propertyNames" => value.as_object().and_then(|map| {
                map.keys()
                    .find_map(|key| refuses(meant, &Value::from(key.as_str())))
            }),
            "minProperties" => value
                .as_object()
                .filter(|map| (map.len() as u64) < meant.as_u64().unwrap_or(0))
                .map(|_| "too few".into()),
            "maxProperties" => value
                .as_object()
                .filter(|map| map.len() as u64 > meant.as_u64().unwrap_or(0))
                .map(|_| "too many".into()),
            _ => None,
        };
        if why.is_some() {
            return why;
        }
    }
    None
}

fn matches(pattern: &str, text: &str) -> bool {
    static MADE: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let mut made = lock(&MADE);
    let pattern = made
        .entry(pattern.to_owned())
        .or_insert_with(|| Regex::new(pattern).expect("a pattern"));
    pattern.is_match(text)
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("`{other}` is no kind"),
    }
}

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn check(name: &str, text: &str) {
    let json = json(text).unwrap_or_else(|| panic!("{name} is no YAML"));
    assert_eq!(refuses(&SCHEMA, &json), None, "{name}");
}

#[test]
fn every_example_matches_the_schema() {
    let mut seen = 0;
    for entry in std::fs::read_dir(workspace().join("examples"))
        .expect("the examples")
        .flatten()
    {
        let path = entry.path();
        if path.extension().is_some_and(|end| end == "yaml") {
            let text = std::fs::read_to_string(&path).expect("a text");
            check(&path.display().to_string(), &text);
            let first = "# yaml-language-server: $schema=../docs/tube.schema.json\n";
            assert!(
                text.starts_with(first),
                "{} does not begin with {first}",
                path.display()
            );
            seen += 1;
        }
    }
    assert!(seen >= 3);
}

#[test]
fn tubes_of_the_documentation_match_the_schema() {
    let page = std::fs::read_to_string(workspace().join("docs/tubes.md")).expect("the page");
    let tubes = page
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let tubes: Vec<&str> = tubes.filter(|text| text.contains("noob_id")).collect();
    assert!(tubes.len() > 10, "{}", tubes.len());
    for tube in tubes {
        check(tube.lines().next().unwrap_or_default(), tube);
    }
}

#[test]
fn schema_file_is_up_to_date() {
    let kept =
        std::fs::read_to_string(workspace().join("docs/tube.schema.json")).expect("the schema");
    let made = serde_json::to_string_pretty(&*SCHEMA).expect("JSON") + "\n";
    assert_eq!(
        kept, made,
        "print it anew: noob-zmq schema --no-types > docs/tube.schema.json"
    );
}

#[test]
fn schema_offers_node_types_and_parameters() {
    let schema = json_schema(Some(&Fake::new(
        "t.read[path: str](value: int) -> line: str",
    )));
    let taken = |node: &str| {
        let text = format!("noob_id: t\nnodes:\n  a: {node}\n");
        refuses(&schema, &json(&text).expect("YAML"))
    };
    assert_eq!(taken("{type: t.read, params: {path: a}}"), None);
    assert_eq!(taken("{type: other.crate_, params: {whatever: 1}}"), None);
    assert!(taken("{type: t.read, params: {paht: a}}").is_some_and(|why| why.contains("paht")));
    let text = schema.to_string();
    assert!(text.contains("(value: int) → line: str"), "{text}");
}

/// Returns whether the reader of placements and their schema take a text.
fn placement_answers(text: &str) -> (bool, bool) {
    let source = Source::new("p.yaml", text);
    let mut diagnostics = Diagnostics::new(source.clone());
    let spec = noob_zmq_spec::placement::read(&source, &mut diagnostics);
    let json = json(text).expect("YAML");
    (
        diagnostics.finish(spec).is_ok(),
        refuses(&placement_schema(), &json).is_none(),
    )
}

#[test]
fn schema_of_placements_takes_what_the_reader_takes() {
    for text in [
        "{}",
        "runner: h\nhosts: {h: , lab-1: {labels: [a, b]}}",
        "hosts: {h: }\nnodes: {a: {host: h}, b: {}}",
        "hosts: {h: {ssh: me@h}}",
        "hosts: {h: {key: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo}}",
        "nodes: {a: {cpus: 3}, b: {cpus: '0-3, 6'}, c: {cpus: [0, 2]}}",
        "nodes: {a: {memory: 1048576}, b: {memory: 512 MiB}, c: {nice: -20}, d: {nice: 19}}",
        "nodes: {a: {program: tool, environment: {A: 1, B: x, C: true}}, b: {program: [a, b]}}",
        "groups: {two words: {nodes: [a, b], nice: 1}}",
        "x-own: {anything: [1]}",
    ] {
        assert_eq!(placement_answers(text), (true, true), "{text}");
    }
    for text in [
        "[]",
        "node: {}",
        "runner: 3",
        "hosts: {h: {ssh: 3}}",
        "hosts: {h: {ssh: [me@h]}}",
        "hosts: {h: {key: [x]}}",
        "hosts: {h: {key: short}}",
        "hosts: {h: {labels: a}}",
        "hosts: {h: 3}",
        "nodes: {a: 3}",
        "nodes: {a: {cpus: many}}",
        "nodes: {a: {cpus: -1}}",
        "nodes: {a: {cpus: 0-}}",
        "nodes: {a: {nice: 20}}",
        "nodes: {a: {nice: 1.5}}",
        "nodes: {a: {memory: 5 MB}}",
        "nodes: {a: {program: 3}}",
        "nodes: {a: {environment: {A: [1]}}}",
        "nodes: {a: {labels: [x]}}",
        "groups: {g: {}}",
        "groups: {g: {nodes: a}}",
        "groups: {g: {nodes: [3]}}",
    ] {
        assert_eq!(placement_answers(text), (false, false), "{text}");
    }
}

#[test]
fn placement_of_each_example_matches_the_schema() {
    let folder = workspace().join("examples/placements");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the examples").flatten() {
        let text = std::fs::read_to_string(entry.path()).expect("a text");
        let path = entry.path().display().to_string();
        assert_eq!(placement_answers(&text), (true, true), "{path}");
        let first = "# yaml-language-server: $schema=../../docs/placement.schema.json\n";
        assert!(
            text.starts_with(first),
            "{path} does not begin with {first}"
        );
        seen += 1;
    }
    assert!(seen >= 1);
}
