//! Mistakes in tube files, with their places.

use syn::LitStr;

use super::file::Files;
use crate::errors::{Errors, list, nearest};

/// A place in a file: line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    /// The number of the file: 0 for the tube itself, others for those that it extends.
    pub(crate) file: usize,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl At {
    /// `file:line:column`.
    pub(crate) fn shown(self, file: &str) -> String {
        format!("{file}:{}:{}", self.line, self.column)
    }
}

/// All mistakes found so far.
#[derive(Debug, Default)]
pub(crate) struct Mistakes {
    found: Vec<(At, String)>,
}

impl Mistakes {
    pub(crate) fn push(&mut self, at: At, text: impl std::fmt::Display) {
        self.found.push((at, text.to_string()));
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.found.len()
    }

    /// Something that is not there; `known` is what there is.
    pub(crate) fn unknown<'a>(
        &mut self,
        at: At,
        text: impl std::fmt::Display,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        // One letter is near to every other: no guess.
        let near = nearest(name, known.iter().copied()).filter(|_| name.chars().count() > 2);
        let help = match near {
            Some(near) => format!("; did you mean `{near}`?"),
            None if known.is_empty() => String::new(),
            None => format!("; there is {}", list(known)),
        };
        self.push(at, format!("{text}{help}"));
    }

    /// Reports each of them once at the path of the file, in the order of the files.
    pub(crate) fn report(mut self, path: &LitStr, files: &Files, errors: &mut Errors) {
        self.sort();
        for (at, text) in &self.found {
            errors.push(path, format!("{}: {text}", files.place(*at)));
        }
    }

    /// What two tubes take over from a third was found in both of them.
    fn sort(&mut self) {
        self.found.sort();
        self.found.dedup();
    }

    /// The texts, for the tests of this crate.
    #[cfg(test)]
    pub(crate) fn into_texts(mut self) -> Vec<String> {
        self.sort();
        let texts = self.found.iter();
        texts
            .map(|(at, text)| format!("{}:{}: {text}", at.line, at.column))
            .collect()
    }
}
