//! `params` of a node: replaces inputs by their values, and compares names and values with the
//! type.

use noob_zmq_spec::shorten;
use noob_zmq_spec::suggest::nearest;

use super::checker::Checker;
use crate::graph::spec::{DiagnosticKind, NodeSpec};
use crate::graph::{Map, Name, Signature, Value};

impl Checker<'_> {
    /// Returns the parameters with `input.x` replaced, and whether every one has a value.
    pub(super) fn resolve_params(&mut self, node: &NodeSpec) -> (Map, bool) {
        let mut params = Map::new();
        let mut complete = true;
        for (name, param) in &node.params {
            if param.tube.is_some() {
                params.insert(name.to_string(), Value::Null);
                continue;
            }
            let value = match param.input() {
                None => Value::from(&param.value),
                Some(input) => match self.available(&node.id.value, input, param.place, "`params`")
                {
                    Some(value) => value,
                    None => {
                        complete = false;
                        continue;
                    }
                },
            };
            params.insert(name.to_string(), value);
        }
        (params, complete)
    }

    /// Compares parameters with those of the type.
    pub(super) fn check_params(
        &mut self,
        node: &NodeSpec,
        signature: &Signature,
        params: &Map,
        complete: bool,
    ) {
        let Some(type_name) = node.type_name.as_ref().map(|name| name.value.clone()) else {
            return;
        };
        let known: Vec<Name> = signature
            .params
            .iter()
            .map(|param| param.name.clone())
            .collect();
        for (name, written) in &node.params {
            let declared = signature.params.iter().find(|param| param.name == *name);
            let Some(param) = declared.or(signature.more_params.as_ref()) else {
                let kind = DiagnosticKind::UnknownParam {
                    node: node.id.value.clone(),
                    type_name: type_name.clone(),
                    param: name.clone(),
                    known: known.clone(),
                    near: nearest(name, &known).cloned(),
                    slot: signature.slots.iter().any(|slot| slot.name == *name),
                };
                self.diagnostics.push(written.key, kind);
                continue;
            };
            if let Some(value) = params.get(&**name)
                && let Err(reason) = (param.check)(value)
            {
                let kind = DiagnosticKind::ParamValue {
                    node: node.id.value.clone(),
                    param: name.clone(),
                    value: describe(value),
                    reason: reason.to_string(),
                    param_type: param.type_name.clone(),
                };
                // A value that could not be read was reported already.
                if !self.diagnostics.any_at(written.place) {
                    self.diagnostics.push(written.place, kind);
                }
            }
        }
        if node.skipped || !complete {
            return;
        }
        for param in signature
            .params
            .iter()
            .filter(|param| param.required && !params.contains_key(&*param.name))
        {
            let misspelt = node
                .params
                .keys()
                .any(|name| !known.contains(name) && nearest(name, [&param.name]).is_some());
            // Parameters that are slots as well are checked with `depends`.
            if !misspelt && !signature.slots.iter().any(|slot| slot.name == param.name) {
                let kind = DiagnosticKind::MissingParam {
                    node: node.id.value.clone(),
                    type_name: type_name.clone(),
                    param: param.name.clone(),
                    param_type: param.type_name.clone(),
                };
                self.diagnostics.push(node.id.place, kind);
            }
        }
    }
}

/// Describes a value for a message.
fn describe(value: &Value) -> String {
    match value {
        Value::List(_) => "a list".into(),
        Value::Map(_) => "a mapping".into(),
        Value::Bytes(_) | Value::Tensor(_) | Value::Object(_) | Value::Opaque(_) => {
            "this value".into()
        }
        Value::Str(text) => format!("`{}`", shorten(text)),
        scalar => format!("`{}`", shorten(&scalar.to_string())),
    }
}
