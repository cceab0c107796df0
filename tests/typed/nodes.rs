//! Nodes of the tests.

use std::collections::BTreeMap;

use noob_zmq::graph::{Emit, Value};
use noob_zmq::{Signals, node};

/// Counts from 0 up to, and without, `limit`.
#[node(signal = "index")]
fn count(limit: i64) -> impl Iterator<Item = i64> {
    0..limit
}

/// Adds two numbers.
#[node]
fn add(left: i64, right: i64) -> i64 {
    left + right
}

/// Multiplies a number.
#[derive(Debug, Signals)]
pub(crate) struct Product {
    product: i64,
}

struct Times {
    factor: i64,
}

#[node]
impl Times {
    fn new(factor: i64) -> Self {
        Self { factor }
    }

    #[process]
    fn times(&self, number: i64) -> Product {
        Product {
            product: number * self.factor,
        }
    }
}

/// Returns the number if it is below 25.
#[node]
fn small(number: i64) -> Emit<u8> {
    match u8::try_from(number) {
        Ok(number) if number < 25 => Emit::Value(number),
        _ => Emit::Nothing,
    }
}

/// Page of a book.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Page {
    pub(crate) number: i64,
}

/// Returns the page of this number.
#[node]
async fn page(number: i64) -> Result<Page, String> {
    Ok(Page { number })
}

/// Returns the heading of a page.
#[node]
fn title(page: Page) -> String {
    format!("page {}", page.number)
}

/// Returns the letters of a word.
#[node]
fn length(word: String) -> usize {
    word.chars().count()
}

/// Returns the sum of all values.
#[node]
fn sum_of(#[slot(rest)] numbers: BTreeMap<String, i64>) -> i64 {
    numbers.values().sum()
}

/// Returns its input.
#[node(name = "typed.echo")]
pub(crate) fn echo(value: Value) -> Value {
    value
}
