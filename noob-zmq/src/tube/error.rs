//! Why there is no tube.

use std::fmt;
use std::path::PathBuf;

use miette::Diagnostic;

use crate::graph::spec::TubeErrors;
use crate::node::RegistryError;

/// Why there is no tube.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read.
    #[error("the tube `{}` cannot be read: {reason}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The node types of this program are in disorder.
    #[error(transparent)]
    Types(#[from] RegistryError),
    /// The tube has mistakes: all of them.
    #[error(transparent)]
    Mistakes(#[from] TubeErrors),
}

impl LoadError {
    /// The error with the pieces of text that it is about, in several lines, without colours.
    #[must_use]
    pub fn render(&self) -> String {
        match self {
            Self::Mistakes(errors) => errors.render(),
            _ => format!("error: {self}\n"),
        }
    }
}

impl Diagnostic for LoadError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        match self {
            Self::Read { .. } => Some(Box::new("name a tube file, such as `words.yaml`")),
            Self::Types(_) => None,
            Self::Mistakes(errors) => errors.help(),
        }
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        match self {
            Self::Mistakes(errors) => errors.related(),
            _ => None,
        }
    }
}
