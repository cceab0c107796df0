//! Nodes with large values, each of which is one number of 8 bytes, repeated.

use noob_zmq::graph::{Bytes, Tensor};
use noob_zmq::node;

/// Number of times that a value has its number.
pub const NUMBERS: usize = 25_000;

/// Returns the number that a value consists of.
///
/// # Errors
/// If the value has another length, or bytes of several numbers.
pub fn number_in(value: &[u8]) -> Result<i64, String> {
    let first = value.first_chunk().copied().unwrap_or_default();
    match value == i64::from_ne_bytes(first).to_ne_bytes().repeat(NUMBERS) {
        true => Ok(i64::from_ne_bytes(first)),
        false => Err(format!("{} bytes are not one number", value.len())),
    }
}

/// Returns the value of a number.
#[node(name = "large.bytes")]
pub fn bytes(n: i64) -> Bytes {
    Bytes::from(n.to_ne_bytes().repeat(NUMBERS))
}

#[node(name = "large.numbers")]
fn numbers(n: i64) -> Vec<i64> {
    vec![n; NUMBERS]
}

#[node(name = "large.tensor")]
fn tensor(n: i64) -> Tensor {
    Tensor {
        dtype: "<i8".into(),
        shape: [NUMBERS as u64].into(),
        data: bytes(n),
    }
}

/// Passes a value on.
#[node(name = "large.pass")]
fn pass(value: Bytes) -> Result<Bytes, String> {
    number_in(&value).map(|_| value)
}

/// Returns the number in a value.
#[node(name = "large.number_in")]
fn number(value: Bytes) -> Result<i64, String> {
    number_in(&value)
}

/// Keeps the last value for one call more, and adds the numbers of all.
struct Sum(Bytes);

#[node(name = "large.sum")]
impl Sum {
    fn new() -> Self {
        Self(bytes(0))
    }

    #[process]
    fn add(
        &mut self,
        bytes: Bytes,
        passed: Bytes,
        numbers: Vec<i64>,
        tensor: Tensor,
    ) -> Result<i64, String> {
        number_in(&self.0)?;
        let sum = number_in(&passed)? + numbers[NUMBERS - 1] + number_in(&tensor.data)?;
        let own = number_in(&bytes)?;
        self.0 = bytes;
        Ok(own + sum)
    }

    #[snapshot]
    fn snapshot(&self) -> Bytes {
        self.0.clone()
    }

    #[restore]
    fn restore(&mut self, state: Bytes) {
        self.0 = state;
    }
}
