//! The checks of a tube in their order, and what they share.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::{build, graph};
use crate::graph::spec::library::Tubes;
use crate::graph::spec::mistake::Mistake;
use crate::graph::spec::names::nearest_types;
use crate::graph::spec::problem::Problems;
use crate::graph::spec::raw::{NodeSpec, TubeSpec};
use crate::graph::spec::special;
use crate::graph::{
    GivenInputs, Map, Name, NodeTypes, Place, SignalType, Signature, Source, Tube, TubeAsset,
    TubeNodeKind, Value,
};

/// What surrounds a tube that is checked.
pub(in crate::graph::spec) struct Context<'a> {
    pub(in crate::graph::spec) types: &'a dyn NodeTypes,
    pub(in crate::graph::spec) tubes: &'a dyn Tubes,
    /// The tubes that led to this one, itself included.
    pub(in crate::graph::spec) chain: Vec<(Name, Source)>,
}

/// Checks a tube. `unavailable` are tube-scoped inputs whose absence was reported elsewhere. Mistakes go to `problems`; the tube is of use only if there were none.
/// Beside it comes what is known of the types that it returns.
pub(in crate::graph::spec) fn check(
    spec: &TubeSpec,
    context: &mut Context<'_>,
    given: &GivenInputs,
    unavailable: HashSet<Name>,
    problems: &mut Problems,
) -> (Tube, IndexMap<Name, SignalType>) {
    let mut checker = Checker {
        spec,
        problems,
        tube_input: Map::new(),
        unavailable,
        used_inputs: HashSet::new(),
        nodes: IndexMap::new(),
        assets: IndexMap::new(),
    };
    checker.inputs(given);
    checker.returns();
    checker.assets(context);
    for node in spec.nodes.values() {
        let checked = checker.node(node, context, given);
        checker.nodes.insert(node.id.value.clone(), checked);
    }
    for node in spec.nodes.values() {
        checker.depends(node);
    }
    graph::check(&mut checker);
    checker.types();
    checker.unused_inputs();
    let tube = build::tube(&checker);
    checker.replaced_assets(&tube);
    (tube, checker.returned())
}

/// What the checks have found out.
pub(super) struct Checker<'a> {
    pub(super) spec: &'a TubeSpec,
    pub(super) problems: &'a mut Problems,
    /// Values of the tube-scoped inputs.
    pub(super) tube_input: Map,
    /// Tube-scoped inputs without a value, which was reported.
    pub(super) unavailable: HashSet<Name>,
    pub(super) used_inputs: HashSet<Name>,
    pub(super) nodes: IndexMap<Name, Checked>,
    pub(super) assets: IndexMap<Name, TubeAsset>,
}

/// What the checks have found out about a node.
pub(super) struct Checked {
    pub(super) kind: TubeNodeKind,
    /// `None` if the type is not known: what depends on its slots and signals is not checked then.
    pub(super) signature: Option<Signature>,
    pub(super) params: Map,
    pub(super) enabled: bool,
    pub(super) child: Option<Tube>,
}

/// A value at the start of the tube.
pub(super) enum Available {
    Yes(Value),
    /// It has none, which was reported.
    Reported,
}

impl Checker<'_> {
    fn node(&mut self, node: &NodeSpec, context: &mut Context<'_>, given: &GivenInputs) -> Checked {
        let kind = node
            .type_name
            .as_ref()
            .map_or(TubeNodeKind::Typed, |name| special::kind(&name.value));
        let (params, complete) = self.resolve_params(node);
        let (signature, child) = match (&node.type_name, kind) {
            (None, _) => (None, None),
            (Some(name), TubeNodeKind::Typed) => {
                (self.typed(&name.value, name.place, &params, context), None)
            }
            (Some(_), TubeNodeKind::Tube) => self.nested(node, &params, context, given),
            (Some(_), _) => (Some(special::signature(kind)), None),
        };
        if let (Some(signature), true) = (&signature, kind != TubeNodeKind::Tube) {
            self.check_params(node, signature, &params, complete);
        }
        let enabled = self.enabled(node);
        Checked {
            kind,
            signature,
            params,
            enabled,
            child,
        }
    }

    fn typed(
        &mut self,
        name: &Name,
        place: Place,
        params: &Map,
        context: &Context<'_>,
    ) -> Option<Signature> {
        let signature = context.types.signature_with(name, params);
        if signature.is_none() {
            let mut names = context.types.names();
            names.extend(special::NAMES.map(Name::from));
            let near = nearest_types(name, &names);
            self.problems.push(
                place,
                Mistake::UnknownType {
                    name: name.clone(),
                    near,
                    known: names,
                },
            );
        }
        signature
    }

    fn returns(&mut self) {
        let is_return = |node: &&NodeSpec| {
            node.type_name
                .as_ref()
                .is_some_and(|name| &*name.value == "return")
        };
        let mut returns = self.spec.nodes.values().filter(is_return);
        let Some(first) = returns.next() else { return };
        for second in returns {
            let mistake = Mistake::TwoReturns {
                first: first.id.value.clone(),
            };
            self.problems
                .push_with(second.id.place, mistake, first.id.place, "the first");
        }
    }
}
