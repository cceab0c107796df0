//! Messages of protobuf, read without their schema.

/// Field of a message.
#[derive(Debug, Clone, Copy)]
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// Message: its fields in their order, each with its number.
#[derive(Debug, Clone)]
pub(crate) struct Proto<'a>(Vec<(u64, Field<'a>)>);

impl<'a> Proto<'a> {
    /// Reads a message.
    ///
    /// # Panics
    /// On bytes that are none.
    pub(crate) fn read(mut bytes: &'a [u8]) -> Self {
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let key = varint(&mut bytes);
            let field = match key & 7 {
                0 => Field::Number(varint(&mut bytes)),
                1 => Field::Number(u64::from_le_bytes(take(&mut bytes, 8).try_into().unwrap())),
                2 => {
                    let length = varint(&mut bytes);
                    Field::Bytes(take(&mut bytes, length as usize))
                }
                5 => {
                    let four = take(&mut bytes, 4).try_into().unwrap();
                    Field::Number(u32::from_le_bytes(four).into())
                }
                other => panic!("a field of the type {other}"),
            };
            fields.push((key >> 3, field));
        }
        Self(fields)
    }

    fn find(&self, number: u64) -> impl Iterator<Item = Field<'a>> {
        let fields = self.0.iter().filter(move |(known, _)| *known == number);
        fields.map(|(_, field)| *field)
    }

    /// Returns the messages in a field.
    pub(crate) fn messages(&self, number: u64) -> Vec<Self> {
        let fields = self.find(number);
        fields.map(|field| Self::read(field.bytes())).collect()
    }

    /// Returns the message in a field, and an empty one if it is missing.
    pub(crate) fn message(&self, number: u64) -> Self {
        self.messages(number).pop().unwrap_or(Self(Vec::new()))
    }

    /// Returns the bytes in a field, and none if it is missing.
    pub(crate) fn bytes(&self, number: u64) -> &'a [u8] {
        self.find(number).last().map_or(&[], Field::bytes)
    }

    /// Returns the text in a field.
    pub(crate) fn text(&self, number: u64) -> String {
        String::from_utf8(self.bytes(number).to_vec()).expect("a text")
    }

    /// Returns the number in a field, if there is one.
    pub(crate) fn number(&self, number: u64) -> Option<u64> {
        match self.find(number).last()? {
            Field::Number(found) => Some(found),
            Field::Bytes(bytes) => panic!("bytes in place of a number: {bytes:?}"),
        }
    }
}

impl<'a> Field<'a> {
    fn bytes(self) -> &'a [u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Number(number) => panic!("the number {number} in place of bytes"),
        }
    }
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for place in 0..10 {
        let byte = take(bytes, 1)[0];
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return number;
        }
    }
    panic!("a number that does not end")
}
