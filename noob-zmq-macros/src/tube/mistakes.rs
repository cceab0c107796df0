//! Mistakes in a tube file, with their places.

use syn::LitStr;

use crate::errors::{Errors, list, nearest};

/// A place in the file: line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// All mistakes found so far.
#[derive(Debug)]
pub(crate) struct Mistakes {
    file: String,
    found: Vec<(At, String)>,
}

impl Mistakes {
    pub(crate) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            found: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, at: At, text: impl std::fmt::Display) {
        self.found.push((at, text.to_string()));
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

    /// Reports them at the path of the file, in the order of the file.
    pub(crate) fn report(mut self, path: &LitStr, errors: &mut Errors) {
        self.found.sort_by_key(|(at, _)| *at);
        for (at, text) in &self.found {
            errors.push(path, format!("{}: {text}", place(&self.file, *at)));
        }
    }

    /// The texts, for the tests of this crate.
    #[cfg(test)]
    pub(crate) fn into_texts(mut self) -> Vec<String> {
        self.found.sort_by_key(|(at, _)| *at);
        let texts = self.found.iter();
        texts
            .map(|(at, text)| format!("{}:{}: {text}", at.line, at.column))
            .collect()
    }
}

/// `file:line:column`.
pub(crate) fn place(file: &str, at: At) -> String {
    format!("{file}:{}:{}", at.line, at.column)
}
