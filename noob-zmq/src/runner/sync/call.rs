//! Call of a node, and the events that it emits.

use super::SyncRunner;
use crate::graph::{Emit, Epoch, Event, NodeIx, SignalUpdate, Timestamp};
use crate::runner::node_factory::failure;
use crate::runner::panic_guard::catch_panic;
use crate::runner::{Phase, RunError};

impl SyncRunner {
    /// Calls a node, and applies the events that it emits.
    pub(super) fn call(&mut self, epoch: Epoch, node: NodeIx) -> Result<(), RunError> {
        let mut outputs = std::mem::take(&mut self.outputs);
        match &mut self.nodes[node.index()] {
            Some(live) => {
                let inputs = &mut self.inputs;
                inputs.renew(&self.store, epoch, node);
                let call = self.meters.begin(node, inputs.epoch.number());
                let begun = self.tracer.begin_call();
                let outcome = catch_panic(|| live.process(inputs, &mut outputs));
                self.meters.end(node, &call);
                let name = self.plan.node_name(node);
                self.tracer.end_call(name, &inputs.epoch, begun, &outcome);
                if let Err(error) = outcome {
                    self.meters.fail(node, &error);
                    let name = self.plan.node_name(node);
                    let epoch = Some(inputs.epoch.clone());
                    return Err(failure(&self.tube, name, Phase::Process, epoch, error));
                }
            }
            None => {
                self.store.add_arguments(&epoch, node, &mut self.arguments);
                self.result.call(&mut self.arguments);
                for signal in self.plan.signals_of(node) {
                    outputs.emit(self.plan.signal_name(signal).to_string(), Emit::Nothing);
                }
                self.inputs.epoch = epoch;
            }
        }
        let at = &self.inputs.epoch;
        let recorded = self.recorder.is_on();
        let wanted = !self.callbacks.is_empty() || recorded || self.plan.asks_for_events();
        let timestamp = if wanted {
            crate::actor::now()
        } else {
            Timestamp::from_micros(0)
        };
        let mut events = Vec::new();
        for said in outputs.drain() {
            let epoch = said.epoch.as_ref().unwrap_or(at);
            let Some(signal) = self.plan.signal_index(node, &said.signal) else {
                tracing::debug!(node = %self.plan.node_name(node), signal = %said.signal, "said \
                on a signal that it does not have");
                continue;
            };
            let update = SignalUpdate::from(&said.value);
            let _ = self.scheduler.apply(epoch, signal, update);
            self.meters.emit(signal, &said.value);
            self.meters.tap(&self.plan, signal, epoch, &said.value);
            let id = self.ids.next();
            if !self.callbacks.is_empty() || recorded {
                events.push(Event {
                    id,
                    timestamp,
                    node_id: self.plan.node_name(node).clone(),
                    signal: self.plan.signal_name(signal).clone(),
                    epoch: epoch.clone(),
                    value: said.value.clone(),
                });
            }
            if let Emit::Value(value) = said.value {
                self.emitted = true;
                self.replacement.record(signal, &value, &mut self.replaced);
                self.store.put_event(epoch, signal, value, id, timestamp);
            }
        }
        let _ = self.scheduler.node_done(at, node);
        self.outputs = outputs;
        for event in &events {
            self.recorder.event(event);
            for callback in &mut self.callbacks {
                callback(event);
            }
        }
        Ok(())
    }
}
