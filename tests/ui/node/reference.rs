#![allow(unused)]
use noob_zmq::node;

#[node]
fn length(text: &str, bytes: &[u8], number: &i64) -> usize {
    text.len() + bytes.len()
}

#[node]
fn borrowed(text: std::borrow::Cow<'_, str>) -> usize {
    text.len()
}

#[node]
fn name(number: i64) -> &'static str {
    "one"
}

fn main() {}
