//! From a file or a text to a tube.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::{Folders, LoadError};
use crate::graph::spec::{self, Tubes};
use crate::graph::{GivenInputs, Input, Source, Tube};
use crate::node::Registry;

/// Longest text that is read, in bytes. What is longer is refused by the checks, with the place.
const MAX_TEXT: u64 = (16 << 20) + 1;

/// Makes the tube of a file, with the tube-scoped inputs that are given.
///
/// Tubes that it extends or holds are looked for as [`Folders`] says.
///
/// # Errors
/// A file that cannot be read, or all the mistakes in it.
pub fn load(path: impl AsRef<Path>, given: &GivenInputs) -> Result<Tube, LoadError> {
    let path = path.as_ref();
    make(&read(path)?, &Folders::around(path), given)
}

/// Makes a tube of a text, with the tube-scoped inputs that are given. `name` stands in front of the places of mistakes.
///
/// Tubes that it extends or holds are looked for in the configured folders, and from the current one.
///
/// # Errors
/// All the mistakes in it.
pub fn from_text(name: &str, text: &str, given: &GivenInputs) -> Result<Tube, LoadError> {
    make(&Source::new(name, text), &Folders::configured(), given)
}

/// The inputs that the tube of a file declares, for those who have to ask for them before it is made.
///
/// # Errors
/// A file that cannot be read, or the mistakes that can be seen without the node types.
pub fn inputs(path: impl AsRef<Path>) -> Result<Vec<Input>, LoadError> {
    let path = path.as_ref();
    let spec = spec::parse_with(&read(path)?, &Folders::around(path))?;
    Ok(spec.inputs.values().map(Input::from).collect())
}

fn make(source: &Source, tubes: &dyn Tubes, given: &GivenInputs) -> Result<Tube, LoadError> {
    Ok(spec::load(source, Registry::get()?, tubes, given)?)
}

/// The text of a file.
pub(super) fn read(path: &Path) -> Result<Source, LoadError> {
    let failed = |reason: String| LoadError::Read {
        path: path.to_owned(),
        reason,
    };
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(MAX_TEXT)
        .read_to_end(&mut bytes)
        .map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        failed(format!(
            "it is not UTF-8 text (byte {} is none)",
            error.utf8_error().valid_up_to()
        ))
    })?;
    Ok(Source::new(path.display().to_string(), text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Map;

    #[test]
    fn a_file_that_is_not_there_or_not_text() {
        let folder = tempfile::tempdir().unwrap();
        let missing = load(folder.path().join("no.yaml"), &Map::new()).unwrap_err();
        assert!(
            missing
                .to_string()
                .contains("no.yaml` cannot be read: No such file"),
            "{missing}"
        );
        let binary = folder.path().join("binary.yaml");
        std::fs::write(&binary, b"noob_id: \xff").unwrap();
        let error = load(&binary, &Map::new()).unwrap_err().to_string();
        assert!(
            error.ends_with("it is not UTF-8 text (byte 9 is none)"),
            "{error}"
        );
    }

    #[test]
    fn a_tube_of_special_nodes_is_made_and_its_inputs_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.yaml");
        std::fs::write(&path, "noob_id: t\ninput:\n  k: {type: int, scope: process}\nnodes:\n  r: {type: return, depends: input.k}\n").unwrap();
        let tube = load(&path, &Map::new()).unwrap();
        assert_eq!(
            tube.node_at("r").unwrap(),
            format!("{}:5:3", path.display())
        );
        let inputs = inputs(&path).unwrap();
        assert_eq!(
            inputs.iter().map(|input| &*input.name).collect::<Vec<_>>(),
            ["k"]
        );
        assert!(
            from_text(
                "text",
                "noob_id: t\nnodes: {a: {type: nothing.like.it}}\n",
                &Map::new()
            )
            .is_err()
        );
    }
}
