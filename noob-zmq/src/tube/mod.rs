//! Tubes from files, checked against the node types of this program.

mod folders;
mod variable;

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};

pub use noob_zmq_spec::files::SameId;
use noob_zmq_spec::files::{read_text, text_of};

pub use self::folders::Folders;
use crate::graph::spec::{Library, TubeErrors, TubeSpec};
use crate::graph::{Map, Source, Tube};
use crate::inputs::{InputError, IntoInputs};
use crate::node::RegistryError;

/// Error of loading a tube.
///
/// `Debug` prints the full report, with a snippet for each mistake of a file: `main` that returns
/// the error, and `unwrap` in a test, show what is wrong.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read the tube `{}`: {error}{}", path.display(), from_where(path, error))]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        error: std::io::Error,
    },
    /// No tube has this id.
    #[error("no tube is called `{name}`: {looked}")]
    Unknown {
        /// The name that was looked up.
        name: String,
        /// The places where it was looked for.
        looked: String,
    },
    /// Two files in one folder have the id that was looked up.
    #[error(transparent)]
    SameId(#[from] SameId),
    /// The configured folders cannot be read from the environment.
    #[error(
        "`{variable}` is no list of folders: {reason}; write it as JSON (`[\"tubes\"]`) or as \
         paths with `:` between them"
    )]
    Folders {
        /// The environment variable.
        variable: &'static str,
        /// The reason.
        reason: String,
    },
    /// The node types of this program contradict each other.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The tube-scoped inputs are unusable.
    #[error(transparent)]
    Input(#[from] InputError),
    /// All mistakes in the file, a [`miette::Diagnostic`] with a snippet for each.
    #[error(transparent)]
    Mistakes(#[from] TubeErrors),
}

/// Kind of a [`LoadError`], for a program that decides what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LoadErrorKind {
    /// There is no such file or tube, or the file cannot be read.
    NotFound,
    /// The environment or the node types of the program are wrong.
    Setup,
    /// The inputs are unusable.
    Input,
    /// The file has mistakes.
    Mistakes,
}

impl LoadError {
    /// Returns the kind of the error.
    #[must_use]
    pub const fn kind(&self) -> LoadErrorKind {
        match self {
            Self::Read { .. } | Self::Unknown { .. } => LoadErrorKind::NotFound,
            Self::Folders { .. } | Self::Registry(_) | Self::SameId(_) => LoadErrorKind::Setup,
            Self::Input(_) => LoadErrorKind::Input,
            Self::Mistakes(_) => LoadErrorKind::Mistakes,
        }
    }
}

/// Returns where a relative path begins, for a file that is not there.
fn from_where(path: &Path, error: &std::io::Error) -> String {
    if path.is_absolute() || error.kind() != std::io::ErrorKind::NotFound {
        return String::new();
    }
    std::env::current_dir().map_or_else(
        |_| String::new(),
        |folder| {
            let folder = folder.display();
            format!("; a relative path counts from the current directory, `{folder}`")
        },
    )
}

impl fmt::Debug for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mistakes(errors) => f.write_str(&errors.render()),
            other => write!(f, "{other}"),
        }
    }
}

/// Reads and checks a tube, by its path or by its id.
///
/// `given` are its tube-scoped inputs. Other tubes that it mentions, and the tube itself if it is
/// named by its id, are found as [`Folders`] says, in the folders of `NOOB_CONFIG_DIRS`.
///
/// # Errors
/// A tube that is not found; a file that cannot be read; or all mistakes in the tube, with file,
/// line and column.
pub fn load(path: impl AsRef<Path>, given: impl IntoInputs) -> Result<Tube, LoadError> {
    Folders::from_env()?.load(path, given)
}

/// Checks a tube from its text; `name` stands for the file in messages.
///
/// Other tubes are found in the folders of `NOOB_CONFIG_DIRS`.
///
/// # Errors
/// All mistakes in the tube.
pub fn from_text(name: &str, text: &str, given: impl IntoInputs) -> Result<Tube, LoadError> {
    Folders::from_env()?.from_text(name, text, given)
}

/// Checks a tube from its text, where some of the tubes that it mentions are known already.
pub(crate) fn from_texts(
    name: &str,
    text: &str,
    known: &Library,
    given: &Map,
) -> Result<Tube, LoadError> {
    Folders::from_env()?.with_texts(name, text, known, given)
}

/// Reads the raw form of a tube, by its path or by its id, without checking node types.
///
/// # Errors
/// Those of [`load`], as far as they show without knowing the node types.
pub fn parse(path: impl AsRef<Path>) -> Result<TubeSpec, LoadError> {
    Folders::from_env()?.parse(path)
}

fn read(path: &Path) -> Result<Source, LoadError> {
    // Not by its path, which leads to nothing if standard input is a socket.
    let text = if path == Path::new("/dev/stdin") {
        let mut bytes = Vec::new();
        let read = std::io::stdin().read_to_end(&mut bytes);
        read.and_then(|_| text_of(bytes))
    } else {
        read_text(path)
    };
    match text {
        Ok(text) => Ok(Source::new(path.to_string_lossy(), text)),
        Err(error) => Err(LoadError::Read {
            path: path.to_owned(),
            error,
        }),
    }
}
