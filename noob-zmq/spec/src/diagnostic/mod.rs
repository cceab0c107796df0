//! Mistakes with their places, all of them at once, for people: as text, and for `miette`.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, Severity, SourceCode};

use super::mistake::Mistake;
use crate::graph::{Place, Source};

/// A mistake (or a warning), and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// What is wrong.
    pub mistake: Mistake,
    /// The text that it is in.
    pub source: Source,
    /// The smallest piece of text to change.
    pub place: Place,
    /// Another place that has to do with it, in the same text, and what it is.
    pub other: Option<(Place, &'static str)>,
}

impl Problem {
    /// `file:line:column`.
    #[must_use]
    pub fn at(&self) -> String {
        format!(
            "{}:{}:{}",
            self.source.name, self.place.line, self.place.column
        )
    }

    /// The mistake with the piece of text and what to do, in several lines, without colours.
    #[must_use]
    pub fn render(&self) -> String {
        let kind = if self.mistake.is_warning() {
            "warning"
        } else {
            "error"
        };
        let mut out = format!("{}: {kind}: {}\n", self.at(), self.mistake);
        let mut marks = vec![(self.place, self.mistake.label())];
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
        if let Some(help) = self.mistake.help() {
            out += &format!("{:width$} = help: {help}\n", "");
        }
        out
    }
}

/// The line around a place, without its end.
fn line_at(text: &str, offset: usize) -> &str {
    let (before, after) = text.split_at_checked(offset).unwrap_or((text, ""));
    let start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let end = offset + after.find(['\n', '\r']).unwrap_or(after.len());
    text.get(start..end)
        .unwrap_or_default()
        .trim_start_matches('\u{feff}')
}

/// A line as it may be shown: without tabs, cut around `column` if it is very long. Gives the new column too.
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

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at(), self.mistake)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn severity(&self) -> Option<Severity> {
        Some(if self.mistake.is_warning() {
            Severity::Warning
        } else {
            Severity::Error
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.mistake
            .help()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let own = LabeledSpan::new_primary_with_span(
            Some(self.mistake.label().into()),
            (self.place.offset, self.place.len),
        );
        let other = self
            .other
            .map(|(place, label)| LabeledSpan::new(Some(label.into()), place.offset, place.len));
        Some(Box::new(std::iter::once(own).chain(other)))
    }
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &miette::SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn miette::SpanContents<'a> + 'a>, miette::MietteError> {
        let contents = self
            .text
            .read_span(span, context_lines_before, context_lines_after)?;
        Ok(Box::new(miette::MietteSpanContents::new_named(
            self.name.to_string(),
            contents.data(),
            *contents.span(),
            contents.line(),
            contents.column(),
            contents.line_count(),
        )))
    }
}

/// All that is wrong with a tube: never empty, in the order of the text, nothing twice.
///
/// `Display` gives a line for each (`file:line:column: what`) with a line of help below it; [`render`](Self::render) shows the pieces of text as well, and so
/// does `miette` ([`Diagnostic::related`]).
#[derive(Clone, PartialEq, Eq)]
pub struct TubeErrors {
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl TubeErrors {
    /// The mistakes.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// What is allowed, and probably not meant, beside them.
    #[must_use]
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// All mistakes with pieces of text and help, without colours.
    #[must_use]
    pub fn render(&self) -> String {
        let mut out = self
            .problems
            .iter()
            .map(Problem::render)
            .collect::<Vec<_>>()
            .join("\n");
        if self.problems.len() > 1 {
            out += &format!("\n{}\n", self.count());
        }
        out
    }

    fn count(&self) -> String {
        let mut names: Vec<&str> = self
            .problems
            .iter()
            .map(|problem| &*problem.source.name)
            .collect();
        names.dedup();
        format!("{} mistakes in {}", self.problems.len(), names.join(", "))
    }
}

impl fmt::Display for TubeErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
            if let Some(help) = problem.mistake.help() {
                write!(f, "\n  help: {help}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for TubeErrors {
    /// As [`render`](Self::render): an `unwrap` in a test shows what a person would see.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.render())
    }
}

impl std::error::Error for TubeErrors {}

impl Diagnostic for TubeErrors {
    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(
            self.problems
                .iter()
                .map(|problem| problem as &dyn Diagnostic),
        ))
    }
}

/// Collects mistakes and warnings.
#[derive(Debug, Default)]
pub(super) struct Problems {
    sources: Vec<Source>,
    list: Vec<Problem>,
}

impl Problems {
    pub(super) fn new(source: Source) -> Self {
        Self {
            sources: vec![source],
            list: Vec::new(),
        }
    }

    pub(super) fn with_sources(sources: Vec<Source>) -> Self {
        Self {
            sources,
            list: Vec::new(),
        }
    }

    /// Adds a text; its places have the given number as their `file`.
    pub(super) fn add_source(&mut self, source: Source) -> usize {
        self.sources.push(source);
        self.sources.len() - 1
    }

    pub(super) fn sources(&self) -> &[Source] {
        &self.sources
    }

    pub(super) fn push(&mut self, place: Place, mistake: Mistake) {
        self.add(place, mistake, None);
    }

    /// A mistake with a second place that has to do with it.
    pub(super) fn push_with(
        &mut self,
        place: Place,
        mistake: Mistake,
        other: Place,
        label: &'static str,
    ) {
        let same_text = place.file == other.file && place != other;
        self.add(place, mistake, same_text.then_some((other, label)));
    }

    fn add(&mut self, place: Place, mistake: Mistake, other: Option<(Place, &'static str)>) {
        if let Some(source) = self.sources.get(place.file) {
            self.list.push(Problem {
                mistake,
                source: source.clone(),
                place,
                other,
            });
        }
    }

    /// Problems of another tube.
    pub(super) fn extend(&mut self, problems: impl IntoIterator<Item = Problem>) {
        self.list.extend(problems);
    }

    /// Whether something is wrong at a place.
    pub(super) fn any_at(&self, place: Place) -> bool {
        self.list.iter().any(|problem| problem.place == place)
    }

    /// Everything, for the problems of a tube around this one.
    pub(super) fn into_list(self) -> Vec<Problem> {
        self.list
    }

    /// Number of mistakes so far.
    pub(super) fn errors(&self) -> usize {
        self.list
            .iter()
            .filter(|problem| !problem.mistake.is_warning())
            .count()
    }

    /// `value` and the warnings, or all mistakes with the warnings beside them.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<(T, Vec<Problem>), TubeErrors> {
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
            .map(|problem| (number(&problem.source), problem))
            .collect();
        // Stable: mistakes at one place stay in the order in which they were found.
        list.sort_by_key(|(source, problem)| (*source, problem.place));
        let mut here: Vec<Mistake> = Vec::new();
        let mut last = None;
        list.retain(|(source, problem)| {
            let place = Some((*source, problem.place));
            if std::mem::replace(&mut last, place) != place {
                here.clear();
            }
            let new = !here.contains(&problem.mistake);
            here.push(problem.mistake.clone());
            new
        });
        let list = list.into_iter().map(|(_, problem)| problem);
        let (warnings, errors): (Vec<_>, Vec<_>) =
            list.partition(|problem| problem.mistake.is_warning());
        match value {
            Some(value) if errors.is_empty() => Ok((value, warnings)),
            _ => Err(TubeErrors {
                problems: errors,
                warnings,
            }),
        }
    }
}
