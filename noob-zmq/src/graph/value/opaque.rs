//! Objects of another language, written down by those who know it.

use std::fmt;

use bytes::Bytes;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::graph::Name;

/// An object that only programs which know its kind can open, such as one that another language
/// has serialized.
///
/// This library carries it, and never looks inside.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Opaque {
    /// Kind of the object, which says how to open it (`pickle`).
    pub kind: Name,
    /// The serialized object.
    pub data: Bytes,
    /// Memory that the serialized object refers to, in its order.
    pub buffers: Vec<Bytes>,
}

impl Opaque {
    /// Returns an object without further memory.
    pub fn new(kind: impl Into<Name>, data: impl Into<Bytes>) -> Self {
        Self {
            kind: kind.into(),
            data: data.into(),
            buffers: Vec::new(),
        }
    }

    /// Sets the memory that the serialized object refers to.
    #[must_use]
    pub fn with_buffers(mut self, buffers: Vec<Bytes>) -> Self {
        self.buffers = buffers;
        self
    }

    /// Returns the number of bytes of the object and its memory.
    #[must_use]
    pub fn size(&self) -> u64 {
        let buffers = self.buffers.iter().map(Bytes::len);
        (self.data.len() + buffers.sum::<usize>()) as u64
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opaque")
            .field("kind", &self.kind)
            .field("size", &self.size())
            .finish()
    }
}

/// Bytes in the form in which serde writes bytes.
struct Raw(Bytes);

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Raw;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Raw, E> {
                Ok(Raw(Bytes::copy_from_slice(bytes)))
            }

            fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<Raw, E> {
                Ok(Raw(bytes.into()))
            }

            // JSON has no bytes.
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = items.next_element::<u8>()? {
                    bytes.push(byte);
                }
                Ok(Raw(bytes.into()))
            }
        }
        deserializer.deserialize_byte_buf(Reader)
    }
}

impl Serialize for Opaque {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let buffers: Vec<Raw> = self.buffers.iter().cloned().map(Raw).collect();
        (&*self.kind, Raw(self.data.clone()), buffers).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Opaque {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (kind, data, buffers) = <(String, Raw, Vec<Raw>)>::deserialize(deserializer)?;
        if kind.is_empty() {
            return Err(D::Error::custom(
                "an object of another language has no kind",
            ));
        }
        let buffers = buffers.into_iter().map(|raw| raw.0).collect();
        Ok(Self::new(kind, data.0).with_buffers(buffers))
    }
}
