//! Reads a msgpack body once, from front to back.
//!
//! A length that a peer claims is used only as far as there are bytes: no memory is allocated for
//! items that are not there.

use super::{
    super::{codec::MAX_DEPTH, error::DecodeProblem},
    BIG_INT, BUFFER, NO_VALUE, OPAQUE, PACKED, TENSOR,
};
use crate::graph::{Bytes, Emit, List, Map, NumberType, Opaque, Tensor, Value};

/// Minimum length of bytes that share the memory of the body instead of being copied out of it.
const SHARED: usize = 512;
/// Maximum number of items for which memory is reserved before they are read.
const FIRST_ROOM: usize = 4096;

/// Cursor over a body.
pub(crate) struct Reader<'a> {
    body: &'a Bytes,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    /// The frames before the body.
    buffers: &'a [Bytes],
    /// The number of those frames that were read.
    used: usize,
}

impl<'a> Reader<'a> {
    /// Returns a reader at byte `at` of the body, which lies below `depth` lists and maps.
    pub(crate) fn new(body: &'a Bytes, at: usize, depth: usize) -> Self {
        Self {
            body,
            bytes: body,
            at,
            depth,
            buffers: &[],
            used: 0,
        }
    }

    /// Returns the reader with the frames before the body.
    pub(crate) const fn with_frames(mut self, buffers: &'a [Bytes]) -> Self {
        self.buffers = buffers;
        self
    }

    /// Returns the offset of the next byte.
    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    fn fail<T>(&self, expected: &str, marker: u8) -> Result<T, DecodeProblem> {
        let found = match marker {
            0xc0 => "null",
            0xc2 | 0xc3 => "a bool",
            0..0x80 | 0xe0.. | 0xcc..=0xcf | 0xd0..=0xd3 => "an integer",
            0xca | 0xcb => "a float",
            0xa0..0xc0 | 0xd9..=0xdb => "a string",
            0x90..0xa0 | 0xdc | 0xdd => "a list",
            0x80..0x90 | 0xde | 0xdf => "a map",
            0xc4..=0xc6 => "bytes",
            0xc7..=0xc9 | 0xd4..=0xd8 => "an extension",
            0xc1 => "the byte 0xc1, which has no meaning",
        };
        let what = format!("expected {expected}, found {found}");
        Err(DecodeProblem::syntax(what, self.at.saturating_sub(1)))
    }

    fn ended<T>(&self, wanted: &str) -> Result<T, DecodeProblem> {
        let what = format!("expected {wanted}, found the end");
        Err(DecodeProblem::syntax(what, self.bytes.len()))
    }

    fn marker(&mut self, expected: &str) -> Result<u8, DecodeProblem> {
        match self.bytes.get(self.at) {
            Some(marker) => {
                self.at += 1;
                Ok(*marker)
            }
            None => self.ended(expected),
        }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeProblem> {
        match self.bytes.get(self.at..).and_then(|rest| rest.get(..len)) {
            Some(taken) => {
                self.at += len;
                Ok(taken)
            }
            None => self.ended(&format!("{len} more bytes")),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeProblem> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    /// Reads a length of one, two or four bytes.
    fn len(&mut self, width: u8) -> Result<usize, DecodeProblem> {
        Ok(match width {
            0 => usize::from(self.array::<1>()?[0]),
            1 => usize::from(u16::from_be_bytes(self.array()?)),
            _ => u32::from_be_bytes(self.array()?) as usize,
        })
    }

    fn down(&mut self) -> Result<(), DecodeProblem> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let what = format!("lists and maps are nested deeper than {MAX_DEPTH} levels");
            return Err(DecodeProblem::syntax(what, self.at));
        }
        Ok(())
    }

    /// Returns an error unless the whole body was read.
    pub(crate) fn end(&self) -> Result<(), DecodeProblem> {
        if self.at == self.bytes.len() {
            return Ok(());
        }
        let what = format!(
            "expected the end of the message, found {} more bytes",
            self.bytes.len() - self.at
        );
        Err(DecodeProblem::syntax(what, self.at))
    }

    /// Reads the start of a list, which must have `count` items.
    pub(crate) fn exactly(&mut self, count: usize, what: &str) -> Result<(), DecodeProblem> {
        let at = self.at;
        match self.list(what)? {
            found if found == count => Ok(()),
            found => {
                let what = format!("expected {what}, found a list of {found}");
                Err(DecodeProblem::syntax(what, at))
            }
        }
    }

    /// Reads the start of a list and returns its length.
    pub(crate) fn list(&mut self, expected: &str) -> Result<usize, DecodeProblem> {
        match self.marker(expected)? {
            marker @ 0x90..0xa0 => Ok(usize::from(marker & 15)),
            0xdc => self.len(1),
            0xdd => self.len(2),
            marker => self.fail(expected, marker),
        }
    }

    /// Reads a string.
    pub(crate) fn str(&mut self, expected: &str) -> Result<&'a str, DecodeProblem> {
        let len = match self.marker(expected)? {
            marker @ 0xa0..0xc0 => usize::from(marker & 31),
            marker @ 0xd9..=0xdb => self.len(marker - 0xd9)?,
            marker => return self.fail(expected, marker),
        };
        self.text(len)
    }

    fn text(&mut self, len: usize) -> Result<&'a str, DecodeProblem> {
        let at = self.at;
        std::str::from_utf8(self.take(len)?).map_err(|error| {
            DecodeProblem::syntax("a string is not UTF-8".to_owned(), at + error.valid_up_to())
        })
    }

    /// Reads an integer from 0.
    pub(crate) fn uint(&mut self, expected: &str) -> Result<u64, DecodeProblem> {
        match self.unsigned() {
            Some(value) => Ok(value),
            None => self.int(expected),
        }
    }

    /// Reads an integer from 0 to 2³²−1.
    pub(crate) fn u32(&mut self, expected: &str) -> Result<u32, DecodeProblem> {
        let at = self.at;
        if let Some(value) = self.unsigned()
            && let Ok(value) = u32::try_from(value)
        {
            return Ok(value);
        }
        self.at = at;
        self.int(expected)
    }

    /// Reads an integer that fits into 64 bits with sign.
    pub(crate) fn i64(&mut self, expected: &str) -> Result<i64, DecodeProblem> {
        let at = self.at;
        if let Some(value) = self.unsigned()
            && let Ok(value) = i64::try_from(value)
        {
            return Ok(value);
        }
        self.at = at;
        self.int(expected)
    }

    /// Reads an integer without sign, which most are; reads nothing if another value comes.
    fn unsigned(&mut self) -> Option<u64> {
        let (value, len) = match self.bytes.get(self.at..)? {
            [small @ 0..0x80, ..] => (u64::from(*small), 1),
            [0xcc, byte, ..] => (u64::from(*byte), 2),
            [0xcd, rest @ ..] => (u16::from_be_bytes(*rest.first_chunk()?).into(), 3),
            [0xce, rest @ ..] => (u32::from_be_bytes(*rest.first_chunk()?).into(), 5),
            [0xcf, rest @ ..] => (u64::from_be_bytes(*rest.first_chunk()?), 9),
            _ => return None,
        };
        self.at += len;
        Some(value)
    }

    fn int<T: TryFrom<i128>>(&mut self, expected: &str) -> Result<T, DecodeProblem> {
        let at = self.at;
        let marker = self.marker(expected)?;
        let Some(value) = self.int_of(marker)? else {
            return self.fail(expected, marker);
        };
        let what = || format!("expected {expected}, found the integer {value}");
        T::try_from(value).map_err(|_| DecodeProblem::syntax(what(), at))
    }

    fn int_of(&mut self, marker: u8) -> Result<Option<i128>, DecodeProblem> {
        Ok(Some(match marker {
            0..0x80 => marker.into(),
            0xe0.. => (marker as i8).into(),
            0xcc => u8::from_be_bytes(self.array()?).into(),
            0xcd => u16::from_be_bytes(self.array()?).into(),
            0xce => u32::from_be_bytes(self.array()?).into(),
            0xcf => u64::from_be_bytes(self.array()?).into(),
            0xd0 => i8::from_be_bytes(self.array()?).into(),
            0xd1 => i16::from_be_bytes(self.array()?).into(),
            0xd2 => i32::from_be_bytes(self.array()?).into(),
            0xd3 => i64::from_be_bytes(self.array()?).into(),
            _ => return Ok(None),
        }))
    }

    /// Returns whether a list comes next.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.bytes.get(self.at), Some(0x90..0xa0 | 0xdc | 0xdd))
    }

    /// Returns the capacity to reserve for items of which a peer claims to send `claimed`.
    pub(crate) fn capacity_for(&self, claimed: usize) -> usize {
        claimed.min(self.bytes.len() - self.at).min(FIRST_ROOM)
    }

    /// Reads a value, or one of the two signs for no value.
    pub(crate) fn emit(&mut self) -> Result<Emit, DecodeProblem> {
        match self.bytes.get(self.at..) {
            Some([0xd4, NO_VALUE, sign @ (0 | 1), ..]) => {
                self.at += 3;
                Ok(if *sign == 0 {
                    Emit::Nothing
                } else {
                    Emit::Exhausted
                })
            }
            _ => self.value().map(Emit::Value),
        }
    }

    /// Reads a value.
    pub(crate) fn value(&mut self) -> Result<Value, DecodeProblem> {
        let marker = self.marker("a value")?;
        match marker {
            0..0x80 => Ok(Value::Int(marker.into())),
            0xc0 => Ok(Value::Null),
            0xc2 => Ok(Value::Bool(false)),
            0xc3 => Ok(Value::Bool(true)),
            0xca => Ok(Value::Float(f32::from_be_bytes(self.array()?).into())),
            0xcb => Ok(Value::Float(f64::from_be_bytes(self.array()?))),
            0xa0..0xc0 => Ok(self.text(usize::from(marker & 31))?.into()),
            0xd9..=0xdb => {
                let len = self.len(marker - 0xd9)?;
                Ok(self.text(len)?.into())
            }
            0x90..0xa0 => self.items(usize::from(marker & 15)),
            0xdc | 0xdd => {
                let len = self.len(marker - 0xdb)?;
                self.items(len)
            }
            0x80..0x90 => self.entries(usize::from(marker & 15)),
            0xde | 0xdf => {
                let len = self.len(marker - 0xdd)?;
                self.entries(len)
            }
            0xc4..=0xc6 => {
                let len = self.len(marker - 0xc4)?;
                self.data(len).map(Value::Bytes)
            }
            0xc7..=0xc9 => {
                let len = self.len(marker - 0xc7)?;
                self.extension(len)
            }
            0xd4..=0xd8 => self.extension(1 << (marker - 0xd4)),
            _ => match self.int_of(marker)? {
                Some(value) => Ok(value.into()),
                None => self.fail("a value", marker),
            },
        }
    }

    fn items(&mut self, len: usize) -> Result<Value, DecodeProblem> {
        self.down()?;
        let mut items = Vec::with_capacity(self.capacity_for(len));
        for _ in 0..len {
            items.push(self.value()?);
        }
        self.depth -= 1;
        Ok(Value::List(items.into()))
    }

    fn entries(&mut self, len: usize) -> Result<Value, DecodeProblem> {
        self.down()?;
        let mut map = Map::with_capacity(self.capacity_for(len / 2));
        for _ in 0..len {
            let key = self.str("a string as a key")?.to_owned();
            map.insert(key, self.value()?);
        }
        self.depth -= 1;
        Ok(map.into())
    }

    fn data(&mut self, len: usize) -> Result<Bytes, DecodeProblem> {
        let taken = self.take(len)?;
        Ok(if len < SHARED {
            Bytes::copy_from_slice(taken)
        } else {
            self.body.slice_ref(taken)
        })
    }

    /// Reads the reference to a frame and returns its bytes.
    ///
    /// Each frame is referred to once, in the order of the numbers, so that a value is never larger
    /// than what was received.
    fn buffer(&mut self) -> Result<Bytes, DecodeProblem> {
        let at = self.at;
        let number = u32::from_be_bytes(self.array()?);
        let place = self.buffers.len().checked_sub(self.used + 1);
        match place.and_then(|place| self.buffers.get(place)) {
            Some(buffer) if usize::try_from(number) == Ok(self.used) => {
                self.used += 1;
                Ok(buffer.clone())
            }
            _ => {
                let (due, count) = (self.used, self.buffers.len());
                let what = format!("the frame {number} is named, and {due} is due of {count}");
                Err(DecodeProblem::syntax(what, at))
            }
        }
    }

    fn extension(&mut self, len: usize) -> Result<Value, DecodeProblem> {
        let at = self.at;
        let kind = self.array::<1>()?[0];
        let end = self.at + len;
        let value = match kind {
            BIG_INT => Value::integer(self.text(len)?),
            TENSOR => Some(self.tensor()?),
            PACKED => Some(self.packed()?),
            OPAQUE => Some(self.opaque()?),
            BUFFER if len == 4 => Some(Value::Bytes(self.buffer()?)),
            _ => None,
        };
        match value {
            Some(value) if self.at == end => Ok(value),
            _ => {
                let what =
                    format!("an extension of kind {kind} and {len} bytes means nothing here");
                Err(DecodeProblem::syntax(what, at))
            }
        }
    }

    fn tensor(&mut self) -> Result<Value, DecodeProblem> {
        self.exactly(3, "a tensor (type, shape and data)")?;
        let dtype = self.str("the element type of a tensor")?.into();
        let axes = self.list("the shape of a tensor")?;
        let mut shape = Vec::with_capacity(self.capacity_for(axes));
        for _ in 0..axes {
            shape.push(self.uint("the length of an axis")?);
        }
        Ok(Tensor {
            dtype,
            shape: shape.into(),
            data: self.data_or_buffer("the data of a tensor")?,
        }
        .into())
    }

    fn packed(&mut self) -> Result<Value, DecodeProblem> {
        let at = self.at;
        self.exactly(2, "a packed list (type and data)")?;
        let number = NumberType::of(self.str("the type of the numbers of a list")?);
        let data = self.data_or_buffer("the numbers of a list")?;
        let list = number.and_then(|number| List::from_bytes(number, data));
        list.map(Value::List).ok_or_else(|| {
            let what = "a list of numbers of an unknown type, or of part of a number";
            DecodeProblem::syntax(what.to_owned(), at)
        })
    }

    fn opaque(&mut self) -> Result<Value, DecodeProblem> {
        self.exactly(3, "an object of another language (kind, data and buffers)")?;
        let kind = self.str("the kind of an object")?.to_owned();
        let data = self.data_or_buffer("the data of an object")?;
        let count = self.list("the buffers of an object")?;
        let mut buffers = Vec::with_capacity(self.capacity_for(count));
        for _ in 0..count {
            buffers.push(self.data_or_buffer("a buffer of an object")?);
        }
        Ok(Opaque::new(kind, data).with_buffers(buffers).into())
    }

    fn data_or_buffer(&mut self, what: &'static str) -> Result<Bytes, DecodeProblem> {
        match self.marker(what)? {
            marker @ 0xc4..=0xc6 => {
                let len = self.len(marker - 0xc4)?;
                self.data(len)
            }
            0xd6 if self.bytes.get(self.at) == Some(&BUFFER) => {
                self.at += 1;
                self.buffer()
            }
            marker => self.fail(what, marker),
        }
    }
}
