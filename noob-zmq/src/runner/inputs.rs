//! Checks and completes the inputs of one epoch.

use noob_zmq_spec::suggest::nearest;

use crate::graph::{ASSETS, Epoch, Input, InputScope, Map, Plan, Store, Tube, Value};
use crate::inputs::{InputError, MissingInput};
use crate::runner::RunError;

/// Values of the inputs in one epoch.
#[derive(Debug, Clone, Default)]
pub(crate) struct EpochInputs {
    given: Map,
}

impl EpochInputs {
    /// Checks the inputs that were given for one epoch; those that the tube does not declare for
    /// `process` are left out, with a warning, as in noob.
    ///
    /// # Errors
    /// A value of another type than the declared one, and all process-scoped inputs that must be
    /// given and were not, by name.
    pub(crate) fn check(tube: &Tube, mut given: Map) -> Result<Self, RunError> {
        let of_process = |name: &str| {
            tube.inputs
                .get(name)
                .is_some_and(|input| input.scope == InputScope::Process)
        };
        given.retain(|name, _| {
            let known = of_process(name);
            if !known {
                let why = unknown(tube, name);
                tracing::warn!(tube = %tube.id, input = %name, "{why}; it is left out");
            }
            known
        });
        for (name, value) in &mut given {
            if let Some(input) = tube.inputs.get(&**name) {
                *value = input.conform(value).map_err(|error| {
                    RunError::Input(InputError::OfAnotherType {
                        input: input.name.clone(),
                        type_name: error.type_name,
                        found: error.found,
                        needs: error.needs,
                    })
                })?;
            }
        }
        let inputs = Self { given };
        let required = tube
            .inputs
            .values()
            .filter(|input| input.scope == InputScope::Process && !input.optional);
        let missing: Vec<MissingInput> = required
            .filter(|input| inputs.find(tube, input).is_none())
            .map(|input| MissingInput::new(input.name.clone(), input.type_name.clone()))
            .collect();
        if missing.is_empty() {
            return Ok(inputs);
        }
        Err(RunError::Input(InputError::Missing {
            tube: tube.id.clone(),
            inputs: missing,
        }))
    }

    /// Returns inputs that the runner has checked already, as a node receives them.
    pub(crate) const fn checked(given: Map) -> Self {
        Self { given }
    }

    /// Returns the inputs that were given.
    pub(crate) const fn given(&self) -> &Map {
        &self.given
    }

    /// Puts the inputs into a store, as values that `input` emits in a root epoch.
    pub(crate) fn put(&self, tube: &Tube, plan: &Plan, store: &mut Store, epoch: u32) {
        let root = Epoch::root(epoch);
        for node in plan
            .given()
            .filter(|node| &**plan.node_name(*node) != ASSETS)
        {
            for signal in plan.signals_of(node) {
                store.put(&root, signal, self.get(tube, plan.signal_name(signal)));
            }
        }
    }

    /// Returns the value of an input in this epoch: the given one, that of the tube, the default,
    /// or null.
    pub(crate) fn get(&self, tube: &Tube, name: &str) -> Value {
        match tube.inputs.get(name) {
            Some(input) => self.find(tube, input).unwrap_or_default(),
            None => Value::Null,
        }
    }

    fn find(&self, tube: &Tube, input: &Input) -> Option<Value> {
        let name = &*input.name;
        let given = self.given.get(name).or_else(|| tube.tube_input.get(name));
        given.or(input.default.as_ref()).cloned()
    }
}

/// Returns the reason why an input cannot be given with `process`.
fn unknown(tube: &Tube, name: &str) -> String {
    if tube.inputs.contains_key(name) {
        return format!("the input `{name}` is given when the tube is loaded, not with `process`");
    }
    let of_process = tube
        .inputs
        .values()
        .filter(|input| input.scope == InputScope::Process);
    match nearest(name, of_process.map(|input| &input.name)) {
        Some(near) => format!("the tube has no input `{name}`; did you mean `{near}`?"),
        None => format!("the tube has no input `{name}`"),
    }
}
