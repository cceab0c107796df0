//! A JSON schema of tube files, for editors.

use noob_zmq_spec::keys::{Form, Key, TUBE};
use noob_zmq_spec::names::RESERVED;
use noob_zmq_spec::placement::keys::PLACEMENT;
use serde_json::{Map, Value, json};

use crate::graph::{Name, NodeTypes, Signature};

/// ASCII letters that cannot stand in a name.
///
/// A name may have letters of any language, so the pattern excludes letters.
const NOT_IN_NAMES: &str = r##"- \t\n.,:;!?#@'"()\[\]{}<>$%&*+=/\\|~^`"##;

/// Pattern of the words for a truth value.
const TRUTH: &str = "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Yy]|[Nn]|[Yy][Ee][Ss]|[Nn][Oo]|\
                     [Oo][Nn]|[Oo][Ff][Ff]|[TtFf]|[01])$";

/// Returns a JSON schema (draft 7) of tube files, made of the keys that the loader accepts.
///
/// With `types`, editors can also complete the names of node types and of their parameters. The
/// schema covers each file alone: references (to a node, a slot, another tube) are checked by the
/// loader.
#[must_use]
pub fn json_schema(types: Option<&dyn NodeTypes>) -> Value {
    let mut schema = keys(TUBE, types);
    let required = |keys: &[Key]| -> Vec<&str> {
        let required = keys.iter().filter(|key| key.required);
        required.map(|key| key.name).collect()
    };
    // What must be there may come from the tubes that this one extends.
    let mut complete = Map::new();
    for key in TUBE {
        if let Form::Entries(Form::Keys(entry)) = &key.form {
            let required = json!({"additionalProperties": {"required": required(entry)}});
            complete.insert(key.name.to_owned(), required);
        }
    }
    if let Value::Object(schema) = &mut schema {
        schema.remove("required");
        schema.insert(
            "$schema".into(),
            "http://json-schema.org/draft-07/schema#".into(),
        );
        schema.insert("title".into(), "noob-zmq tube".into());
        // Such keys hold values with anchors, which other places repeat.
        schema.insert("patternProperties".into(), json!({"^x-": {}}));
        schema.insert("if".into(), json!({"not": {"required": ["extends"]}}));
        let complete = json!({"required": required(TUBE), "properties": complete});
        schema.insert("then".into(), complete);
    }
    schema
}

/// Returns a JSON schema (draft 7) of placement files, made of the keys that the reader accepts.
#[must_use]
pub fn placement_schema() -> Value {
    let mut schema = keys(PLACEMENT, None);
    if let Value::Object(schema) = &mut schema {
        schema.insert(
            "$schema".into(),
            "http://json-schema.org/draft-07/schema#".into(),
        );
        schema.insert("title".into(), "noob-zmq placement".into());
        schema.insert("patternProperties".into(), json!({"^x-": {}}));
    }
    schema
}

fn keys(keys: &[Key], types: Option<&dyn NodeTypes>) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| {
            let mut form = form(&key.form, types);
            if let Value::Object(form) = &mut form {
                form.insert("description".into(), key.about.into());
            }
            (key.name.to_owned(), form)
        })
        .collect();
    let mut schema =
        json!({"type": "object", "properties": properties, "additionalProperties": false});
    let closed = keys.iter().all(|key| key.name != "type");
    let required: Vec<&str> = keys
        .iter()
        .filter(|key| key.required && closed)
        .map(|key| key.name)
        .collect();
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    if keys.iter().any(|key| matches!(key.form, Form::Type)) {
        schema["allOf"] = parameters(types);
    }
    schema
}

fn form(form: &Form, types: Option<&dyn NodeTypes>) -> Value {
    let text = |pattern: String| json!({"type": "string", "pattern": pattern});
    match form {
        Form::Any => json!({}),
        Form::Null => json!({"type": "null"}),
        Form::Text => json!({"type": "string"}),
        Form::Pattern(pattern) => text((*pattern).to_owned()),
        Form::Scalar => json!({"anyOf": [
            {"type": "string"},
            {"type": "number"},
            {"type": "boolean"},
        ]}),
        Form::Identifier => text(anchored(&identifier())),
        Form::Path => text(anchored(&path())),
        Form::Model => text(anchored(&format!("{0}(\\.{0})+", identifier()))),
        Form::Reference => text(anchored(&format!("{0}\\.{0}", identifier()))),
        Form::Input => text(anchored(&format!("input\\.{}", identifier()))),
        Form::Type => type_name(types),
        Form::Truth => json!({"anyOf": [
            {"type": "boolean"},
            {"enum": [0, 1]},
            {"type": "string", "pattern": TRUTH},
        ]}),
        Form::Count => json!({"type": "integer", "minimum": 0}),
        Form::Between(first, last) => {
            json!({"type": "integer", "minimum": first, "maximum": last})
        }
        Form::Seconds => json!({"type": "number", "minimum": 0}),
        Form::Words(words) => json!({"enum": words}),
        Form::List(item) => json!({"type": "array", "items": self::form(item, types)}),
        Form::Keys(inner) => keys(inner, types),
        Form::Entries(Form::Any) => json!({"type": "object"}),
        Form::Entries(entry) => json!({
            "type": "object",
            "propertyNames": name(),
            "additionalProperties": self::form(entry, types),
        }),
        Form::Named(entry) => json!({
            "type": "object",
            "additionalProperties": self::form(entry, types),
        }),
        Form::One(entry) => json!({
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "propertyNames": name(),
            "additionalProperties": self::form(entry, types),
        }),
        Form::Either(forms) => {
            let forms: Vec<Value> = forms.iter().map(|form| self::form(form, types)).collect();
            json!({"anyOf": forms})
        }
    }
}

/// Returns the schema of a name that the author chooses.
fn name() -> Value {
    json!({"pattern": anchored(&identifier()), "not": {"enum": RESERVED}})
}

fn identifier() -> String {
    format!("[^0-9{NOT_IN_NAMES}][^{NOT_IN_NAMES}]*")
}

fn path() -> String {
    format!("{0}(\\.{0})*", identifier())
}

fn anchored(pattern: &str) -> String {
    format!("^{pattern}$")
}

/// Returns the schema of a type: those of the program for completion, or any other path.
fn type_name(types: Option<&dyn NodeTypes>) -> Value {
    let path = json!({"type": "string", "pattern": anchored(&path())});
    let Some(types) = types else {
        return path;
    };
    let special = noob_zmq_spec::special::NAMES.map(Name::from);
    let known = special.into_iter().chain(types.names());
    let mut either: Vec<Value> = known
        .map(|name| match types.signature(&name) {
            Some(signature) => json!({"const": &*name, "description": about(&signature)}),
            None => json!({"const": &*name}),
        })
        .collect();
    either.push(path);
    json!({"anyOf": either})
}

/// Describes the slots and signals of a type in a line.
fn about(signature: &Signature) -> String {
    let slots = signature.slots.iter();
    let slots: Vec<String> = slots
        .map(|slot| format!("{}: {}", slot.name, slot.type_name))
        .collect();
    let signals = signature.signals.iter().map(|signal| {
        let said = signature.signal_types.get(signal);
        said.map_or_else(
            || signal.to_string(),
            |said| format!("{signal}: {}", said.written),
        )
    });
    let signals: Vec<String> = signals.collect();
    format!("({}) → {}", slots.join(", "), signals.join(", "))
}

/// Returns the schema of `params` for each type; that of a tube inside is its name, or a tube.
fn parameters(types: Option<&dyn NodeTypes>) -> Value {
    let of = |name: &str, params: Value| {
        json!({
            "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
            "then": {"properties": {"params": params}},
        })
    };
    let inside = json!({"properties": {"tube": {"anyOf": [{"type": "string"}, {"$ref": "#"}]}}});
    let names = types.map_or_else(Vec::new, NodeTypes::names);
    let each = names.into_iter().filter_map(|name| {
        let signature = types?.signature(&name)?;
        let params = signature.params.iter();
        let known: Map<String, Value> = params
            .map(|param| {
                let about = json!({"description": format!("`{}`", param.type_name)});
                (param.name.to_string(), about)
            })
            .collect();
        let open = signature.more_named || signature.more_params.is_some();
        let params = json!({"properties": known, "additionalProperties": open});
        Some(of(&name, params))
    });
    [of("tube", inside)].into_iter().chain(each).collect()
}
