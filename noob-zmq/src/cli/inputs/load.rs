//! Loads a tube with the inputs that the command line gives.

use std::path::Path;
use std::str::FromStr;

use super::values::from_word;
use crate::cli::{Failure, show};
use crate::graph::{Input, InputScope, Map, Name, Tube};
use crate::node::Registry;
use crate::tube::Folders;

/// An argument `NAME=VALUE`.
#[derive(Debug, Clone)]
pub(crate) struct Given {
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

/// Returns an error for a return node below a disabled node.
///
/// A run would return nothing, and might never end.
pub(crate) fn refuse_return_that_never_runs(tube: &Tube) -> Result<(), Failure> {
    let Some(node) = tube.return_node().filter(|node| node.enabled) else {
        return Ok(());
    };
    if tube.generations().iter().flatten().any(|id| *id == node.id) {
        return Ok(());
    }
    let mut above = vec![&node.id];
    let mut at = 0;
    while let Some(id) = above.get(at) {
        at += 1;
        for edge in tube.upstream(id) {
            if !above.contains(&&edge.source_node) {
                above.push(&edge.source_node);
            }
        }
    }
    let is_disabled = |id: &&&Name| tube.nodes.get(**id).is_some_and(|node| !node.enabled);
    let disabled = above.iter().find(is_disabled);
    Err(Failure::Run(format!(
        "the return node `{}` ({}) can never run: it depends on `{}`, which is disabled; enable \
         that node, or let the return node depend on others",
        node.id,
        tube.at(node.place),
        disabled.map_or("", |id| id)
    )))
}

/// Returns an error for process-scoped inputs that must be given and are not.
pub(crate) fn refuse_missing(tube: &Tube, given: &Map) -> Result<(), Failure> {
    match missing(tube.inputs.values(), given).as_slice() {
        [] => Ok(()),
        missing => Err(Failure::Usage(format!(
            "the tube `{}` needs the input {}: give it with `--input NAME=VALUE`, or anew for \
             each epoch with `--inputs FILE`, or declare a `default`",
            tube.id,
            missing.join(", ")
        ))),
    }
}

/// Returns the process-scoped inputs that must be given and are not, each with its type.
pub(super) fn missing<'i>(declared: impl Iterator<Item = &'i Input>, given: &Map) -> Vec<String> {
    let missing = declared.filter(|input| {
        input.scope == InputScope::Process
            && !input.optional
            && input.default.is_none()
            && !given.contains_key(&*input.name)
    });
    missing
        .map(|input| format!("`{}` ({})", input.name, input.type_name))
        .collect()
}

/// Loads the tube with the inputs of its own scope; returns the process-scoped inputs beside it.
pub(crate) fn load(
    path: &Path,
    given: &[Given],
    registry: &Registry,
) -> Result<(Tube, Map), Failure> {
    load_with(path, given, &Map::new(), registry)
}

/// Loads the tube as [`load`] does; inputs of its own scope that are not given have the values of
/// `others`.
pub(crate) fn load_with(
    path: &Path,
    given: &[Given],
    others: &Map,
    registry: &Registry,
) -> Result<(Tube, Map), Failure> {
    let (tube, process) = read(path, given, others, registry)?;
    for warning in &tube.warnings {
        show(warning);
    }
    Ok((tube, process))
}

/// Loads the tube as [`load`] does, without printing its warnings.
#[cfg(feature = "view")]
pub(crate) fn load_silently(
    path: &Path,
    given: &[Given],
    registry: &Registry,
) -> Result<(Tube, Map), Failure> {
    read(path, given, &Map::new(), registry)
}

fn read(
    path: &Path,
    given: &[Given],
    others: &Map,
    registry: &Registry,
) -> Result<(Tube, Map), Failure> {
    // `-` is standard input, as for other tools.
    let path = match path.to_str() {
        Some("-") => Path::new("/dev/stdin"),
        _ => path,
    };
    let folders = Folders::from_env().map_err(Failure::loading)?;
    let folders = folders.with_registry(registry.clone());
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
        let value = from_word(&input.value, &Input::from(found)).map_err(|reason| {
            Failure::Usage(format!(
                "`--input {name}={}`: the input `{name}` {reason}",
                input.value,
                name = input.name
            ))
        })?;
        match found.scope {
            InputScope::Tube => tube.insert(input.name.clone(), value),
            InputScope::Process => process.insert(input.name.clone(), value),
        };
    }
    for (name, value) in others {
        let found = declared.get(name.as_str());
        if found.is_some_and(|found| found.scope == InputScope::Tube) && !tube.contains_key(name) {
            tube.insert(name.clone(), value.clone());
        }
    }
    let tube = folders.load_text(&text, &tube).map_err(Failure::loading)?;
    Ok((tube, process))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn argument_without_a_name_or_value_is_refused() {
        let error = "novalue".parse::<Given>().unwrap_err();
        assert!(error.contains("NAME=VALUE"), "{error}");
        assert!("=3".parse::<Given>().is_err());
    }
}
