//! A text and the places in it: characters, bytes, lines and columns.

use saphyr_parser::{Marker, Span};

use crate::graph::{Place, Source};

/// A text whose places can be told.
#[derive(Debug)]
pub(super) struct Text {
    source: Source,
    /// Which text it is, among those of the tube.
    file: usize,
    /// Bytes of a byte order mark at the start.
    mark: usize,
    /// Byte offset of every character, unless all are one byte long.
    chars: Option<Vec<usize>>,
    /// Byte offset of every line.
    lines: Vec<usize>,
}

impl Text {
    pub(super) fn new(source: Source, file: usize) -> Self {
        let text = &*source.text;
        let mark = if text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        let chars = (!text.is_ascii()).then(|| {
            text[mark..]
                .char_indices()
                .map(|(offset, _)| offset + mark)
                .collect()
        });
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|&(at, &byte)| {
            byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'))
        });
        let lines = std::iter::once(0)
            .chain(ends.map(|(at, _)| at + 1))
            .collect();
        Self {
            file,
            mark,
            chars,
            lines,
            source,
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.source.text
    }

    /// The text without its byte order mark: what the parser is given.
    pub(super) fn without_mark(&self) -> &str {
        &self.source.text[self.mark..]
    }

    /// The place of `len` bytes from `offset`.
    pub(super) fn place(&self, offset: usize, len: usize) -> Place {
        let mut offset = offset.min(self.as_str().len());
        while !self.as_str().is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.lines.partition_point(|&start| start <= offset).max(1);
        let start = self.lines[line - 1]
            .max(if line == 1 { self.mark } else { 0 })
            .min(offset);
        let column = self.as_str()[start..offset].chars().count() + 1;
        Place {
            file: self.file,
            line,
            column,
            offset,
            len: len.min(self.as_str().len() - offset),
        }
    }

    /// The place of a span of the parser, which counts characters.
    pub(super) fn span(&self, span: Span) -> Place {
        let start = self.byte(span.start.index());
        let end = self.byte(span.end.index()).max(start);
        let trimmed = self
            .as_str()
            .get(start..end)
            .map_or(0, |text| text.trim_end().len());
        self.place(start, trimmed)
    }

    /// The place of a marker of the parser. At the end of the text, it is the last character that was written.
    pub(super) fn marker(&self, marker: Marker) -> Place {
        let at = self.byte(marker.index());
        match self.as_str()[at..].chars().next() {
            Some(char) if !char.is_whitespace() => self.place(at, char.len_utf8()),
            _ => match self.as_str()[..at].trim_end().char_indices().next_back() {
                Some((offset, char)) if self.as_str()[at..].trim().is_empty() => {
                    self.place(offset, char.len_utf8())
                }
                _ => self.place(at, 0),
            },
        }
    }

    fn byte(&self, char: usize) -> usize {
        let end = self.as_str().len();
        match &self.chars {
            Some(chars) => chars.get(char).copied().unwrap_or(end),
            None => (char + self.mark).min(end),
        }
    }
}
