//! The ways from a text to a tube.

use std::collections::HashSet;

use super::check::{self, Context};
use super::extend;
use super::library::{Library, NoTubes, Recorder, Tubes};
use super::problem::{Problem, Problems, TubeErrors};
use super::raw::TubeSpec;
use super::shape;
use super::text::Text;
use crate::graph::{GivenInputs, Name, NodeTypes, Source, Tube};

/// Reads the raw form of a tube that needs no other.
///
/// # Errors
/// Everything that can be said to be wrong without knowing the node types.
pub fn parse(source: &Source) -> Result<TubeSpec, TubeErrors> {
    parse_with(source, &NoTubes)
}

/// Reads the raw form of a tube, and of those that it extends.
///
/// # Errors
/// Everything that can be said to be wrong without knowing the node types.
pub fn parse_with(source: &Source, tubes: &dyn Tubes) -> Result<TubeSpec, TubeErrors> {
    let mut problems = Problems::new(source.clone());
    let spec = read(source, tubes, &mut problems);
    problems.finish(spec).map(|(spec, _)| spec)
}

/// Makes a tube from its text: all mistakes at once, those of the text and those that only node types show.
///
/// # Errors
/// Everything that is wrong.
pub fn load(
    source: &Source,
    types: &dyn NodeTypes,
    tubes: &dyn Tubes,
    given: &GivenInputs,
) -> Result<Tube, TubeErrors> {
    let tubes = Recorder::new(tubes);
    let mut problems = Problems::new(source.clone());
    let tube = read(source, &tubes, &mut problems)
        .map(|spec| checked(&spec, types, &tubes, given, &mut problems));
    finish(tube, source, tubes, given, problems)
}

impl TubeSpec {
    /// Checks a tube against the node types of the program.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn check(
        &self,
        types: &dyn NodeTypes,
        tubes: &dyn Tubes,
        given: &GivenInputs,
    ) -> Result<Tube, TubeErrors> {
        let tubes = Recorder::new(tubes);
        let mut problems = Problems::with_sources(self.sources.clone());
        let tube = checked(self, types, &tubes, given, &mut problems);
        let source = tube.source.clone();
        finish(Some(tube), &source, tubes, given, problems)
    }
}

/// What a tube was made from. It travels to other processes of the same program, which make the same tube of it without reading a file.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Recipe {
    /// The text.
    pub source: Source,
    /// The tubes that it extends or holds, by the names that it calls them by.
    pub library: Library,
    /// The inputs that were given.
    pub given: GivenInputs,
}

impl Recipe {
    /// Makes the tube.
    ///
    /// # Errors
    /// As [`load`]; none if it was made before with the same types.
    pub fn make(&self, types: &dyn NodeTypes) -> Result<Tube, TubeErrors> {
        load(&self.source, types, &self.library, &self.given)
    }
}

/// Reads the raw form of a tube; `None` if there is nothing to go on with.
pub(super) fn read(
    source: &Source,
    tubes: &dyn Tubes,
    problems: &mut Problems,
) -> Option<TubeSpec> {
    let text = Text::new(source.clone(), 0);
    let mut chain = vec![(source.name.clone(), source.clone())];
    let tree = extend::read(&text, &mut chain, tubes, problems)?;
    let mut spec = shape::tube(&tree, problems)?;
    spec.sources = problems.sources().to_vec();
    Some(spec)
}

fn checked(
    spec: &TubeSpec,
    types: &dyn NodeTypes,
    tubes: &dyn Tubes,
    given: &GivenInputs,
    problems: &mut Problems,
) -> Tube {
    let own: Option<(Name, Source)> = spec
        .sources
        .first()
        .map(|source| (spec.id.value.clone(), source.clone()));
    let mut context = Context {
        types,
        tubes,
        chain: own.into_iter().collect(),
    };
    check::check(spec, &mut context, given, HashSet::new(), problems).0
}

fn finish(
    tube: Option<Tube>,
    source: &Source,
    tubes: Recorder<'_>,
    given: &GivenInputs,
    problems: Problems,
) -> Result<Tube, TubeErrors> {
    let (mut tube, warnings): (Tube, Vec<Problem>) = problems.finish(tube)?;
    tube.warnings = warnings;
    tube.recipe = Recipe {
        source: source.clone(),
        library: tubes.into_library(),
        given: given.clone(),
    }
    .into();
    Ok(tube)
}
