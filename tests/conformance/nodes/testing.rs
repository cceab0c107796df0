//! Node types of noob's testing module, under its names.

use noob_zmq::graph::{Emit, Epoch, Map, Value};
use noob_zmq::node::EventMap;
use noob_zmq::{Signals, node};

use super::python;

/// Substitutes of random words, in this order, repeated.
const WORDS: [&str; 8] = ["apple", "bee", "cat", "doge", "ox", "fig", "grape", "hat"];

/// Substitute of random numbers, which depend only on the number of requests.
#[derive(Default)]
struct Random {
    calls: i64,
}

impl Random {
    /// Returns a number from `low` to `high`, both included.
    fn next(&mut self, low: i64, high: i64) -> i64 {
        self.calls += 1;
        low + 7 * (self.calls - 1) % (high - low + 1)
    }
}

fn words() -> impl Iterator<Item = String> {
    WORDS.iter().cycle().map(|word| (*word).to_owned())
}

fn letter(number: i64) -> String {
    let index = u8::try_from(number.rem_euclid(26)).unwrap_or_default();
    char::from(b'a' + index).to_string()
}

/// Source of consecutive numbers from `start` on.
fn count_from(start: Value) -> impl Iterator<Item = Value> {
    std::iter::successors(Some(start), |last| python::add(last, &Value::Int(1)).ok())
}

#[node(name = "noob.testing.count_source", signal = "index")]
fn count_source(
    #[slot(default = Value::Int(10_000))] limit: Value,
    #[slot(default = Value::Int(0))] start: Value,
) -> impl Iterator<Item = Value> {
    let endless = python::equal(&limit, &Value::Int(0));
    count_from(start).take_while(move |index| endless || python::less(index, &limit) == Ok(true))
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
fn decorated(#[slot(default = Value::Int(0))] start: Value) -> impl Iterator<Item = Value> {
    count_from(start)
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
    let mut random = Random::default();
    words().map(move |word| {
        let counts = (0..random.next(2, 5))
            .map(|_| random.next(1, 100))
            .collect();
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

#[node(name = "noob.testing.multiply")]
fn multiply(left: Value, #[slot(default = Value::Int(2))] right: Value) -> Result<Value, String> {
    python::multiply(&left, &right)
}

#[node(name = "noob.testing.Multiply", signal = "product")]
fn multiply_class(
    left: Value,
    #[slot(default = Value::Int(2))] right: Value,
) -> Result<Value, String> {
    python::multiply(&left, &right)
}

#[node(name = "noob.testing.divide", signal = "ratio")]
fn divide(
    numerator: Value,
    #[slot(default = Value::Int(5))] denominator: Value,
) -> Result<Value, String> {
    match (numerator.as_f64(), denominator.as_f64()) {
        (Some(_), Some(0.0)) => Err("division by zero".into()),
        (Some(numerator), Some(denominator)) => Ok(Value::Float(numerator / denominator)),
        _ => Err("no numbers".into()),
    }
}

#[node(name = "noob.testing.concat")]
fn concat(strings: Value) -> Result<String, String> {
    python::join(&strings)
}

#[node(name = "noob.testing.exclaim")]
fn exclaim(string: Value, #[slot(default = Value::Int(1))] hype: Value) -> Result<Value, String> {
    python::add(&string, &python::multiply(&"!".into(), &hype)?)
}

#[node(name = "noob.testing.dictify")]
fn dictify(key: Value, items: Value) -> Value {
    mapping(vec![(key, items)])
}

/// Returns a mapping in its recorded form: as pairs, if a key is no text.
fn mapping(entries: Vec<(Value, Value)>) -> Value {
    let texts = entries
        .iter()
        .map(|(key, value)| Some((key.as_str()?.to_owned(), value.clone())));
    if let Some(texts) = texts.collect::<Option<Map>>() {
        return texts.into();
    }
    let pairs: Value = entries
        .into_iter()
        .map(|(key, value)| Value::from([key, value]))
        .collect();
    [("$pytype", "dict".into()), ("items", pairs)]
        .into_iter()
        .collect()
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
fn long_add(
    value: Value,
    #[slot(default = Value::Float(0.25))] sleep_for: Value,
) -> Result<Value, String> {
    let _sleeping_proves_nothing = sleep_for;
    python::add(&value, &Value::Int(1))
}

#[node(name = "noob.testing.just_wait")]
fn just_wait(value: Value, #[slot(default = Value::Float(0.5))] wait_for: Value) -> Value {
    let _sleeping_proves_nothing = wait_for;
    value
}

#[node(name = "noob.testing.number_to_letter")]
async fn number_to_letter(
    number: Value,
    #[slot(default = Value::Int(0))] offset: Value,
) -> Result<String, String> {
    Ok(letter(python::int(&python::add(&number, &offset)?)?))
}

struct NumberToLetter {
    offset: Value,
}

#[node(name = "noob.testing.NumberToLetterCls")]
impl NumberToLetter {
    fn new(#[slot(default = Value::Int(0))] offset: Value) -> Self {
        Self { offset }
    }

    #[process]
    fn process(&mut self, number: Value) -> Result<String, String> {
        Ok(letter(python::int(&python::add(&number, &self.offset)?)?))
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
    height: Value,
}

#[node(name = "noob.testing.Volume", signal = "volume")]
impl Volume {
    fn new(#[slot(default = Value::Int(2))] height: Value) -> Self {
        Self { height }
    }

    #[process]
    fn volume(&mut self, width: Value, depth: Value) -> Result<Value, String> {
        python::multiply(&self.height, &python::multiply(&width, &depth)?)
    }
}

struct VolumeProcess {
    height: Value,
}

#[node(name = "noob.testing.VolumeProcess", signal = "volume")]
impl VolumeProcess {
    fn new(#[slot(default = Value::Int(2))] height: Value) -> Self {
        Self { height }
    }

    #[process]
    fn process(&mut self, width: Value, depth: Value) -> Result<Value, String> {
        python::multiply(&self.height, &python::multiply(&width, &depth)?)
    }
}

struct StatefulMultiply {
    counter: Value,
}

#[node(name = "noob.testing.StatefulMultiply")]
impl StatefulMultiply {
    fn new(#[slot(default = Value::Int(0))] start: Value) -> Self {
        Self { counter: start }
    }

    #[process]
    fn process(
        &mut self,
        left: Value,
        #[slot(default = Value::Int(1))] right: Value,
    ) -> Result<Value, String> {
        let product = python::multiply(&python::multiply(&left, &right)?, &self.counter)?;
        self.counter = python::add(&self.counter, &Value::Int(1))?;
        Ok(product)
    }
}

/// Source that repeats a range.
#[node(name = "noob.testing.cycle")]
fn cycle(
    #[slot(default = 0)] start: i64,
    #[slot(default = 100)] stop: i64,
    #[slot(default = 1)] step: i64,
) -> impl Iterator<Item = i64> {
    let range = std::iter::successors(Some(start), move |last| last.checked_add(step));
    let range: Vec<i64> = range
        .take_while(|next| match step {
            1.. => *next < stop,
            0 => false,
            _ => *next > stop,
        })
        .collect();
    range.into_iter().cycle()
}

#[node(name = "noob.testing.repeat")]
fn repeat(string: Value, times: Value) -> Result<Value, String> {
    python::multiply(&string, &times)
}

#[derive(Signals)]
struct Counted {
    inits: i64,
    deinits: i64,
}

struct InitCounter {
    inits: i64,
    deinits: i64,
}

#[node(name = "noob.testing.InitCounter")]
impl InitCounter {
    fn new() -> Self {
        Self {
            inits: 0,
            deinits: 0,
        }
    }

    #[init]
    fn start(&mut self) {
        self.inits += 1;
    }

    #[process]
    fn process(&mut self) -> Counted {
        Counted {
            inits: self.inits,
            deinits: self.deinits,
        }
    }

    #[deinit]
    fn end(&mut self) {
        self.deinits += 1;
    }
}

struct Now {
    now: String,
}

#[node(name = "noob.testing.Now", signal = "timestamp")]
impl Now {
    fn new() -> Self {
        Self {
            now: format!("{:?}", std::time::SystemTime::now()),
        }
    }

    #[process]
    fn print(&mut self, #[slot(default = "Now: ".to_owned())] prefix: String) -> String {
        format!("{prefix}{}", self.now)
    }
}

/// Node for unknown names of noob's testing module, which returns its input.
#[node(name = "noob.testing.node_a")]
fn node_a(#[slot(rest)] all: Map) -> Value {
    all.into()
}

#[node(name = "noob.testing.node_b")]
fn node_b(#[slot(rest)] all: Map) -> Value {
    all.into()
}

#[node(name = "noob.testing.node_c")]
fn node_c(#[slot(rest)] all: Map) -> Value {
    all.into()
}

#[node(name = "noob.testing.multi_concat")]
fn multi_concat(#[slot(rest)] words: Map) -> Result<String, String> {
    words.values().map(python::join).collect()
}

#[node(name = "noob.testing.inject_epoch")]
fn inject_epoch(epoch: Epoch) -> Value {
    [("$epoch".to_owned(), written(&epoch))]
        .into_iter()
        .collect()
}

/// Returns the events by slot in their recorded form, without number and time.
#[node(name = "noob.testing.inject_eventmap")]
fn inject_eventmap(special_value: Value, events: EventMap) -> Value {
    let _is_among_the_events = special_value;
    let recorded = events.iter().map(|(slot, event)| {
        let value = match &event.value {
            Emit::Value(value) => value.clone(),
            Emit::Nothing => "__META__NoEvent".into(),
            Emit::Exhausted => "__META__Exhausted".into(),
        };
        let parts: Map = [
            ("node_id".to_owned(), Value::Str(event.node_id.clone())),
            ("signal".to_owned(), Value::Str(event.signal.clone())),
            ("epoch".to_owned(), written(&event.epoch)),
            ("value".to_owned(), value),
        ]
        .into_iter()
        .collect();
        let event: Value = [("$event".to_owned(), Value::from(parts))]
            .into_iter()
            .collect();
        (slot.to_string(), event)
    });
    recorded.collect()
}

/// Returns the written form of an epoch: a number, or a list of the number and its segments.
fn written(epoch: &Epoch) -> Value {
    let number = Value::Int(epoch.number().into());
    if epoch.is_root() {
        return number;
    }
    let segments = epoch.path().iter().map(|segment| {
        Value::from(vec![
            Value::Str(segment.node.clone()),
            Value::Int(segment.index.into()),
        ])
    });
    std::iter::once(number).chain(segments).collect()
}
