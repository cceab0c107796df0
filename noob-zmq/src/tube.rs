//! Tubes from files, checked against the node types of this program.

use std::fs;
use std::path::{Path, PathBuf};

use crate::graph::spec::{self, NoTubes, TubeErrors, TubeSpec, Tubes};
use crate::graph::{Map, Source, Tube};
use crate::node::{Registry, RegistryError};

/// Why there is no tube.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read the tube `{}`: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The node types of this program are at odds with each other.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Mistakes in the file: all of them. It is a [`miette::Diagnostic`] with a snippet for each.
    #[error(transparent)]
    Mistakes(#[from] TubeErrors),
}

/// Reads and checks a tube file. `given` are its tube-scoped inputs.
///
/// Tubes that it extends or holds are found by path, from the folder of the file; or by id, among the `.yaml` files of that folder.
///
/// # Errors
/// A file that cannot be read; every mistake in it, at once, with file, line and column.
pub fn load(path: impl AsRef<Path>, given: &Map) -> Result<Tube, LoadError> {
    let path = path.as_ref();
    let beside = Beside {
        folder: path.parent().unwrap_or(Path::new("")).to_owned(),
    };
    Ok(spec::load(&read(path)?, Registry::get()?, &beside, given)?)
}

/// Checks a tube from its text; `name` stands for the file in messages. It finds no other tubes.
///
/// # Errors
/// Every mistake in it, at once.
pub fn from_text(name: &str, text: &str, given: &Map) -> Result<Tube, LoadError> {
    Ok(spec::load(
        &Source::new(name, text),
        Registry::get()?,
        &NoTubes,
        given,
    )?)
}

/// The raw form of a tube file: what it says, not yet checked against node types.
///
/// # Errors
/// A file that cannot be read; every mistake that shows without knowing the node types.
pub fn parse(path: impl AsRef<Path>) -> Result<TubeSpec, LoadError> {
    let path = path.as_ref();
    let beside = Beside {
        folder: path.parent().unwrap_or(Path::new("")).to_owned(),
    };
    Ok(spec::parse_with(&read(path)?, &beside)?)
}

fn read(path: &Path) -> Result<Source, LoadError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Source::new(path.to_string_lossy(), text)),
        Err(error) => Err(LoadError::Read {
            path: path.to_owned(),
            error,
        }),
    }
}

/// Finds the tubes beside a tube.
struct Beside {
    folder: PathBuf,
}

impl Tubes for Beside {
    fn find(&self, name: &str) -> Result<Option<Source>, String> {
        let file = |path: &Path| read(path).map(Some).map_err(|error| error.to_string());
        if name.ends_with(".yaml") || name.ends_with(".yml") {
            let path = self.folder.join(name);
            return if path.exists() { file(&path) } else { Ok(None) };
        }
        let mut paths: Vec<PathBuf> = fs::read_dir(if self.folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &self.folder
        })
        .map_err(|error| format!("cannot look into `{}`: {error}", self.folder.display()))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|end| end == "yaml" || end == "yml")
        })
        .collect();
        paths.sort();
        let has_id = |text: &str| {
            let id = text.lines().find_map(|line| line.strip_prefix("noob_id:"));
            id.is_some_and(|id| {
                id.split(" #")
                    .next()
                    .unwrap_or(id)
                    .trim()
                    .trim_matches(['"', '\''])
                    == name
            })
        };
        Ok(paths
            .iter()
            .filter_map(|path| read(path).ok())
            .find(|source| has_id(&source.text)))
    }
}
