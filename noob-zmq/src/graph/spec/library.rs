//! Where other tubes are found: by id or path, for `extends` and for nodes of `type: tube`.

use std::sync::Mutex;

use indexmap::IndexMap;

use crate::graph::{Name, Source};

/// Where other tubes are found. Reading files is for those above `graph`.
pub trait Tubes {
    /// The text of the tube of this id or path; `None` if there is none.
    ///
    /// # Errors
    /// A tube that is there and cannot be read: why.
    fn find(&self, name: &str) -> Result<Option<Source>, String>;

    /// Names that can be found, for "did you mean".
    fn names(&self) -> Vec<Name> {
        Vec::new()
    }

    /// Where this name was looked for, as said in messages, if that helps those who look for it.
    fn looked(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }
}

/// No other tubes.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoTubes;

impl Tubes for NoTubes {
    fn find(&self, _name: &str) -> Result<Option<Source>, String> {
        Ok(None)
    }
}

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

    /// Whether it holds nothing.
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

/// Remembers what was found elsewhere, so that the same tube can be made again without looking.
pub(super) struct Recorder<'a> {
    inner: &'a dyn Tubes,
    found: Mutex<Library>,
}

impl<'a> Recorder<'a> {
    pub(super) fn new(inner: &'a dyn Tubes) -> Self {
        Self {
            inner,
            found: Mutex::default(),
        }
    }

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
