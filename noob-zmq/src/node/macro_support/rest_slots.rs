//! What takes the slots that a node does not name.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use indexmap::IndexMap;

/// What an argument marked `#[slot(rest)]` can be: a mapping from the names of slots to their values.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot take the rest of the slots",
    label = "no mapping from names to values",
    note = "the rest of the slots is an `IndexMap<String, T>` (in the order of the file), a `BTreeMap<String, T>` or a `HashMap<String, T>`"
)]
pub trait RemainingSlots: FromIterator<(String, Self::Item)> {
    /// What each of the slots takes.
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
