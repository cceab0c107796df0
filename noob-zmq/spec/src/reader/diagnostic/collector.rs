//! Collects the diagnostics of a tube while it is read and checked.

use std::sync::Arc;

use super::{Diagnostic, DiagnosticKind, TubeErrors};
use crate::reader::{Place, Source};

/// Mistakes and warnings found so far, and the texts that their places refer to.
#[derive(Debug, Default)]
pub struct Diagnostics {
    sources: Vec<Source>,
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Creates a collector for a tube of one text.
    #[must_use]
    pub fn new(source: Source) -> Self {
        Self::with_sources(vec![source])
    }

    /// Creates a collector for a tube that was read before, with the texts that it extends.
    #[must_use]
    pub fn with_sources(sources: Vec<Source>) -> Self {
        Self {
            sources,
            list: Vec::new(),
        }
    }

    /// Adds a text and returns its number, which its places have as their `file`.
    pub fn add_source(&mut self, source: Source) -> usize {
        self.sources.push(source);
        self.sources.len() - 1
    }

    /// Returns the texts, by their numbers.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Adds a mistake or a warning.
    pub fn push(&mut self, place: Place, kind: DiagnosticKind) {
        self.add(place, kind, None);
    }

    /// Adds a mistake with a second place that takes part.
    pub fn push_with(
        &mut self,
        place: Place,
        kind: DiagnosticKind,
        other: Place,
        label: &'static str,
    ) {
        let same_text = place.file == other.file && place != other;
        self.add(place, kind, same_text.then_some((other, label)));
    }

    fn add(&mut self, place: Place, kind: DiagnosticKind, other: Option<(Place, &'static str)>) {
        if let Some(source) = self.sources.get(place.file) {
            self.list.push(Diagnostic {
                kind,
                source: source.clone(),
                place,
                other,
            });
        }
    }

    /// Adds the diagnostics of another tube.
    pub fn extend(&mut self, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.list.extend(diagnostics);
    }

    /// Returns whether a diagnostic has this place.
    pub fn any_at(&self, place: Place) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.place == place)
    }

    /// Returns everything, for the collector of a tube around this one.
    pub fn into_list(self) -> Vec<Diagnostic> {
        self.list
    }

    /// Returns the number of mistakes so far, without the warnings.
    pub fn errors(&self) -> usize {
        self.list
            .iter()
            .filter(|diagnostic| !diagnostic.kind.is_warning())
            .count()
    }

    /// Returns `value` and the warnings, sorted by place and without repetitions.
    ///
    /// # Errors
    /// All mistakes, if there are any or if `value` is `None`.
    pub fn finish<T>(self, value: Option<T>) -> Result<(T, Vec<Diagnostic>), TubeErrors> {
        let mut sources: Vec<Source> = Vec::new();
        let mut number = |source: &Source| {
            let same = |other: &Source| {
                Arc::ptr_eq(&other.text, &source.text) && other.name == source.name
            };
            sources.iter().position(same).unwrap_or_else(|| {
                sources.push(source.clone());
                sources.len() - 1
            })
        };
        let mut list: Vec<_> = self
            .list
            .into_iter()
            .map(|diagnostic| (number(&diagnostic.source), diagnostic))
            .collect();
        // Stable: mistakes at one place stay in the order in which they were found.
        list.sort_by_key(|(source, diagnostic)| (*source, diagnostic.place));
        let mut here: Vec<DiagnosticKind> = Vec::new();
        let mut last = None;
        list.retain(|(source, diagnostic)| {
            let place = Some((*source, diagnostic.place));
            if std::mem::replace(&mut last, place) != place {
                here.clear();
            }
            let new = !here.contains(&diagnostic.kind);
            here.push(diagnostic.kind.clone());
            new
        });
        let list = list.into_iter().map(|(_, diagnostic)| diagnostic);
        let (warnings, errors): (Vec<_>, Vec<_>) =
            list.partition(|diagnostic| diagnostic.kind.is_warning());
        match value {
            Some(value) if errors.is_empty() => Ok((value, warnings)),
            _ => Err(TubeErrors {
                diagnostics: errors,
                warnings,
            }),
        }
    }
}
