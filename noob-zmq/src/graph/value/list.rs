//! Lists: values, or numbers of one type side by side in memory.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use super::{Bytes, Number, NumberType, Value};

/// A list of values; a clone shares its contents.
///
/// The numbers of a `Vec<u8>`, a `Vec<f32>` and the like, which a node takes or returns, are
/// packed: they lie side by side, and are neither converted nor copied one by one. A packed list is
/// equal to a list of the same numbers, and is read in the same way: it is a slice of values, which
/// are made when they are first asked for.
///
/// ```
/// use noob_zmq::graph::{List, Value};
///
/// let packed = List::packed(vec![1_u8, 2, 3]);
/// assert_eq!(packed, List::from(vec![1.into(), 2.into(), 3.into()]));
/// assert_eq!(packed[2], Value::Int(3));
/// ```
#[derive(Clone)]
pub struct List(Contents);

#[derive(Clone)]
enum Contents {
    Values(Arc<Vec<Value>>),
    Packed(Arc<Packed>),
}

struct Packed {
    number: NumberType,
    /// As many bytes as a multiple of the size of a number.
    data: Bytes,
    values: OnceLock<Vec<Value>>,
}

/// Vector whose bytes are the data of a packed list.
struct Owner<N>(Vec<N>);

impl<N: Number> AsRef<[u8]> for Owner<N> {
    fn as_ref(&self) -> &[u8] {
        bytemuck::cast_slice(&self.0)
    }
}

impl List {
    /// Creates a packed list.
    #[must_use]
    pub fn packed<N: Number + Send>(numbers: Vec<N>) -> Self {
        Self(Contents::Packed(Arc::new(Packed {
            number: N::TYPE,
            data: Bytes::from_owner(Owner(numbers)),
            values: OnceLock::new(),
        })))
    }

    /// Creates a packed list of the numbers in these bytes, in the byte order of this host; `None`
    /// if there are bytes left over.
    #[must_use]
    pub fn from_bytes(number: NumberType, data: Bytes) -> Option<Self> {
        data.len().is_multiple_of(number.size()).then(|| {
            Self(Contents::Packed(Arc::new(Packed {
                number,
                data,
                values: OnceLock::new(),
            })))
        })
    }

    /// Returns the type and the bytes of the numbers of a packed list.
    #[must_use]
    pub fn as_packed(&self) -> Option<(NumberType, &Bytes)> {
        match &self.0 {
            Contents::Values(_) => None,
            Contents::Packed(packed) => Some((packed.number, &packed.data)),
        }
    }

    /// Returns the number of values.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Contents::Values(values) => values.len(),
            Contents::Packed(packed) => packed.data.len() / packed.number.size(),
        }
    }

    /// Returns whether the list has no values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the approximate size of the contents in bytes.
    pub(super) fn size(&self) -> u64 {
        match &self.0 {
            Contents::Values(values) => values.iter().map(Value::size).sum(),
            Contents::Packed(packed) => packed.data.len() as u64,
        }
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        match &self.0 {
            Contents::Values(values) => values,
            Contents::Packed(packed) => packed.values.get_or_init(|| {
                let numbers = packed.data.chunks_exact(packed.number.size());
                numbers
                    .filter_map(|bytes| packed.number.read(bytes))
                    .collect()
            }),
        }
    }
}

impl From<Vec<Value>> for List {
    fn from(values: Vec<Value>) -> Self {
        Self(Contents::Values(Arc::new(values)))
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        values.into_iter().collect::<Vec<_>>().into()
    }
}

impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && **self == **other
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
