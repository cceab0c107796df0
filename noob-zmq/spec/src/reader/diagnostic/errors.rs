//! All mistakes of a tube, as one error.

use std::fmt;

use super::Diagnostic;

/// All mistakes of a tube: never empty, in the order of the text, nothing twice.
///
/// `Display` writes a line for each (`file:line:column: text`) with a line of help below.
/// [`render`](Self::render) and `miette` show the pieces of text as well.
#[derive(Clone, PartialEq, Eq)]
pub struct TubeErrors {
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) warnings: Vec<Diagnostic>,
}

impl TubeErrors {
    /// Returns the mistakes.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Returns the warnings beside the mistakes.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// Renders all mistakes with pieces of text and help, without colours.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = self
            .diagnostics
            .iter()
            .map(Diagnostic::render)
            .collect::<Vec<_>>()
            .join("\n");
        if self.diagnostics.len() > 1 {
            out += &format!("\n{}\n", self.count());
        }
        out
    }

    fn count(&self) -> String {
        let mut names: Vec<&str> = self
            .diagnostics
            .iter()
            .map(|diagnostic| &*diagnostic.source.name)
            .collect();
        names.dedup();
        format!(
            "{} mistakes in {}",
            self.diagnostics.len(),
            names.join(", ")
        )
    }
}

impl fmt::Display for TubeErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, diagnostic) in self.diagnostics.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{diagnostic}")?;
            if let Some(help) = diagnostic.kind.help() {
                write!(f, "\n  help: {help}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for TubeErrors {
    /// Writes the same as [`render`](Self::render), so that an `unwrap` in a test shows the texts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.render())
    }
}

impl std::error::Error for TubeErrors {}
