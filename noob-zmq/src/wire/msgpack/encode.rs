//! Writes the parts of a msgpack body, each in its shortest form.

use super::{BIG_INT, BUFFER, NO_VALUE, TENSOR};
use crate::graph::Tensor;

pub(super) fn write_null(out: &mut Vec<u8>) {
    out.push(0xc0);
}

pub(super) fn write_bool(out: &mut Vec<u8>, value: bool) {
    out.push(if value { 0xc3 } else { 0xc2 });
}

pub(super) fn write_int(out: &mut Vec<u8>, value: i64) {
    if let Ok(value) = u64::try_from(value) {
        return write_uint(out, value);
    }
    if value >= -32 {
        out.push(value as u8);
    } else if let Ok(value) = i8::try_from(value) {
        out.extend_from_slice(&[0xd0, value as u8]);
    } else if let Ok(value) = i16::try_from(value) {
        marked(out, 0xd1, value.to_be_bytes());
    } else if let Ok(value) = i32::try_from(value) {
        marked(out, 0xd2, value.to_be_bytes());
    } else {
        marked(out, 0xd3, value.to_be_bytes());
    }
}

pub(super) fn write_uint(out: &mut Vec<u8>, value: u64) {
    if value < 128 {
        out.push(value as u8);
    } else {
        sized(out, value, [0xcc, 0xcd, 0xce]);
    }
}

pub(super) fn write_float(out: &mut Vec<u8>, value: f64) {
    marked(out, 0xcb, value.to_be_bytes());
}

pub(super) fn write_str(out: &mut Vec<u8>, text: &str) {
    match text.len() {
        len @ 0..32 => out.push(0xa0 | len as u8),
        len => sized(out, len as u64, [0xd9, 0xda, 0xdb]),
    }
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    sized(out, bytes.len() as u64, [0xc4, 0xc5, 0xc6]);
    out.extend_from_slice(bytes);
}

pub(super) fn write_list(out: &mut Vec<u8>, len: usize) {
    collection(out, len, 0x90, 0xdc);
}

pub(super) fn write_map(out: &mut Vec<u8>, len: usize) {
    collection(out, len, 0x80, 0xde);
}

/// Writes the length of a list or a map: in the marker `short`, or after `long` or its successor.
fn collection(out: &mut Vec<u8>, len: usize, short: u8, long: u8) {
    match len {
        0..16 => out.push(short | len as u8),
        16..0x1_0000 => marked(out, long, (len as u16).to_be_bytes()),
        _ => marked(out, long + 1, (len as u32).to_be_bytes()),
    }
}

pub(super) fn write_big_int(out: &mut Vec<u8>, digits: &str) {
    extension_head(out, BIG_INT, digits.len());
    out.extend_from_slice(digits.as_bytes());
}

/// Writes the reference to a frame of this number.
pub(super) fn write_buffer(out: &mut Vec<u8>, frame: u32) {
    out.extend_from_slice(&[0xd6, BUFFER]);
    out.extend_from_slice(&frame.to_be_bytes());
}

/// Writes a tensor, with its data unless they have a frame of this number.
pub(super) fn write_tensor(out: &mut Vec<u8>, tensor: &Tensor, frame: Option<u32>) {
    let mut head = Vec::with_capacity(16 + tensor.dtype.len() + 9 * tensor.shape.len());
    write_list(&mut head, 3);
    write_str(&mut head, &tensor.dtype);
    write_list(&mut head, tensor.shape.len());
    for length in tensor.shape.iter() {
        write_uint(&mut head, *length);
    }
    let mut inside = &[][..];
    match frame {
        Some(frame) => write_buffer(&mut head, frame),
        None => {
            inside = &tensor.data;
            sized(&mut head, inside.len() as u64, [0xc4, 0xc5, 0xc6]);
        }
    }
    extension_head(out, TENSOR, head.len() + inside.len());
    out.extend_from_slice(&head);
    out.extend_from_slice(inside);
}

pub(super) fn write_nothing(out: &mut Vec<u8>) {
    out.extend_from_slice(&[0xd4, NO_VALUE, 0]);
}

pub(super) fn write_exhausted(out: &mut Vec<u8>) {
    out.extend_from_slice(&[0xd4, NO_VALUE, 1]);
}

fn marked<const N: usize>(out: &mut Vec<u8>, marker: u8, bytes: [u8; N]) {
    out.push(marker);
    out.extend_from_slice(&bytes);
}

/// Writes a number or length after the marker of its width.
///
/// Only numbers need eight bytes: nothing longer than 4 GiB fits into a message.
fn sized(out: &mut Vec<u8>, value: u64, [one, two, four]: [u8; 3]) {
    if let Ok(value) = u8::try_from(value) {
        out.extend_from_slice(&[one, value]);
    } else if let Ok(value) = u16::try_from(value) {
        marked(out, two, value.to_be_bytes());
    } else if let Ok(value) = u32::try_from(value) {
        marked(out, four, value.to_be_bytes());
    } else {
        marked(out, 0xcf, value.to_be_bytes());
    }
}

fn extension_head(out: &mut Vec<u8>, kind: u8, len: usize) {
    sized(out, len as u64, [0xc7, 0xc8, 0xc9]);
    out.push(kind);
}
