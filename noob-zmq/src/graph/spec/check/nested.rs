//! Nodes of `type: tube`: finds the tube, checks it, and passes its inputs.

use std::collections::HashSet;

use noob_zmq_spec::suggest::nearest;
use noob_zmq_spec::{Diagnostics, find_tube, read};

use super::checker::{Checker, Context, check};
use crate::graph::spec::{DiagnosticKind, NodeSpec, TubeSpec, special};
use crate::graph::{Input, InputScope, Map, Name, Signature, Source, Tube, Value};

/// Limit of the depth of tubes inside each other.
const MAX_TUBES: usize = 32;

impl Checker<'_> {
    pub(super) fn nested(
        &mut self,
        node: &NodeSpec,
        params: &Map,
        context: &mut Context<'_>,
    ) -> Option<(Signature, Tube)> {
        let Some(param) = node.params.get("tube") else {
            if !node.skipped {
                let owner = format!("node `{}` (tube)", node.id.value);
                self.diagnostics.push(
                    node.id.place,
                    DiagnosticKind::MissingKey { owner, key: "tube" },
                );
            }
            return None;
        };
        if let Some(spec) = &param.tube {
            let mut spec = (**spec).clone();
            spec.sources.clone_from(&self.spec.sources);
            return self.inside(node, &spec, None, params, context);
        }
        let Some(Value::Str(name)) = params.get("tube") else {
            if !node.skipped && params.contains_key("tube") {
                let what = format!("`tube` of node `{}`", node.id.value);
                let found = "something else".into();
                let kind = DiagnosticKind::WrongKind {
                    what,
                    expected: "the id of a tube, or a tube",
                    found,
                };
                self.diagnostics.push(param.place, kind);
            }
            return None;
        };
        let (chain, tubes) = (&context.chain, context.tubes);
        let source = find_tube(name, param.place, chain, tubes, self.diagnostics)?;
        if context.chain.len() > MAX_TUBES {
            self.diagnostics.push(
                param.place,
                DiagnosticKind::TubesTooDeep { limit: MAX_TUBES },
            );
            return None;
        }
        let mut diagnostics = Diagnostics::new(source.clone());
        let spec = read(&source, context.tubes, &mut diagnostics);
        self.diagnostics.extend(diagnostics.into_list());
        let link = Some((name.clone(), source));
        self.inside(node, &spec?, link, params, context)
    }

    fn inside(
        &mut self,
        node: &NodeSpec,
        spec: &TubeSpec,
        link: Option<(Name, Source)>,
        params: &Map,
        context: &mut Context<'_>,
    ) -> Option<(Signature, Tube)> {
        let (values, unavailable) = self.child_inputs(node, spec, params);
        let mut diagnostics = Diagnostics::with_sources(spec.sources.clone());
        let linked = link.is_some();
        context.chain.extend(link);
        let inside = std::mem::replace(&mut context.inside, true);
        let (child, signal_types) = check(spec, context, &values, unavailable, &mut diagnostics);
        context.inside = inside;
        if linked {
            context.chain.pop();
        }
        self.diagnostics.extend(diagnostics.into_list());
        let signature = Signature {
            signal_types,
            ..special::tube(spec)
        };
        Some((signature, child))
    }

    /// Returns the values of the tube-scoped inputs of a tube inside, and the inputs that have
    /// none.
    ///
    /// The parameters of the node come first, then the inputs given to this tube, then its
    /// defaults.
    fn child_inputs(
        &mut self,
        node: &NodeSpec,
        child: &TubeSpec,
        params: &Map,
    ) -> (Map, HashSet<Name>) {
        let mut values = Map::new();
        let mut unavailable = HashSet::new();
        for (name, input) in child
            .inputs
            .iter()
            .filter(|(_, input)| input.scope == InputScope::Tube)
        {
            self.used_inputs.insert(name.clone());
            let outer = self.spec.inputs.get(name);
            let outer_value = self
                .given
                .get(&**name)
                .filter(|_| outer.is_some_and(|outer| outer.scope == InputScope::Tube))
                .cloned()
                .or_else(|| outer?.default.as_ref().map(Value::from));
            let param = match (params.get(&**name), node.params.get(name)) {
                (Some(value), Some(param)) => {
                    let what = format!("input `{name}` of tube `{}`", child.id.value);
                    let value = self.conform(&Input::from(input), value, what, param.place);
                    if value.is_none() {
                        // Reported at the parameter.
                        unavailable.insert(name.clone());
                        continue;
                    }
                    value
                }
                _ => None,
            };
            match param.or(outer_value) {
                Some(value) => drop(values.insert(name.to_string(), value)),
                None if input.required && input.default.is_none() => {
                    // Reported here, or where the value should have come from.
                    unavailable.insert(name.clone());
                    if !node.skipped
                        && !node.params.contains_key(name)
                        && !self.unavailable.contains(name)
                    {
                        let (node, tube, input) =
                            (node.id.clone(), child.id.value.clone(), name.clone());
                        let kind = DiagnosticKind::MissingChildInput {
                            node: node.value,
                            tube,
                            input,
                        };
                        self.diagnostics.push(node.place, kind);
                    }
                }
                None => {}
            }
        }
        for (name, param) in node.params.iter().filter(|(name, _)| &***name != "tube") {
            let why = match child.inputs.get(name).map(|input| input.scope) {
                Some(InputScope::Tube) => continue,
                Some(InputScope::Process) => "that input is given anew for each call, by `depends`",
                None if child.skipped.inputs => continue,
                None if nearest(name, child.inputs.keys()).is_some() => {
                    "it has no such input (is the name misspelt?)"
                }
                None => "it has no such input",
            };
            let (node, tube) = (node.id.value.clone(), child.id.value.clone());
            let kind = DiagnosticKind::IgnoredByTube {
                node,
                tube,
                name: name.clone(),
                why,
            };
            self.diagnostics.push(param.key, kind);
        }
        (values, unavailable)
    }
}
