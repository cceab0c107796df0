//! Samples of the values of one node, taken in its process.

use super::sampler::Sampler;
use super::summary::summarize;
use crate::graph::{Emit, Epoch, Name, Timestamp, Value};
use crate::wire::message::SampledValue;

/// Bytes of the values in one report: a report is never long, so that it is never late.
const REPORT: u64 = 4 << 20;

/// Signals of a node that somebody taps, and the samples that were not sent yet.
#[derive(Debug, Default)]
pub(crate) struct NodeSamples {
    signals: Vec<(Name, Sampler)>,
    taken: Vec<SampledValue>,
    /// Bytes of the values that were taken.
    bytes: u64,
}

impl NodeSamples {
    /// Sets which signals of all nodes are tapped.
    pub(crate) fn select(&mut self, node: &Name, tapped: &[(Name, Name)]) {
        let mut before = std::mem::take(&mut self.signals);
        for (_, signal) in tapped.iter().filter(|(tapped, _)| tapped == node) {
            // A signal that stays keeps its budget.
            let known = before.iter().position(|(known, _)| known == signal);
            let entry = known.map(|place| before.swap_remove(place));
            let fresh = || (signal.clone(), Sampler::default());
            self.signals.push(entry.unwrap_or_else(fresh));
        }
    }

    /// Takes a sample of an event, if its signal is tapped and a sample is due.
    pub(crate) fn add(&mut self, signal: &Name, epoch: &Epoch, timestamp: Timestamp, value: &Emit) {
        if self.signals.is_empty() {
            return;
        }
        let mut signals = self.signals.iter_mut();
        let sampler = signals.find(|(tapped, _)| tapped == signal);
        let (Some((_, sampler)), Emit::Value(value)) = (sampler, value) else {
            return;
        };
        if self.bytes > REPORT {
            sampler.skip();
            return;
        }
        if let Some(skipped) = sampler.admit(timestamp, value.size()) {
            let summary = summarize(value);
            if summary.is_none() {
                self.bytes += value.size();
            }
            self.taken.push(SampledValue {
                signal: signal.clone(),
                epoch: epoch.clone(),
                timestamp,
                value: if summary.is_some() {
                    Value::Null
                } else {
                    value.clone()
                },
                summary,
                bytes: value.size(),
                skipped,
            });
        }
    }

    /// Returns the samples since the last call.
    pub(crate) fn drain(&mut self) -> Vec<SampledValue> {
        self.bytes = 0;
        std::mem::take(&mut self.taken)
    }
}
