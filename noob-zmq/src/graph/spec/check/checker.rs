//! The checks of a tube in their order, and what they share.

use std::collections::HashSet;

use indexmap::IndexMap;

use noob_zmq_spec::check as names;
use noob_zmq_spec::suggest::nearest_types;
use noob_zmq_spec::{Diagnostics, InnerTube, Interface, Interfaces, Slot, special};

use super::build;
use crate::graph::spec::special::signature;
use crate::graph::spec::{DiagnosticKind, NodeSpec, TubeSpec, Tubes};
use crate::graph::{
    GivenInputs, InputScope, Map, Name, NodeTypes, Place, RestartWhen, SignalType, Signature,
    Source, Tube, TubeAsset, TubeNodeKind, Unresolved,
};

/// Surroundings of a tube that is checked.
pub(crate) struct Context<'a> {
    pub(crate) types: &'a dyn NodeTypes,
    pub(crate) tubes: &'a dyn Tubes,
    /// The tubes that led to this one, and this one.
    pub(crate) chain: Vec<(Name, Source)>,
    /// Whether the tube is inside another one, whose sources end the run.
    pub(crate) inside: bool,
}

/// Checks a tube, and returns it with the known types of its results.
///
/// `unavailable` are tube-scoped inputs whose absence was reported elsewhere. Mistakes go to
/// `diagnostics`; the tube is of use only if there were none.
pub(crate) fn check(
    spec: &TubeSpec,
    context: &mut Context<'_>,
    given: &GivenInputs,
    unavailable: HashSet<Name>,
    diagnostics: &mut Diagnostics,
) -> (Tube, IndexMap<Name, SignalType>) {
    let mut checker = Checker {
        spec,
        given,
        diagnostics,
        tube_input: Map::new(),
        unavailable,
        used_inputs: HashSet::new(),
        nodes: IndexMap::new(),
        assets: IndexMap::new(),
    };
    checker.inputs();
    names::returns(spec, checker.diagnostics);
    checker.assets(context);
    for node in spec.nodes.values() {
        let checked = checker.node(node, context);
        checker.nodes.insert(node.id.value.clone(), checked);
    }
    checker.names();
    if !context.inside {
        checker.endless_sources();
    }
    checker.types();
    checker.unused_inputs();
    let tube = build::tube(&checker);
    checker.replaced_assets(&tube);
    (tube, checker.returned())
}

/// State that the checks of a tube share.
pub(super) struct Checker<'a> {
    pub(super) spec: &'a TubeSpec,
    /// Values that the caller gives to inputs of the tube.
    pub(super) given: &'a GivenInputs,
    pub(super) diagnostics: &'a mut Diagnostics,
    /// Values of the tube-scoped inputs.
    pub(super) tube_input: Map,
    /// Tube-scoped inputs without a value, which was reported.
    pub(super) unavailable: HashSet<Name>,
    pub(super) used_inputs: HashSet<Name>,
    pub(super) nodes: IndexMap<Name, Checked>,
    pub(super) assets: IndexMap<Name, TubeAsset>,
}

/// Results of the checks of a node.
pub(super) struct Checked {
    pub(super) kind: TubeNodeKind,
    /// `None` if the type is not known, so that its slots and signals are not checked.
    pub(super) signature: Option<Signature>,
    pub(super) params: Map,
    pub(super) enabled: bool,
    pub(super) child: Option<Tube>,
}

impl Checker<'_> {
    fn node(&mut self, node: &NodeSpec, context: &mut Context<'_>) -> Checked {
        let kind = node.kind();
        let (params, complete) = self.resolve_params(node);
        let (signature, child) = match (&node.type_name, kind) {
            (None, _) => (None, None),
            (Some(name), TubeNodeKind::Typed) => {
                (self.typed(&name.value, name.place, &params, context), None)
            }
            (Some(_), TubeNodeKind::Tube) => self.nested(node, &params, context).unzip(),
            (Some(_), _) => (Some(signature(kind)), None),
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
        let signature = match context.types.resolve(name, params) {
            Ok(signature) => signature,
            Err(Unresolved { reason, detail }) => {
                let kind = DiagnosticKind::UnusableType {
                    what: "node type",
                    name: name.clone(),
                    reason,
                    detail,
                };
                self.diagnostics.push(place, kind);
                return None;
            }
        };
        if signature.is_none() && !cfg!(feature = "std-nodes") && name.starts_with("noob_zmq.") {
            let kind = DiagnosticKind::LibraryMissing { name: name.clone() };
            self.diagnostics.push(place, kind);
        } else if signature.is_none() {
            let mut names = context.types.names();
            names.extend(special::NAMES.map(Name::from));
            let near = nearest_types(name, &names);
            let kind = DiagnosticKind::UnknownType {
                name: name.clone(),
                near,
                known: names,
            };
            self.diagnostics.push(place, kind);
        }
        signature
    }

    /// Checks everything for which the names of slots, signals and parameters are enough.
    fn names(&mut self) {
        let interfaces: Interfaces = self
            .nodes
            .iter()
            .map(|(name, checked)| (name.clone(), checked.interface()))
            .collect();
        names::references(
            self.spec,
            &interfaces,
            &mut self.used_inputs,
            self.diagnostics,
        );
        let checked = self.nodes.values();
        let nodes: Vec<names::Node> = checked
            .map(|checked| names::Node {
                enabled: checked.enabled,
                is_map: checked.kind == TubeNodeKind::Map,
            })
            .collect();
        names::graph(self.spec, &nodes, self.diagnostics);
        self.restarts();
    }

    /// Warns of nodes that are called for ever because nothing feeds them.
    fn endless_sources(&mut self) {
        // Where epochs have inputs of their own, the caller ends the run.
        let mut inputs = self.spec.inputs.values();
        if inputs.any(|input| input.scope == InputScope::Process) {
            return;
        }
        for (node, checked) in self.spec.nodes.values().zip(self.nodes.values()) {
            let function = checked
                .signature
                .as_ref()
                .is_some_and(|signature| !signature.source && !signature.stateful);
            if checked.kind == TubeNodeKind::Typed
                && checked.enabled
                && node.depends.is_empty()
                && function
            {
                let kind = DiagnosticKind::EndlessSource {
                    node: node.id.value.clone(),
                };
                self.diagnostics.push(node.id.place, kind);
            }
        }
    }

    /// Warns of nodes that lose their state when their process is restarted.
    fn restarts(&mut self) {
        for (node, checked) in self.spec.nodes.values().zip(self.nodes.values()) {
            let restart = node.supervision.restart.unwrap_or_default();
            if let Some(signature) = &checked.signature
                && restart.when != RestartWhen::Never
                && node.stateful.unwrap_or(signature.stateful)
                && !signature.restorable
            {
                let kind = DiagnosticKind::RestartForgets {
                    node: node.id.value.clone(),
                };
                self.diagnostics.push(node.id.place, kind);
            }
        }
    }
}

impl Checked {
    /// Returns the names of the type, if the type is known.
    fn interface(&self) -> Option<Interface> {
        let signature = self.signature.as_ref()?;
        let slots = signature.slots.iter().map(|slot| Slot {
            name: slot.name.clone(),
            required: slot.required,
        });
        let params = signature.params.iter().map(|param| param.name.clone());
        let inner = self.child.as_ref().map(|child| InnerTube {
            id: child.id.clone(),
            inputs: child
                .inputs
                .values()
                .map(|input| (input.name.clone(), input.scope))
                .collect(),
        });
        Some(Interface {
            slots: slots.collect(),
            params: params.collect(),
            signals: signature.signals.clone(),
            is_source: signature.source,
            more_positional: signature.more_positional,
            more_named: signature.more_named,
            inner,
        })
    }
}
