//! Arguments that take the slots that a node does not name.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use indexmap::IndexMap;

/// Types of an argument with `#[slot(rest)]`: mappings from slot names to values.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot take the rest of the slots",
    label = "no mapping from names to values",
    note = "the rest of the slots is an `IndexMap<String, T>` (in the order of the file), a \
        `BTreeMap<String, T>` or a `HashMap<String, T>`"
)]
pub trait RemainingSlots: FromIterator<(String, Self::Item)> {
    /// Type of the value of each slot.
    type Item;
}

#[diagnostic::do_not_recommend]
impl<T, S: BuildHasher + Default> RemainingSlots for IndexMap<String, T, S> {
    type Item = T;
}

#[diagnostic::do_not_recommend]
impl<T> RemainingSlots for BTreeMap<String, T> {
    type Item = T;
}

#[diagnostic::do_not_recommend]
impl<T, S: BuildHasher + Default> RemainingSlots for HashMap<String, T, S> {
    type Item = T;
}
