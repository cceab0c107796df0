//! Epochs: the keys by which events belong together.

use std::{cmp::Ordering, fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, SeqAccess, Unexpected, Visitor},
    ser::SerializeSeq,
};

use super::Name;

/// Key by which events belong together: a root number, and one segment for each `map` above.
///
/// Epochs are ordered by root, then segment by segment, a parent before its children.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Epoch {
    root: u32,
    path: Option<Arc<[Segment]>>,
}

/// Step below an epoch: the node that made the sub-epoch, and its number among its siblings.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Segment {
    /// The node that made the sub-epoch (a `map`).
    pub node: Name,
    /// The number of the sub-epoch, from 0.
    pub index: u32,
}

impl Ord for Segment {
    fn cmp(&self, other: &Self) -> Ordering {
        // Siblings share the name, so that most comparisons need no text.
        let node = if Arc::ptr_eq(&self.node, &other.node) {
            Ordering::Equal
        } else {
            self.node.cmp(&other.node)
        };
        node.then(self.index.cmp(&other.index))
    }
}

impl PartialOrd for Segment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Epoch {
    /// Returns the root epoch of this number.
    #[must_use]
    pub const fn root(number: u32) -> Self {
        Self {
            root: number,
            path: None,
        }
    }

    /// Returns the epoch below root `number` by these segments, outermost first; the root epoch
    /// itself if there are none.
    #[must_use]
    pub fn new(number: u32, path: impl IntoIterator<Item = Segment>) -> Self {
        let path: Arc<[Segment]> = path.into_iter().collect();
        Self {
            root: number,
            path: (!path.is_empty()).then_some(path),
        }
    }

    /// Returns the number of the root epoch.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.root
    }

    /// Returns the segments below the root, outermost first.
    #[must_use]
    pub fn path(&self) -> &[Segment] {
        self.path.as_deref().unwrap_or_default()
    }

    /// Returns whether the epoch is a root epoch.
    #[must_use]
    pub const fn is_root(&self) -> bool {
        self.path.is_none()
    }

    /// Returns true if both are known to be equal without a comparison of their segments.
    ///
    /// `false` does not mean that they differ.
    pub(super) fn is_one_with(&self, other: &Self) -> bool {
        self.root == other.root
            && match (&self.path, &other.path) {
                (None, None) => true,
                (Some(one), Some(other)) => Arc::ptr_eq(one, other),
                _ => false,
            }
    }

    /// Returns the number of segments below the root: 0 for a root epoch.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.path().len()
    }

    /// Returns sub-epoch `index` that `node` makes of this epoch.
    #[must_use]
    pub fn child(&self, node: impl Into<Name>, index: u32) -> Self {
        let last = Segment {
            node: node.into(),
            index,
        };
        Self {
            root: self.root,
            path: Some(self.path().iter().cloned().chain([last]).collect()),
        }
    }

    /// Returns the epoch of which this sub-epoch was made; `None` for a root epoch.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, above) = self.path().split_last()?;
        Some(Self {
            root: self.root,
            path: (!above.is_empty()).then(|| above.into()),
        })
    }

    /// Returns the epochs above this one, from its parent up to the root epoch; none for a root
    /// epoch.
    pub fn parents(&self) -> impl Iterator<Item = Self> {
        std::iter::successors(self.parent(), Self::parent)
    }

    /// Returns the first `n` sub-epochs that `node` makes of this epoch.
    pub fn children(&self, node: impl Into<Name>, n: u32) -> impl Iterator<Item = Self> {
        let node = node.into();
        (0..n).map(move |index| self.child(Arc::clone(&node), index))
    }

    /// Returns the epoch `n` after this one, among the root epochs or the sub-epochs of one parent.
    ///
    /// `None` if there are no more numbers.
    #[must_use]
    pub fn checked_add(&self, n: u32) -> Option<Self> {
        self.with_last(|number| number.checked_add(n))
    }

    /// Returns the epoch `n` before this one, as with [`checked_add`](Self::checked_add).
    ///
    /// `None` if there is none: numbers begin at 0.
    #[must_use]
    pub fn checked_sub(&self, n: u32) -> Option<Self> {
        self.with_last(|number| number.checked_sub(n))
    }

    /// Returns the epoch with another number in its last segment.
    fn with_last(&self, number: impl FnOnce(u32) -> Option<u32>) -> Option<Self> {
        match self.path().split_last() {
            None => number(self.root).map(Self::root),
            Some((last, above)) => {
                let last = Segment {
                    node: Arc::clone(&last.node),
                    index: number(last.index)?,
                };
                Some(Self {
                    root: self.root,
                    path: Some(above.iter().cloned().chain([last]).collect()),
                })
            }
        }
    }

    /// Returns the root epoch above this one, or the epoch itself if it is a root epoch.
    #[must_use]
    pub const fn root_epoch(&self) -> Self {
        Self::root(self.root)
    }

    /// Returns the last segment: the node that made this sub-epoch, and its number.
    ///
    /// `None` for a root epoch.
    #[must_use]
    pub fn segment(&self) -> Option<&Segment> {
        self.path().last()
    }
}

impl From<u32> for Epoch {
    fn from(number: u32) -> Self {
        Self::root(number)
    }
}

/// `3`, or below a map `(3, ('m', 0))`.
impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return write!(f, "{}", self.root);
        }
        write!(f, "({}", self.root)?;
        for segment in self.path() {
            write!(f, ", ('{}', {})", segment.node, segment.index)?;
        }
        f.write_str(")")
    }
}

/// `3`, or below a map `[3, ["m", 0]]`.
impl Serialize for Epoch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_root() {
            return serializer.serialize_u32(self.root);
        }
        let mut list = serializer.serialize_seq(Some(1 + self.depth()))?;
        list.serialize_element(&self.root)?;
        for segment in self.path() {
            list.serialize_element(&(&segment.node, segment.index))?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for Epoch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EpochVisitor)
    }
}

struct EpochVisitor;

impl<'de> Visitor<'de> for EpochVisitor {
    type Value = Epoch;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an epoch (`7` or `[7, [\"node\", 0]]`)")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Epoch, E> {
        match u32::try_from(number) {
            Ok(number) => Ok(Epoch::root(number)),
            Err(_) => Err(E::invalid_value(Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Epoch, E> {
        match u64::try_from(number) {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(E::invalid_value(Unexpected::Signed(number), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Epoch, A::Error> {
        let Some(root) = items.next_element()? else {
            return Err(de::Error::invalid_length(0, &self));
        };
        let mut path = Vec::new();
        while let Some((node, index)) = items.next_element()? {
            path.push(Segment { node, index });
        }
        Ok(Epoch::new(root, path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn child_has_its_parent() {
        let inner = Epoch::root(3).child("m", 0).child("n", 2);
        assert_eq!(inner.to_string(), "(3, ('m', 0), ('n', 2))");
        assert_eq!(inner.depth(), 2);
        assert_eq!(inner.parent(), Some(Epoch::root(3).child("m", 0)));
        assert_eq!(
            inner.parent().and_then(|parent| parent.parent()),
            Some(Epoch::root(3))
        );
        assert_eq!(Epoch::root(3).parent(), None);
        assert_eq!(inner.root_epoch(), Epoch::root(3));
        assert_eq!(Epoch::new(3, inner.path().iter().cloned()), inner);
        assert_eq!(Epoch::new(3, []), Epoch::root(3));
        assert!(Epoch::new(3, []).is_root());
    }

    #[test]
    fn addition_changes_the_last_number() {
        let inner = Epoch::root(3).child("m", 1).child("n", 2);
        let at = |index| Some(Epoch::root(3).child("m", 1).child("n", index));
        assert_eq!((inner.checked_add(3), inner.checked_sub(2)), (at(5), at(0)));
        assert_eq!(
            (inner.checked_sub(3), inner.checked_add(u32::MAX)),
            (None, None)
        );
        assert_eq!(Epoch::root(3).checked_add(1), Some(Epoch::root(4)));
        assert_eq!(Epoch::root(3).checked_sub(4), None);
        let above: Vec<Epoch> = inner.parents().collect();
        assert_eq!(above, [Epoch::root(3).child("m", 1), Epoch::root(3)]);
        let two: Vec<Epoch> = above[0].children("n", 2).collect();
        assert_eq!(two, [at(0), at(1)].map(Option::unwrap));
    }

    #[test]
    fn order_is_root_then_segments_parents_first() {
        let root = Epoch::root;
        let ordered = [
            root(1),
            root(2),
            root(2).child("a", 9),
            root(2).child("a", 9).child("z", 0),
            root(2).child("a", 10),
            root(2).child("b", 0),
            root(10),
        ];
        let mut shuffled = ordered.clone();
        shuffled.reverse();
        shuffled.sort();
        assert_eq!(shuffled, ordered);
    }

    #[test]
    fn serde_form_is_a_number_or_a_list() {
        let inner = Epoch::root(7).child("m", 0).child("n", 2);
        for (epoch, json) in [
            (Epoch::root(u32::MAX), "4294967295"),
            (inner, r#"[7,["m",0],["n",2]]"#),
        ] {
            assert_eq!(serde_json::to_string(&epoch).unwrap(), json);
            assert_eq!(serde_json::from_str::<Epoch>(json).unwrap(), epoch);
        }
        assert_eq!(
            serde_json::from_str::<Epoch>("[7]").unwrap(),
            Epoch::root(7)
        );
        for json in [
            "-1",
            "4294967296",
            "7.5",
            "\"7\"",
            "null",
            "[]",
            "[7,1]",
            "[7,[\"m\"]]",
        ] {
            let error = serde_json::from_str::<Epoch>(json).unwrap_err();
            assert!(!error.to_string().is_empty(), "{json}");
        }
    }
}
