#![allow(unused)]
use noob_zmq::node;

#[node]
fn length(text: &str, texts: &[String], number: &i64) -> usize {
    text.len() + texts.len()
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
