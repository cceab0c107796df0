//! Text or raw form to a checked tube.

use std::collections::HashSet;

use noob_zmq_spec::{Diagnostics, read};

use super::check::{self, Context};
use super::{Diagnostic, TubeErrors, TubeSpec, Tubes};
use crate::graph::{GivenInputs, Name, NodeTypes, Source, Tube};

/// Makes a tube from its text.
///
/// # Errors
/// All mistakes: those of the text, and those that only node types show.
pub fn load(
    source: &Source,
    types: &dyn NodeTypes,
    tubes: &dyn Tubes,
    given: &GivenInputs,
) -> Result<Tube, TubeErrors> {
    let mut diagnostics = Diagnostics::new(source.clone());
    let tube = read(source, tubes, &mut diagnostics)
        .map(|spec| checked(&spec, types, tubes, given, &mut diagnostics));
    finish(tube, diagnostics)
}

/// Checks the raw form of a tube against the node types of the program.
///
/// # Errors
/// All mistakes.
pub fn check(
    spec: &TubeSpec,
    types: &dyn NodeTypes,
    tubes: &dyn Tubes,
    given: &GivenInputs,
) -> Result<Tube, TubeErrors> {
    let mut diagnostics = Diagnostics::with_sources(spec.sources.clone());
    let tube = checked(spec, types, tubes, given, &mut diagnostics);
    finish(Some(tube), diagnostics)
}

fn checked(
    spec: &TubeSpec,
    types: &dyn NodeTypes,
    tubes: &dyn Tubes,
    given: &GivenInputs,
    diagnostics: &mut Diagnostics,
) -> Tube {
    let own: Option<(Name, Source)> = spec
        .sources
        .first()
        .map(|source| (spec.id.value.clone(), source.clone()));
    let mut context = Context {
        types,
        tubes,
        chain: own.into_iter().collect(),
        inside: false,
    };
    check::check(spec, &mut context, given, HashSet::new(), diagnostics).0
}

fn finish(tube: Option<Tube>, diagnostics: Diagnostics) -> Result<Tube, TubeErrors> {
    let (mut tube, warnings): (Tube, Vec<Diagnostic>) = diagnostics.finish(tube)?;
    tube.warnings = warnings;
    Ok(tube)
}
