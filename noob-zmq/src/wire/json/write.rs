//! The pieces of JSON text.

use std::{fmt::Display, io::Write as _};

/// Writing to a `Vec` cannot fail.
fn text(out: &mut Vec<u8>, value: impl Display) {
    let _ = write!(out, "{value}");
}

pub(in super::super) fn write_null(out: &mut Vec<u8>) {
    out.extend_from_slice(b"null");
}

pub(in super::super) fn write_bool(out: &mut Vec<u8>, value: bool) {
    text(out, value);
}

pub(in super::super) fn write_int(out: &mut Vec<u8>, value: i64) {
    text(out, value);
}

pub(in super::super) fn write_uint(out: &mut Vec<u8>, value: u64) {
    text(out, value);
}

/// The shortest digits that are read as the same number, laid out as pydantic does (`1e+16`, `0.00001`, `1e-6`); null for what is not
/// finite.
pub(in super::super) fn write_float(out: &mut Vec<u8>, value: f64) {
    if !value.is_finite() {
        return write_null(out);
    }
    if (1e-5..1e-4).contains(&value.abs()) {
        return text(out, value);
    }
    let start = out.len();
    let _ = write!(out, "{value:?}");
    if let Some(at) = out[start..].iter().position(|byte| *byte == b'e')
        && out.get(start + at + 1).is_some_and(u8::is_ascii_digit)
    {
        out.insert(start + at + 1, b'+');
    }
}

/// A text that needs no escapes.
pub(in super::super) fn write_plain(out: &mut Vec<u8>, value: impl Display) {
    out.push(b'"');
    text(out, value);
    out.push(b'"');
}

pub(in super::super) fn write_str(out: &mut Vec<u8>, value: &str) {
    out.push(b'"');
    let bytes = value.as_bytes();
    let mut written = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let escape = match byte {
            b'"' | b'\\' => *byte,
            0x08 => b'b',
            0x0c => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0..0x20 => b'u',
            _ => continue,
        };
        out.extend_from_slice(&bytes[written..at]);
        out.extend_from_slice(&[b'\\', escape]);
        if escape == b'u' {
            let _ = write!(out, "{byte:04x}");
        }
        written = at + 1;
    }
    out.extend_from_slice(&bytes[written..]);
    out.push(b'"');
}

pub(in super::super) fn write_list(out: &mut Vec<u8>, _len: usize) {
    out.push(b'[');
}

pub(in super::super) fn write_map(out: &mut Vec<u8>, _len: usize) {
    out.push(b'{');
}
