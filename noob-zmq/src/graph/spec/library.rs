//! Tubes that other tubes mention, held in memory, and the recipe of a tube.

use std::sync::Mutex;

use indexmap::IndexMap;

use super::Tubes;
use crate::graph::{GivenInputs, Name, Source};

/// Tubes held in memory under the names by which others call them.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Library {
    tubes: IndexMap<String, Source>,
}

impl Library {
    /// Adds a tube under a name.
    pub fn insert(&mut self, name: impl Into<String>, source: Source) {
        self.tubes.insert(name.into(), source);
    }

    /// Returns whether there are no tubes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tubes.is_empty()
    }
}

impl Tubes for Library {
    fn find(&self, name: &str) -> Result<Option<Source>, String> {
        Ok(self.tubes.get(name).cloned())
    }

    fn names(&self) -> Vec<Name> {
        self.tubes
            .keys()
            .map(|name| Name::from(name.as_str()))
            .collect()
    }
}

/// Everything that a tube was made from.
///
/// A recipe travels to other processes of the same program, which make the same tube of it without
/// reading a file.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Recipe {
    /// The text.
    pub source: Source,
    /// The tubes that it extends or holds, by the names that it uses for them.
    pub library: Library,
    /// The inputs that were given.
    pub given: GivenInputs,
}

/// A way to find tubes that records them, so that the same tube can be made again without it.
pub(super) struct Recorder<'a> {
    inner: &'a dyn Tubes,
    found: Mutex<Library>,
}

impl<'a> Recorder<'a> {
    /// Creates a recorder in front of `inner`.
    pub(super) fn new(inner: &'a dyn Tubes) -> Self {
        Self {
            inner,
            found: Mutex::default(),
        }
    }

    /// Returns the tubes that were found.
    pub(super) fn into_library(self) -> Library {
        self.found.into_inner().unwrap_or_default()
    }
}

impl Tubes for Recorder<'_> {
    fn find(&self, name: &str) -> Result<Option<Source>, String> {
        let source = self.inner.find(name)?;
        if let (Some(source), Ok(mut found)) = (&source, self.found.lock()) {
            found.insert(name, source.clone());
        }
        Ok(source)
    }

    fn names(&self) -> Vec<Name> {
        self.inner.names()
    }

    fn looked(&self, name: &str) -> Option<String> {
        self.inner.looked(name)
    }
}
