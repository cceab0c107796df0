//! Declared and given inputs, and their values at the time when the tube is made.

use noob_zmq_spec::check::unknown_input;
use noob_zmq_spec::suggest::nearest;

use super::checker::Checker;
use crate::graph::coerce::NotOfType;
use crate::graph::spec::{DiagnosticKind, EnabledSpec, NodeSpec};
use crate::graph::{Input, InputScope, Name, Place, Value};

impl Checker<'_> {
    /// Determines the value of every tube-scoped input.
    pub(super) fn inputs(&mut self) {
        let (spec, given) = (self.spec, self.given);
        for (name, input) in &spec.inputs {
            let declared = Input::from(input);
            if let Some(default) = &input.default {
                let what = format!("the default of input `{name}`");
                self.conform(&declared, &default.into(), what, input.id.place);
            }
            if input.scope == InputScope::Process {
                continue;
            }
            let given = given.get(&**name).map(|value| {
                let what = format!("input `{name}`");
                self.conform(&declared, value, what, input.id.place)
                    .unwrap_or_default()
            });
            match given.or(declared.default) {
                Some(value) => drop(self.tube_input.insert(name.to_string(), value)),
                None if !input.required => {
                    drop(self.tube_input.insert(name.to_string(), Value::Null))
                }
                None if self.unavailable.contains(name) => {}
                None => {
                    let kind = DiagnosticKind::MissingInput {
                        input: name.clone(),
                        type_name: input.type_name.clone(),
                    };
                    self.diagnostics.push(input.id.place, kind);
                    self.unavailable.insert(name.clone());
                }
            }
        }
        for name in given.keys() {
            match spec.inputs.get(&**name) {
                None if spec.skipped.inputs => {}
                None => {
                    let near = nearest(name, spec.inputs.keys()).cloned();
                    let kind = DiagnosticKind::GivenUnknown {
                        input: name.as_str().into(),
                        near,
                    };
                    self.diagnostics.push(spec.id.place, kind);
                }
                Some(input) if input.scope == InputScope::Process => {
                    let kind = DiagnosticKind::GivenTooEarly {
                        input: name.as_str().into(),
                    };
                    self.diagnostics.push(input.id.place, kind);
                }
                Some(_) => {}
            }
        }
    }

    /// Returns the value as one of the declared type, or reports that it is none.
    pub(super) fn conform(
        &mut self,
        input: &Input,
        value: &Value,
        what: String,
        place: Place,
    ) -> Option<Value> {
        let report = |NotOfType {
                          type_name,
                          found,
                          needs,
                      }| {
            let kind = DiagnosticKind::InputType {
                what,
                type_name,
                found,
                expected: needs,
            };
            self.diagnostics.push(place, kind);
        };
        input.conform(value).map_err(report).ok()
    }

    /// Returns the value that an input has when the tube is made, or reports that it has none.
    pub(super) fn available(
        &mut self,
        owner: &Name,
        input: &str,
        place: Place,
        used_in: &'static str,
    ) -> Option<Value> {
        let spec = self.spec;
        self.used_inputs.insert(input.into());
        if let Some(value) = self.tube_input.get(input) {
            return Some(value.clone());
        }
        match spec.inputs.get(input) {
            Some(declared) if declared.scope == InputScope::Process => {
                match (&declared.default, declared.required) {
                    (Some(_), _) => return Input::from(declared).default,
                    (None, false) => return Some(Value::Null),
                    (None, true) => {
                        let kind = DiagnosticKind::InputTooLate {
                            input: input.into(),
                            used_in,
                        };
                        self.diagnostics.push(place, kind);
                    }
                }
            }
            // The missing value was reported at the declaration.
            Some(_) => {}
            None => {
                let in_params = used_in == "`params`";
                unknown_input(spec, owner, input, place, in_params, self.diagnostics);
            }
        }
        None
    }

    pub(super) fn enabled(&mut self, node: &NodeSpec) -> bool {
        match &node.enabled {
            EnabledSpec::Always(truth) => *truth,
            EnabledSpec::Input(input) => {
                let value = self.available(&node.id.value, &input.value, input.place, "`enabled`");
                value.is_none_or(|value| truth(&value))
            }
        }
    }

    /// Warns of inputs that are not used.
    pub(super) fn unused_inputs(&mut self) {
        // A tube inside may take any input of this one by its name.
        if self
            .nodes
            .values()
            .any(|node| node.kind == crate::graph::TubeNodeKind::Tube)
        {
            return;
        }
        let spec = self.spec;
        for (name, input) in &spec.inputs {
            // An input of an extended tube is meant for all tubes that extend it.
            if !self.used_inputs.contains(name) && input.id.place.file == 0 {
                let kind = DiagnosticKind::UnusedInput {
                    input: Name::clone(name),
                };
                self.diagnostics.push(input.id.place, kind);
            }
        }
    }
}

/// Returns whether a value is true in Python.
fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Int(int) => *int != 0,
        Value::UInt(int) => *int != 0,
        Value::Float(float) => *float != 0.0,
        Value::Str(text) => !text.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Map(pairs) => !pairs.is_empty(),
        Value::Bytes(bytes) => !bytes.is_empty(),
        _ => true,
    }
}
