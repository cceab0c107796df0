//! Inputs of a tube from the command line.

use std::path::Path;
use std::str::FromStr;

use super::Failure;
use crate::graph::{InputScope, Map, Tube, Value};
use crate::tube::Folders;

/// An argument `NAME=VALUE`.
#[derive(Debug, Clone)]
pub(super) struct Given {
    name: String,
    value: String,
}

impl FromStr for Given {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err(format!(
                "write NAME=VALUE, as in `--input path=notes.txt`; `{text}` has no name or no `=`"
            )),
        }
    }
}

impl Given {
    /// Returns the value: a text where the input is declared as one, otherwise JSON, or a text if
    /// it is not JSON.
    fn value(&self, type_name: Option<&str>) -> Value {
        let as_text = || Value::from(self.value.as_str());
        match type_name {
            Some("str" | "string" | "path" | "Path" | "pathlib.Path") => as_text(),
            _ => serde_json::from_str(&self.value).unwrap_or_else(|_| as_text()),
        }
    }
}

/// Loads the tube with the inputs of its own scope; returns the process-scoped inputs beside it.
pub(super) fn load(path: &Path, given: &[Given]) -> Result<(Tube, Map), Failure> {
    // `-` is standard input, as for other tools.
    let path = match path.to_str() {
        Some("-") => Path::new("/dev/stdin"),
        _ => path,
    };
    let folders = Folders::from_env().map_err(Failure::loading)?;
    // Read once: a pipe has nothing to read the second time.
    let text = folders.read(path).map_err(Failure::loading)?;
    // A tube with mistakes is loaded in full, so that all mistakes are reported and not only those
    // that `parse_text` finds.
    let Ok(spec) = folders.parse_text(&text) else {
        return folders
            .load_text(&text, &Map::new())
            .map(|tube| (tube, Map::new()))
            .map_err(Failure::loading);
    };
    let declared = &spec.inputs;
    let (mut tube, mut process) = (Map::new(), Map::new());
    for input in given {
        let Some(found) = declared.get(input.name.as_str()) else {
            let names: Vec<&str> = declared.keys().map(|name| &**name).collect();
            let known = if names.is_empty() {
                "it has none".into()
            } else {
                format!("it has `{}`", names.join("`, `"))
            };
            return Err(Failure::Usage(format!(
                "the tube `{}` has no input `{}`; {known}",
                path.display(),
                input.name
            )));
        };
        let value = input.value(Some(&found.type_name));
        match found.scope {
            InputScope::Tube => tube.insert(input.name.clone(), value),
            InputScope::Process => process.insert(input.name.clone(), value),
        };
    }
    let tube = folders.load_text(&text, &tube).map_err(Failure::loading)?;
    for warning in &tube.warnings {
        super::show(warning);
    }
    Ok((tube, process))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, type_name: &str) -> Value {
        text.parse::<Given>().unwrap().value(Some(type_name))
    }

    #[test]
    fn a_text_stays_a_text_and_the_rest_is_json_if_it_can_be() {
        assert_eq!(value("path=3", "str"), Value::from("3"));
        assert_eq!(value("n=3", "int"), Value::Int(3));
        assert_eq!(
            value("n=[1, 2.5]", "list"),
            Value::from(vec![Value::Int(1), Value::Float(2.5)])
        );
        assert_eq!(value("n=a=b", "any"), Value::from("a=b"));
        assert!(
            "novalue"
                .parse::<Given>()
                .unwrap_err()
                .contains("NAME=VALUE")
        );
        assert!("=3".parse::<Given>().is_err());
    }
}
