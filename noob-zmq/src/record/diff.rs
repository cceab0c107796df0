//! Compares two records, epoch by epoch and signal by signal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::description::INPUT;
use super::reader::Channel;
use super::scan::MessageItem;
use super::{EpochResult, Record, RecordError};
use crate::graph::{Emit, Epoch, Value};

/// First difference between two records.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Difference {
    /// An epoch is in one of them only: in the first if `in_first`.
    Epoch {
        /// Number of the epoch.
        epoch: u32,
        /// Whether the first record has it.
        in_first: bool,
    },
    /// An epoch has another result.
    Result {
        /// Number of the epoch.
        epoch: u32,
        /// Results of the two records.
        results: (EpochResult, EpochResult),
    },
    /// A signal has another value; `None` stands for no value.
    Value {
        /// Name of the signal: `node.signal`.
        signal: String,
        /// Epoch of the value.
        epoch: Epoch,
        /// Values of the two records.
        values: Box<(Option<Value>, Option<Value>)>,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Epoch { epoch, in_first } => {
                let which = if *in_first { "first" } else { "second" };
                write!(f, "epoch {epoch} is only in the {which} record")
            }
            Self::Result {
                epoch,
                results: (one, other),
            } => write!(
                f,
                "epoch {epoch} is {} in the first record, and {} in the second",
                word(*one),
                word(*other)
            ),
            Self::Value {
                signal,
                epoch,
                values,
            } => {
                write!(f, "epoch {epoch}, `{signal}`: ")?;
                shown(f, values.0.as_ref())?;
                f.write_str(" in the first record, and ")?;
                shown(f, values.1.as_ref())?;
                f.write_str(" in the second")
            }
        }
    }
}

const fn word(result: EpochResult) -> &'static str {
    match result {
        EpochResult::Done => "done",
        EpochResult::Failed => "failed",
        EpochResult::Skipped => "skipped",
    }
}

/// Writes a value, cut to some letters.
fn shown(f: &mut fmt::Formatter<'_>, value: Option<&Value>) -> fmt::Result {
    match value {
        Some(value) => write!(f, "{:.120}", value.to_string()),
        None => f.write_str("no value"),
    }
}

/// Comparison of two records.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Comparison {
    /// The first difference, if there is one.
    pub difference: Option<Difference>,
    /// Signals that only one of the records has; they are not compared.
    pub only_in_one: Vec<String>,
    /// The number of epochs that are equal.
    pub equal_epochs: u64,
}

/// Compares two records in the signals that both have.
///
/// A signal without a value in an epoch is equal to one whose node was not called there: nobody
/// can tell the two apart. Of epochs that failed or were skipped, only the results are compared:
/// the events before a failure are a matter of chance.
///
/// # Errors
/// A record that is damaged or cannot be read.
pub fn compare(first: &Record, second: &Record) -> Result<Comparison, RecordError> {
    first.check()?;
    second.check()?;
    let names = |record: &Record| -> BTreeSet<String> {
        let signals = record.signals().into_iter();
        signals.map(|signal| signal.name()).collect()
    };
    let (one, other) = (names(first), names(second));
    let mut comparison = Comparison {
        difference: None,
        only_in_one: one.symmetric_difference(&other).cloned().collect(),
        equal_epochs: 0,
    };
    let mut both: Vec<String> = one.intersection(&other).cloned().collect();
    // Inputs first, and signals in the order of the tube.
    let order = first.signal_names();
    both.sort_by_key(|name| {
        let is_input = name.split('.').next() == Some(INPUT);
        (!is_input, order.iter().position(|known| known == name))
    });
    let (ones, others) = (by_epoch(first), by_epoch(second));
    let epochs = first.epochs().chain(second.epochs());
    let epochs: BTreeSet<u32> = epochs.map(|marker| marker.epoch).collect();
    for epoch in epochs {
        let difference = match (first.marker(epoch), second.marker(epoch)) {
            (Some(one), Some(other)) if one.result != other.result => Some(Difference::Result {
                epoch,
                results: (one.result, other.result),
            }),
            // What was emitted before a failure is a matter of chance.
            (Some(one), Some(_)) if one.result != EpochResult::Done => None,
            (Some(_), Some(_)) => {
                let one = values(first, ones.get(&epoch), &both)?;
                let other = values(second, others.get(&epoch), &both)?;
                first_difference(&one, &other, &both)
            }
            (one, _) => Some(Difference::Epoch {
                epoch,
                in_first: one.is_some(),
            }),
        };
        if difference.is_some() {
            comparison.difference = difference;
            break;
        }
        comparison.equal_epochs += 1;
    }
    Ok(comparison)
}

fn by_epoch(record: &Record) -> BTreeMap<u32, Vec<MessageItem>> {
    let mut epochs: BTreeMap<u32, Vec<MessageItem>> = BTreeMap::new();
    for message in record.messages() {
        epochs.entry(message.sequence).or_default().push(*message);
    }
    epochs
}

/// Values by signal and epoch, those of a signal in an epoch in their order.
///
/// A signal is its place among the signals that are compared.
type Values = BTreeMap<(usize, Epoch), Vec<Option<Value>>>;

fn values(
    record: &Record,
    messages: Option<&Vec<MessageItem>>,
    signals: &[String],
) -> Result<Values, RecordError> {
    let mut values = Values::new();
    for message in messages.into_iter().flatten() {
        let name = record.channel(message).map(Channel::name);
        let place = signals
            .iter()
            .position(|signal| Some(signal) == name.as_ref());
        let Some(place) = place else { continue };
        let event = record.event(message)?;
        let value = match event.emit {
            Some(Emit::Nothing | Emit::Exhausted) => continue,
            Some(Emit::Value(value)) => Some(value),
            // Of a value for readers, only its presence is compared.
            None => None,
        };
        values.entry((place, event.epoch)).or_default().push(value);
    }
    Ok(values)
}

/// Returns the first difference, by the order of the signals: that of a node further up comes
/// before those that follow from it.
fn first_difference(one: &Values, other: &Values, signals: &[String]) -> Option<Difference> {
    let keys: BTreeSet<&(usize, Epoch)> = one.keys().chain(other.keys()).collect();
    let empty = Vec::new();
    for key in keys {
        let ones = one.get(key).unwrap_or(&empty);
        let others = other.get(key).unwrap_or(&empty);
        for place in 0..ones.len().max(others.len()) {
            let same = match (ones.get(place), others.get(place)) {
                (Some(Some(one)), Some(Some(other))) => one.same(other),
                (one, other) => one.is_some() == other.is_some(),
            };
            if !same {
                let value = |values: &[Option<Value>]| values.get(place).cloned().flatten();
                return Some(Difference::Value {
                    signal: signals.get(key.0).cloned().unwrap_or_default(),
                    epoch: key.1.clone(),
                    values: Box::new((value(ones), value(others))),
                });
            }
        }
    }
    None
}
