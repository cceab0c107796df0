//! Shapes of types; shapes that never match are those whose values serde rejects.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::{Fit, HasShape, TypeShape, declared, fit};
use crate::graph::{Bytes, Value, from_value, to_value};

fn says(from: &TypeShape, to: &TypeShape) -> &'static str {
    match fit(from, to) {
        Fit::Fits => "fits",
        Fit::Narrows(_) => "narrows",
        Fit::Never(_) => "never",
    }
}

fn between<F: HasShape, T: HasShape>() -> &'static str {
    says(&F::shape(), &T::shape())
}

#[test]
fn fit_separates_never_narrows_and_fits() {
    assert_eq!(between::<String, i64>(), "never");
    assert_eq!(between::<i64, String>(), "never");
    assert_eq!(between::<bool, i64>(), "never");
    assert_eq!(between::<f64, i64>(), "never");
    assert_eq!(between::<i64, Vec<i64>>(), "never");
    assert_eq!(between::<HashMap<String, i64>, Vec<i64>>(), "never");
    assert_eq!(between::<(i64, i64), (i64,)>(), "never");
    assert_eq!(between::<(i64, String), Vec<i64>>(), "never");
    assert_eq!(between::<Vec<u8>, String>(), "never");

    assert_eq!(between::<i64, u8>(), "narrows");
    assert_eq!(between::<u64, i64>(), "narrows");
    assert_eq!(between::<Value, i64>(), "narrows");
    assert_eq!(between::<Option<i64>, i64>(), "narrows");
    assert_eq!(between::<String, char>(), "narrows");
    assert_eq!(between::<Vec<i64>, [i64; 2]>(), "narrows");
    assert_eq!(
        between::<Vec<String>, Vec<i64>>(),
        "narrows",
        "an empty one goes"
    );
    assert_eq!(
        between::<Option<String>, Option<i64>>(),
        "narrows",
        "null goes"
    );
    assert_eq!(
        between::<BTreeMap<String, bool>, BTreeMap<String, i64>>(),
        "narrows"
    );

    assert_eq!(between::<u8, i64>(), "fits");
    assert_eq!(between::<i64, f64>(), "fits");
    assert_eq!(between::<i64, Option<i64>>(), "fits");
    assert_eq!(between::<i64, Value>(), "fits");
    assert_eq!(between::<(i64, u8), Vec<i64>>(), "fits");
    assert_eq!(between::<[i64; 2], (i64, f64)>(), "fits");
    assert_eq!(says(&TypeShape::Unknown, &TypeShape::Bool), "fits");
    assert_eq!(says(&TypeShape::Bool, &TypeShape::Unknown), "fits");
}

#[test]
fn declared_types_accept_python_and_rust_names() {
    for (text, shape) in [
        ("int", TypeShape::Int(None)),
        ("list[int]", TypeShape::list(TypeShape::Int(None))),
        (
            " float | None",
            TypeShape::Option(Box::new(TypeShape::Float)),
        ),
        (
            "typing.Optional[str]",
            TypeShape::Option(Box::new(TypeShape::Str)),
        ),
        (
            "dict[str, list[bool]]",
            TypeShape::Map(Box::new(TypeShape::list(TypeShape::Bool))),
        ),
        (
            "tuple[int, str]",
            TypeShape::Tuple(vec![TypeShape::Int(None), TypeShape::Str]),
        ),
        ("tuple[int, ...]", TypeShape::list(TypeShape::Int(None))),
        ("Vec<u8>", Vec::<u8>::shape()),
        ("pathlib.Path", TypeShape::Str),
        ("any", TypeShape::Unknown),
        ("int | str", TypeShape::Unknown),
        ("numpy.ndarray", TypeShape::Unknown),
        ("", TypeShape::Unknown),
        ("list[", TypeShape::Unknown),
        ("]][[", TypeShape::Unknown),
    ] {
        assert_eq!(declared(text), shape, "{text}");
    }
    let deep = "list[".repeat(10_000) + &"]".repeat(10_000);
    assert!(matches!(declared(&deep), TypeShape::List { .. }));
}

#[test]
fn items_are_the_elements_a_map_emits() {
    assert_eq!(Vec::<i64>::shape().items(), Some(i64::shape()));
    assert_eq!(<(u8, u8)>::shape().items(), Some(u8::shape()));
    assert_eq!(<(u8, bool)>::shape().items(), Some(TypeShape::Unknown));
    assert_eq!(String::shape().items(), Some(TypeShape::Str));
    assert_eq!(i64::shape().items(), None);
}

/// Checks for a value of `F` that shapes and serde agree: if it can be read as `T`, `fit` is not
/// `Never`.
fn agrees<F: Serialize + HasShape + Debug, T: DeserializeOwned + HasShape>(value: &F) {
    let read = from_value::<T>(&to_value(value).expect("a value"));
    match fit(&F::shape(), &T::shape()) {
        Fit::Never(why) => assert!(read.is_err(), "{value:?} goes, but {why}"),
        Fit::Fits => assert!(read.is_ok(), "{value:?} does not go: {:?}", read.err()),
        Fit::Narrows(_) => {}
    }
}

macro_rules! to_all {
    ($value:expr => $($type:ty),*) => {{
        let value = &$value;
        $(agrees::<_, $type>(value);)*
    }};
}

macro_rules! to_every {
    ($($value:expr),* $(,)?) => {$(
        to_all!($value => (), bool, i8, u8, i32, i64, u64, f32, f64, char, String, Bytes, Value,
            Vec<i64>, Vec<u8>, Vec<String>, Vec<f64>, [i64; 2], [u8; 0], (i64, String), (i64, i64),
            Option<i64>, Option<String>, Option<Vec<i64>>, Vec<Option<i64>>,
            BTreeMap<String, i64>, HashMap<String, String>, Box<f64>);
    )*};
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn serde_agrees(
        truth: bool, small: i8, byte: u8, int: i64, big: u64, float: f64, letter: char,
        text: String, ints: Vec<i64>, bytes: Vec<u8>, texts: Vec<String>, maybe: Option<i64>,
        maybes: Vec<Option<i64>>, pair: (i64, String), two: [i64; 2],
        map: BTreeMap<String, i64>, name in prop::option::of("[a-z]*"),
    ) {
        to_every!(
            (), truth, small, byte, int, big, float, letter, text, ints, bytes, texts, maybe,
            maybes, pair, two, map, name, Bytes::from(bytes), Bytes::from(text), [0_u8; 0],
            (int, int), (byte, float), Some(texts),
        );
    }
}
