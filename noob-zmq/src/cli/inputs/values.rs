//! Values of declared types, from the words of a command line and from JSON.
//!
//! A word means what it means in a tube file; JSON keeps every digit of an integer.

use indexmap::IndexMap;
use noob_zmq_spec::{Diagnostics, plain_scalar, read_yaml};
use serde_json::value::RawValue;

use crate::graph::coerce::NotOfType;
use crate::graph::{Input, Map, Source, TypeShape, Value};

/// Returns the value of an input, as written on the command line.
///
/// # Errors
/// A text that stands for no value of the type: the type, the value, and the remedy.
pub(super) fn from_word(word: &str, input: &Input) -> Result<Value, NotOfType> {
    let value = match &input.shape {
        TypeShape::Str | TypeShape::Char => word.into(),
        TypeShape::Option(inner) if matches!(**inner, TypeShape::Str | TypeShape::Char) => {
            match word {
                "null" | "~" => Value::Null,
                word => word.into(),
            }
        }
        _ => meaning(word),
    };
    input.conform(&value)
}

/// Returns what a word means as a value in a tube file; a text if it is nothing else.
fn meaning(word: &str) -> Value {
    if !word.trim_start().starts_with(['[', '{', '"', '\'']) {
        return (&plain_scalar(word)).into();
    }
    if let Ok(value) = from_json(word) {
        return value;
    }
    let source = Source::new("--input", word);
    let mut diagnostics = Diagnostics::new(source.clone());
    let read = read_yaml(&source, 0, &mut diagnostics);
    match (read, diagnostics.finish(Some(()))) {
        (Some(yaml), Ok(_)) => (&yaml).into(),
        _ => word.into(),
    }
}

/// Reads JSON, with every digit of its integers.
///
/// # Errors
/// Text that is no JSON.
pub(super) fn from_json(text: &str) -> Result<Value, serde_json::Error> {
    let value: Value = serde_json::from_str(text)?;
    // Only integers of twenty digits and more are rounded, and few texts have one.
    let wide = |digits: &[u8]| digits.iter().all(u8::is_ascii_digit);
    if text.as_bytes().windows(20).any(wide) {
        return exact(serde_json::from_str(text)?);
    }
    Ok(value)
}

/// Converts JSON whose nesting was checked.
fn exact(json: &RawValue) -> Result<Value, serde_json::Error> {
    let text = json.get();
    match text.as_bytes().first() {
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            let items = items.into_iter().map(exact);
            Ok(Value::List(items.collect::<Result<Vec<_>, _>>()?.into()))
        }
        Some(b'{') => {
            let pairs: IndexMap<String, &RawValue> = serde_json::from_str(text)?;
            // A tag such as `$int` makes a value of the mapping.
            if pairs.len() == 1 && pairs.keys().all(|key| key.starts_with('$')) {
                return serde_json::from_str(text);
            }
            let pairs = pairs.into_iter();
            let pairs = pairs.map(|(key, value)| Ok((key, exact(value)?)));
            Ok(Value::Map(
                pairs.collect::<Result<Map, serde_json::Error>>()?.into(),
            ))
        }
        _ => match Value::integer(text) {
            Some(integer) => Ok(integer),
            None => serde_json::from_str(text),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(word: &str, type_name: &str) -> Result<Value, String> {
        let yaml = format!("noob_id: t\ninput: {{x: {{type: \"{type_name}\"}}}}\nnodes: {{}}\n");
        let spec = crate::graph::spec::parse(&Source::new("t", yaml)).expect("a tube");
        let input = Input::from(&spec.inputs["x"]);
        from_word(word, &input).map_err(|error| error.to_string())
    }

    fn word(word: &str, type_name: &str) -> String {
        match typed(word, type_name) {
            Ok(value) => format!("{} {value}", value.type_name()),
            Err(error) => error,
        }
    }

    #[test]
    fn word_means_what_it_means_in_a_tube() {
        for (text, type_name, value) in [
            ("no", "bool", "bool false"),
            ("off", "bool", "bool false"),
            ("False", "bool", "bool false"),
            ("0", "bool", "bool false"),
            ("yes", "bool", "bool true"),
            ("0x10", "int", "integer 16"),
            ("010", "int", "integer 10"),
            ("+5", "int", "integer 5"),
            ("1_000", "int", "integer 1000"),
            (
                "12345678901234567890123",
                "int",
                "integer 12345678901234567890123",
            ),
            ("null", "int | None", "null null"),
            ("2.0", "int", "integer 2"),
            ("3", "float", "integer 3"),
            (".nan", "float", "float NaN"),
            ("[1, 2.5]", "list", "list [1, 2.5]"),
            ("[no, 1]", "list[bool]", "list [false, true]"),
            ("{a: 0x10}", "dict[str, int]", "map {\"a\": 16}"),
            (
                "[12345678901234567890123]",
                "list",
                "list [12345678901234567890123]",
            ),
        ] {
            assert_eq!(word(text, type_name), value, "{text} as {type_name}");
        }
        // Where any value goes, a word is what it is in a tube.
        for (text, value) in [
            ("True", "bool true"),
            ("None", "string \"None\""),
            ("NaN", "string \"NaN\""),
            ("0x10", "integer 16"),
            ("~", "null null"),
            ("a=b", "string \"a=b\""),
            ("a: b", "string \"a: b\""),
            ("[1, 2", "string \"[1, 2\""),
            ("\"3\"", "string \"3\""),
        ] {
            assert_eq!(word(text, "any"), value, "{text}");
        }
    }

    #[test]
    fn text_of_a_text_input_is_kept_as_it_is() {
        for text in ["3", "123E5", "null", "", "0x10", "\"a\"", "[1]"] {
            assert_eq!(typed(text, "str"), Ok(text.into()));
        }
        assert_eq!(typed("123E5", "str | None"), Ok("123E5".into()));
        assert_eq!(typed("null", "str | None"), Ok(Value::Null));
        assert_eq!(typed("7", "pathlib.Path"), Ok("7".into()));
    }

    #[test]
    fn word_of_another_type_is_refused_with_a_remedy() {
        for (text, type_name, parts) in [
            (
                "maybe",
                "bool",
                &["`bool`", "`\"maybe\"`", "give `true` or `false`"][..],
            ),
            ("2", "bool", &["`2`", "give `true` or `false`"]),
            ("abc", "int", &["`int`", "`\"abc\"`", "give an integer"]),
            ("2.5", "int", &["the float `2.5`"]),
            ("None", "int | None", &["`\"None\"`", "or `null`"]),
            ("300", "u8", &["give an integer from 0 to 255"]),
            ("-1", "u64", &["give an integer from 0 to"]),
            ("NaN", "float", &["`.nan`"]),
            ("3", "list[int]", &["give a list, as in `[1, 2]`"]),
            ("[1, x]", "list[int]", &["a list of 2"]),
            ("[1]", "dict", &["give a mapping"]),
        ] {
            let error = typed(text, type_name).unwrap_err();
            for part in parts {
                assert!(error.contains(part), "{text} as {type_name}: {error}");
            }
        }
    }

    #[test]
    fn json_keeps_every_digit_of_an_integer() {
        for (json, value) in [
            (
                "[12345678901234567890123, -1]",
                "[12345678901234567890123, -1]",
            ),
            (
                "{\"a\": -99999999999999999999}",
                "{\"a\": -99999999999999999999}",
            ),
            (
                "{\"$int\": \"12345678901234567890123\"}",
                "12345678901234567890123",
            ),
            (
                "[{\"$float\": \"NaN\"}, 12345678901234567890]",
                "[NaN, 12345678901234567890]",
            ),
            ("\"12345678901234567890123\"", "\"12345678901234567890123\""),
            ("0.12345678901234567890123", "0.12345678901234568"),
        ] {
            assert_eq!(from_json(json).unwrap().to_string(), value);
        }
        assert!(from_json("[1,").is_err());
        assert!(from_json(&("[".repeat(100_000) + &"1".repeat(20))).is_err());
    }
}
