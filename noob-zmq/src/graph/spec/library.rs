//! Tubes that other tubes mention, held in memory.

use indexmap::IndexMap;

use super::Tubes;
use crate::graph::{Name, Source};

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
