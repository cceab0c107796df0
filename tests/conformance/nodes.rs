//! The node types that the recorded tubes use, under noob's names.

use std::cell::Cell;

use noob_zmq::graph::{Emit, Value};
use noob_zmq::{Signals, node};

/// What stands in for random words, in this order and again.
const WORDS: [&str; 8] = ["apple", "bee", "cat", "doge", "ox", "fig", "grape", "hat"];

thread_local! {
    /// Calls of `random` since the case began.
    static RANDOM: Cell<i64> = const { Cell::new(0) };
}

/// Makes the stand-in for random numbers begin anew.
pub(crate) fn reset_random() {
    RANDOM.set(0);
}

/// A number from `low` to `high`, both among them.
fn random(low: i64, high: i64) -> i64 {
    let calls = RANDOM.replace(RANDOM.get() + 1);
    low + 7 * calls % (high - low + 1)
}

fn words() -> impl Iterator<Item = String> {
    WORDS.iter().cycle().map(|word| (*word).to_owned())
}

fn letter(number: i64) -> String {
    let index = u8::try_from(number.rem_euclid(26)).unwrap_or_default();
    char::from(b'a' + index).to_string()
}

#[node(name = "noob.testing.count_source", signal = "index")]
fn count_source(
    #[slot(default = 10_000)] limit: i64,
    #[slot(default = 0)] start: i64,
) -> impl Iterator<Item = i64> {
    start..if limit == 0 { i64::MAX } else { limit }
}

#[node(name = "noob.testing.CountSource", signal = "index")]
fn counting_source(
    #[slot(default = 1000)] limit: i64,
    #[slot(default = 0)] start: i64,
) -> impl Iterator<Item = i64> {
    start..limit
}

#[node(name = "noob.testing.UnannotatedGenerator")]
fn unannotated(
    #[slot(default = 1000)] limit: i64,
    #[slot(default = 0)] start: i64,
) -> impl Iterator<Item = i64> {
    start..limit
}

#[node(name = "noob.testing.CountSourceDecor", signal = "count")]
fn decorated(#[slot(default = 0)] start: i64) -> impl Iterator<Item = i64> {
    start..
}

#[node(name = "noob.testing.letter_source", signal = "letter")]
fn letter_source() -> impl Iterator<Item = String> {
    (0..).map(letter)
}

#[node(name = "noob.testing.word_source", signal = "word")]
fn word_source() -> impl Iterator<Item = String> {
    words()
}

#[node(name = "noob.testing.multi_words_source", signal = "multi_words")]
fn multi_words(n: i64) -> impl Iterator<Item = Vec<String>> {
    let mut words = words();
    std::iter::from_fn(move || (0..n).map(|_| words.next()).collect())
}

#[node(name = "noob.testing.sporadic_word", signal = "word")]
fn sporadic_word(#[slot(default = 3)] every: usize) -> impl Iterator<Item = Option<String>> {
    let mut words = words();
    (1..).map(move |call: usize| {
        if call.is_multiple_of(every) {
            words.next()
        } else {
            None
        }
    })
}

#[node(name = "noob.testing.sporadic_word_noevent", signal = "word")]
fn sporadic_silence(#[slot(default = 3)] every: usize) -> impl Iterator<Item = Emit<String>> {
    let mut words = words();
    (1..).map(move |call: usize| {
        match words
            .by_ref()
            .take(usize::from(call.is_multiple_of(every)))
            .next()
        {
            Some(word) => Emit::Value(word),
            None => Emit::Nothing,
        }
    })
}

#[derive(Signals)]
struct WordCounts {
    word: Emit<String>,
    counts: Emit<Vec<i64>>,
}

#[node(name = "noob.testing.word_counts")]
fn word_counts() -> impl Iterator<Item = WordCounts> {
    words().map(|word| {
        let counts = (0..random(2, 5)).map(|_| random(1, 100)).collect();
        WordCounts {
            word: Emit::Value(word),
            counts: Emit::Value(counts),
        }
    })
}

#[derive(Signals)]
struct Switched {
    fruits: Emit<String>,
    vegetables: Emit<String>,
    minerals: Emit<String>,
}

#[node(name = "noob.testing.switch")]
fn switch() -> impl Iterator<Item = Switched> {
    const KINDS: [[&str; 3]; 3] = [
        ["apple", "banana", "cherry"],
        ["daikon", "eggplant", "fiddlehead"],
        ["galaxite", "halite", "iolite"],
    ];
    (0_usize..).map(|call| {
        let said = |kind: usize| {
            if call % 3 == kind {
                Emit::Value(KINDS[kind][call / 3 % 3].to_owned())
            } else {
                Emit::Nothing
            }
        };
        Switched {
            fruits: said(0),
            vegetables: said(1),
            minerals: said(2),
        }
    })
}

fn product(left: &Value, right: &Value) -> Result<Value, String> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Ok(Value::Int(left * right)),
        (Value::Str(text), Value::Int(times)) | (Value::Int(times), Value::Str(text)) => Ok(text
            .repeat(usize::try_from(*times).unwrap_or_default())
            .into()),
        _ => match (left.as_f64(), right.as_f64()) {
            (Some(left), Some(right)) => Ok(Value::Float(left * right)),
            _ => Err(format!(
                "cannot multiply `{}` and `{}`",
                left.type_name(),
                right.type_name()
            )),
        },
    }
}

#[node(name = "noob.testing.multiply")]
fn multiply(left: Value, #[slot(default = Value::Int(2))] right: Value) -> Result<Value, String> {
    product(&left, &right)
}

#[node(name = "noob.testing.Multiply", signal = "product")]
fn multiply_class(
    left: Value,
    #[slot(default = Value::Int(2))] right: Value,
) -> Result<Value, String> {
    product(&left, &right)
}

#[node(name = "noob.testing.divide", signal = "ratio")]
fn divide(numerator: f64, #[slot(default = 5.0)] denominator: f64) -> Result<f64, String> {
    if denominator == 0.0 {
        Err("division by zero".into())
    } else {
        Ok(numerator / denominator)
    }
}

#[node(name = "noob.testing.concat")]
fn concat(strings: Vec<String>) -> String {
    strings.concat()
}

#[node(name = "noob.testing.exclaim")]
fn exclaim(string: String, #[slot(default = 1)] hype: usize) -> String {
    string + &"!".repeat(hype)
}

#[node(name = "noob.testing.dictify")]
fn dictify(key: String, items: Value) -> Value {
    [(key, items)].into_iter().collect()
}

#[node(name = "noob.testing.this_or_that")]
fn this_or_that(this: Option<Value>, that: Option<Value>, the_other: Option<Value>) -> Value {
    let all = [("this", this), ("that", that), ("the_other", the_other)];
    all.into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
}

#[node(name = "noob.testing.input_party", signal = "works")]
fn input_party(
    one: Value,
    two: Value,
    three: Value,
    four: Value,
    five: Value,
    six: Value,
    seven: Value,
) -> bool {
    let _all = [one, two, three, four, five, six, seven];
    true
}

#[node(name = "noob.testing.long_add")]
fn long_add(value: i64, #[slot(default = 0.25)] sleep_for: f64) -> i64 {
    let _sleeping_proves_nothing = sleep_for;
    value + 1
}

#[node(name = "noob.testing.just_wait")]
fn just_wait(value: Value, #[slot(default = 0.5)] wait_for: f64) -> Value {
    let _sleeping_proves_nothing = wait_for;
    value
}

#[node(name = "noob.testing.number_to_letter")]
async fn number_to_letter(number: i64, #[slot(default = 0)] offset: i64) -> String {
    letter(number + offset)
}

struct NumberToLetter {
    offset: i64,
}

#[node(name = "noob.testing.NumberToLetterCls")]
impl NumberToLetter {
    fn new(#[slot(default = 0)] offset: i64) -> Self {
        Self { offset }
    }

    #[process]
    fn process(&mut self, number: i64) -> String {
        letter(number + self.offset)
    }
}

#[node(name = "noob.testing.error")]
fn error(value: Value) -> Result<Value, String> {
    let _ = value;
    Err("This node just emits errors".into())
}

#[node(name = "noob.testing.async_error")]
async fn async_error(value: Value) -> Result<Value, String> {
    let _ = value;
    Err("This is the error that should be raised".into())
}

struct Volume {
    height: i64,
}

#[node(name = "noob.testing.Volume", signal = "volume")]
impl Volume {
    fn new(#[slot(default = 2)] height: i64) -> Self {
        Self { height }
    }

    #[process]
    fn volume(&mut self, width: i64, depth: i64) -> i64 {
        self.height * width * depth
    }
}

struct VolumeProcess {
    height: i64,
}

#[node(name = "noob.testing.VolumeProcess", signal = "volume")]
impl VolumeProcess {
    fn new(#[slot(default = 2)] height: i64) -> Self {
        Self { height }
    }

    #[process]
    fn process(&mut self, width: i64, depth: i64) -> i64 {
        self.height * width * depth
    }
}

struct StatefulMultiply {
    counter: i64,
}

#[node(name = "noob.testing.StatefulMultiply")]
impl StatefulMultiply {
    fn new(#[slot(default = 0)] start: i64) -> Self {
        Self { counter: start }
    }

    #[process]
    fn process(&mut self, left: i64, #[slot(default = 1)] right: i64) -> i64 {
        self.counter += 1;
        left * right * (self.counter - 1)
    }
}

#[node(name = "gnodes.lists", signal = "items")]
fn lists(
    #[slot(default = vec![1, 2, 3])] sizes: Vec<i64>,
    #[slot(default = 0)] start: i64,
    #[slot(default = 1)] step: i64,
) -> impl Iterator<Item = Vec<i64>> {
    let mut next = start;
    (0_usize..).map(move |call| {
        let first = next;
        let size = sizes[call % sizes.len()];
        next += size * step;
        (0..size).map(|item| first + item * step).collect()
    })
}

#[node(name = "gnodes.nested_lists", signal = "items")]
fn nested_lists(
    #[slot(default = 2)] outer: i64,
    #[slot(default = 3)] inner: i64,
) -> impl Iterator<Item = Vec<Vec<i64>>> {
    (0..).map(move |call: i64| {
        let first = call * outer * inner;
        (0..outer)
            .map(|list| (0..inner).map(|item| first + list * inner + item).collect())
            .collect()
    })
}

#[node(name = "gnodes.drop_odd", signal = "even")]
fn drop_odd(value: i64) -> Emit<i64> {
    if value % 2 == 0 {
        Emit::Value(value)
    } else {
        Emit::Nothing
    }
}

#[derive(Signals)]
struct Parity {
    even: Emit<i64>,
    odd: Emit<i64>,
}

#[node(name = "gnodes.parity")]
fn parity(value: i64) -> Parity {
    if value % 2 == 0 {
        Parity {
            even: Emit::Value(value),
            odd: Emit::Nothing,
        }
    } else {
        Parity {
            even: Emit::Nothing,
            odd: Emit::Value(value),
        }
    }
}

#[node(name = "gnodes.fail_at")]
fn fail_at(value: i64, #[slot(default = 2)] at: i64) -> Result<i64, String> {
    if value == at {
        Err(format!("boom at {value}"))
    } else {
        Ok(value)
    }
}

#[node(name = "gnodes.pair")]
fn pair(a: Value, b: Value) -> Value {
    [a, b].into()
}

#[node(name = "gnodes.opt")]
fn opt(a: Option<Value>, b: Option<Value>, c: Option<Value>) -> Value {
    [a, b, c].into_iter().collect()
}

#[node(name = "gnodes.req_opt")]
fn req_opt(a: Value, b: Option<Value>) -> Value {
    [Some(a), b].into_iter().collect()
}

#[node(name = "gnodes.none_if_odd")]
fn none_if_odd(value: i64) -> Option<i64> {
    (value % 2 == 0).then_some(value)
}

struct Acc {
    total: i64,
}

#[node(name = "gnodes.Acc")]
impl Acc {
    fn new(#[slot(default = 0)] start: i64) -> Self {
        Self { total: start }
    }

    #[process]
    fn process(&mut self, value: i64) -> i64 {
        self.total += value;
        self.total
    }
}

#[node(name = "gnodes.adouble")]
async fn adouble(value: i64) -> i64 {
    value * 2
}

#[node(name = "gnodes.plus1")]
fn plus1(value: i64) -> i64 {
    value + 1
}

#[derive(Signals)]
struct OneTwo {
    one: Emit<i64>,
    two: Emit<i64>,
}

#[node(name = "gnodes.bare_noevent")]
fn bare_noevent(value: i64) -> OneTwo {
    if value % 2 == 0 {
        OneTwo {
            one: Emit::Value(value),
            two: Emit::Value(value * 10),
        }
    } else {
        OneTwo {
            one: Emit::Nothing,
            two: Emit::Nothing,
        }
    }
}

#[node(name = "gnodes.limited_pair")]
fn limited_pair(#[slot(default = 2)] limit: i64) -> impl Iterator<Item = OneTwo> {
    (0..limit).map(|value| OneTwo {
        one: Emit::Value(value),
        two: Emit::Value(value * 10),
    })
}

#[node(name = "gnodes.takes_node")]
fn takes_node(node: Value) -> Value {
    node
}

#[node(name = "builtins.sum")]
fn sum(values: Vec<i64>) -> i64 {
    values.iter().sum()
}

#[node(name = "builtins.abs")]
fn abs(value: i64) -> i64 {
    value.abs()
}

#[node(name = "builtins.divmod")]
fn divmod(a: i64, b: i64) -> Result<Vec<i64>, String> {
    if b == 0 {
        Err("division by zero".into())
    } else {
        Ok(vec![a.div_euclid(b), a.rem_euclid(b)])
    }
}
