//! A diagnostic with the piece of text around its place, for people.

use std::fmt;

use super::DiagnosticKind;
use crate::reader::{Place, Source};

/// A mistake or a warning, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Kind of the mistake.
    pub kind: DiagnosticKind,
    /// Text with the mistake.
    pub source: Source,
    /// Smallest piece of text to change.
    pub place: Place,
    /// Second place in the same text that takes part, with a label.
    pub other: Option<(Place, &'static str)>,
}

impl Diagnostic {
    /// Returns the place, the mistake, and the remedy, in one line.
    #[must_use]
    pub fn with_help(&self) -> String {
        match self.kind.help() {
            Some(help) => format!("{self}; {help}"),
            None => self.to_string(),
        }
    }

    /// Returns `file:line:column`.
    #[must_use]
    pub fn at(&self) -> String {
        self.source.at(self.place)
    }

    /// Renders the mistake in several lines, without colours: text, marks and help.
    #[must_use]
    pub fn render(&self) -> String {
        let kind = if self.kind.is_warning() {
            "warning"
        } else {
            "error"
        };
        let mut out = format!("{}: {kind}: {}\n", self.at(), self.kind);
        let mut marks = vec![(self.place, self.kind.label())];
        marks.extend(self.other);
        marks.sort_by_key(|(place, _)| place.offset);
        let width = marks
            .iter()
            .map(|(place, _)| place.line)
            .max()
            .unwrap_or(1)
            .to_string()
            .len();
        let mut shown = 0;
        for (place, label) in marks {
            if shown == 0 {
                out += &format!("{:width$} |\n", "");
            } else if place.line > shown + 1 {
                out += &format!("{:width$} ...\n", "");
            }
            let (line, before) = window(line_at(&self.source.text, place.offset), place.column - 1);
            if place.line != shown {
                out += &format!("{:width$} | {line}\n", place.line);
            }
            let marked = self
                .source
                .text
                .get(place.offset..place.offset + place.len)
                .and_then(|text| text.lines().next());
            let len = marked.map_or(1, |text| text.chars().count()).clamp(1, 80);
            out += &format!(
                "{:width$} | {:before$}{} {label}\n",
                "",
                "",
                "^".repeat(len)
            );
            shown = place.line;
        }
        if let Some(help) = self.kind.help() {
            let help = help.replace('\n', &format!("\n{:width$}   ", ""));
            out += &format!("{:width$} = help: {help}\n", "");
        }
        out
    }
}

/// Returns the line around an offset, without its end.
fn line_at(text: &str, offset: usize) -> &str {
    let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
    let start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let end = offset + after.find(['\n', '\r']).unwrap_or(after.len());
    text.get(start..end)
        .unwrap_or_default()
        .trim_start_matches('\u{feff}')
}

/// Prepares a line for display: tabs become spaces, and a long line is cut around `column`.
///
/// Returns the text and the column in it.
fn window(line: &str, column: usize) -> (String, usize) {
    const MOST: usize = 160;
    let skip = if line.chars().count() > MOST {
        column.saturating_sub(MOST / 2)
    } else {
        0
    };
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    (
        line.chars().skip(skip).take(MOST).map(clean).collect(),
        column - skip,
    )
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at(), self.kind)
    }
}

impl std::error::Error for Diagnostic {}
