//! `params` of a node: inputs replaced by their values, names and values compared with the type.

use super::checker::{Available, Checker};
use crate::graph::spec::mistake::Mistake;
use crate::graph::spec::names::{input_reference, nearest};
use crate::graph::spec::raw::NodeSpec;
use crate::graph::spec::yaml::shorten;
use crate::graph::{Map, Name, Signature, Value};

impl Checker<'_> {
    /// The parameters with `input.x` replaced, and whether every one has a value.
    pub(super) fn resolve_params(&mut self, node: &NodeSpec) -> (Map, bool) {
        let mut params = Map::new();
        let mut complete = true;
        for (name, param) in &node.params {
            let reference = match &param.value {
                Value::Str(text) => input_reference(text),
                _ => None,
            };
            let value = match reference {
                None => param.value.clone(),
                Some(input) => match self.available(&node.id.value, input, param.place, "`params`")
                {
                    Available::Yes(value) => value,
                    Available::Reported => {
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
                let mistake = Mistake::UnknownParam {
                    node: node.id.value.clone(),
                    type_name: type_name.clone(),
                    param: name.clone(),
                    known: known.clone(),
                    near: nearest(name, &known),
                    slot: signature.slots.iter().any(|slot| slot.name == *name),
                };
                self.problems.push(written.key, mistake);
                continue;
            };
            if let Some(value) = params.get(&**name)
                && let Err(reason) = (param.check)(value)
            {
                let mistake = Mistake::ParamValue {
                    node: node.id.value.clone(),
                    param: name.clone(),
                    value: say(value),
                    reason,
                    param_type: param.type_name.clone(),
                };
                // A value that could not be read was reported.
                if !self.problems.any_at(written.place) {
                    self.problems.push(written.place, mistake);
                }
            }
        }
        if node.lost || !complete {
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
            // What `depends` may feed as well is looked at there.
            if !misspelt && !signature.slots.iter().any(|slot| slot.name == param.name) {
                let mistake = Mistake::MissingParam {
                    node: node.id.value.clone(),
                    type_name: type_name.clone(),
                    param: param.name.clone(),
                    param_type: param.type_name.clone(),
                };
                self.problems.push(node.id.place, mistake);
            }
        }
    }
}

/// A value, as said in messages.
fn say(value: &Value) -> String {
    match value {
        Value::Null => "`null`".into(),
        Value::Bool(truth) => format!("`{truth}`"),
        Value::Int(int) => format!("`{int}`"),
        Value::UInt(int) => format!("`{int}`"),
        Value::BigInt(digits) => format!("`{}`", shorten(digits)),
        Value::Float(float) => format!("`{float:?}`"),
        Value::Str(text) => format!("`{}`", shorten(text)),
        Value::List(_) => "a list".into(),
        Value::Map(_) => "a mapping".into(),
        _ => "this value".into(),
    }
}
