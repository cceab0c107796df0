//! Conversions: shapes, rejected values, and round trips.

use std::{collections::BTreeMap, sync::Arc};

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::{from_value, to_value};
use crate::graph::{Bytes, Map, Tensor, Value};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    name: String,
    size: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Shape {
    Point,
    Circle(f64),
    Box(u8, u8),
    Named { label: char },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Everything {
    items: Vec<Item>,
    shapes: Vec<Shape>,
    counts: BTreeMap<u16, bool>,
    wide: (i128, u128, u64),
    raw: Bytes,
    list: Vec<u8>,
    free: Value,
    unit: (),
}

fn tensor() -> Tensor {
    Tensor {
        dtype: "<f8".into(),
        shape: Arc::new([1]),
        data: Bytes::from_static(&[0; 8]),
    }
}

fn everything() -> Everything {
    Everything {
        items: vec![
            Item {
                name: "a".into(),
                size: None,
            },
            Item {
                name: "b".into(),
                size: Some(2.5),
            },
        ],
        shapes: vec![
            Shape::Point,
            Shape::Circle(1.0),
            Shape::Box(1, 2),
            Shape::Named { label: 'é' },
        ],
        counts: BTreeMap::from([(7, true), (8, false)]),
        wide: (i128::MIN, u128::MAX, u64::MAX),
        raw: Bytes::from_static(b"\xff\x00"),
        list: vec![1, 2],
        free: Value::from([Value::from(tensor()), Value::BigInt("1".repeat(40).into())]),
        unit: (),
    }
}

#[test]
fn types_convert_to_the_shape_of_their_json() {
    let value = to_value(&everything()).expect("has a value");
    assert_eq!(
        value.to_string(),
        format!(
            concat!(
                r#"{{"items": [{{"name": "a", "size": null}}, {{"name": "b", "size": 2.5}}], "#,
                r#""shapes": ["Point", {{"Circle": 1.0}}, {{"Box": [1, 2]}}, "#,
                r#"{{"Named": {{"label": "é"}}}}], "#,
                r#""counts": {{"7": true, "8": false}}, "#,
                r#""wide": [-170141183460469231731687303715884105728, "#,
                r#"340282366920938463463374607431768211455, 18446744073709551615], "#,
                r#""raw": <2 bytes>, "list": [1, 2], "free": [<tensor <f8 [1]>, {}], "#,
                r#""unit": null}}"#
            ),
            "1".repeat(40)
        )
    );
    assert_eq!(
        from_value::<Everything>(&value).expect("comes back"),
        everything()
    );
}

#[test]
fn errors_have_expectation_value_and_path() {
    fn error<T: serde::de::DeserializeOwned + std::fmt::Debug>(value: impl Into<Value>) -> String {
        from_value::<T>(&value.into())
            .expect_err("is refused")
            .to_string()
    }
    let item = |name: Value| -> Value {
        [(
            "items",
            Value::from([[("name", name)].into_iter().collect::<Value>()]),
        )]
        .into_iter()
        .collect()
    };
    assert_eq!(
        error::<BTreeMap<String, Vec<Item>>>(item(3.into())),
        "expected a string, found the integer `3`, at `.items[0].name`"
    );
    assert_eq!(error::<i64>("x"), "expected i64, found the string `\"x\"`");
    assert_eq!(error::<u8>(300), "expected u8, found the integer `300`");
    assert_eq!(error::<i64>(3.0), "expected i64, found the float `3.0`");
    assert_eq!(error::<(i64, i64)>([1, 2, 3]), "expected 2 items, found 3");
    // Fields are read by name, never by their order.
    assert_eq!(
        error::<Item>(Value::from(["a", "b"])),
        "expected struct Item, found a list of 2"
    );
    assert_eq!(
        error::<(i64, i64)>([1]),
        "expected a tuple of size 2, found 1 items"
    );
    assert_eq!(
        error::<Shape>("Pont"),
        "unknown variant `Pont`; did you mean `Point`?"
    );
    assert_eq!(
        error::<Shape>("Circle"),
        "expected the content of a newtype variant: a map whose one key is the variant"
    );
    assert_eq!(
        error::<Shape>(Value::from_iter([("Point", 3)])),
        "expected unit, found the integer `3`, at `.Point`"
    );
    assert_eq!(
        error::<Item>(Value::from_iter([("nme", "a")])),
        "unknown field `nme`; did you mean `name`?, at `.nme`"
    );
    assert_eq!(error::<Item>(Map::new()), "field `name` is missing");
    let digits = "9".repeat(30);
    assert_eq!(
        error::<i64>(Value::BigInt(digits.as_str().into())),
        format!("expected i64, found the integer `{digits}`, which is beyond 64 bits")
    );
    let unspeakable = BTreeMap::from([("k", BTreeMap::from([(vec![1], 1)]))]);
    assert_eq!(
        to_value(&unspeakable).expect_err("is refused").to_string(),
        "expected a string, a number or a bool as the key of a map, found a list of 1, at `.k`"
    );
}

#[test]
fn integers_read_as_floats_and_strings_as_bytes() {
    assert_eq!(from_value::<f64>(&Value::Int(3)), Ok(3.0));
    assert_eq!(
        from_value::<Bytes>(&Value::from("abc")),
        Ok(Bytes::from_static(b"abc"))
    );
}

#[test]
fn value_inside_a_type_is_not_copied() {
    let whole = Value::Bytes(Bytes::from(vec![0; 100]));
    let list = to_value(&[&whole]).expect("has a value");
    let back: Vec<Value> = from_value(&list).expect("comes back");
    assert_eq!(
        back[0].as_bytes().map(|bytes| bytes.as_ptr()),
        whole.as_bytes().map(|bytes| bytes.as_ptr())
    );
}

#[test]
fn value_survives_untagged_buffering() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Loose {
        Number(i64),
        Other(Value),
    }
    for value in everything().free.as_list().expect("a list") {
        let loose: Loose = from_value(value).expect("comes back");
        assert_eq!(loose, Loose::Other(value.clone()));
    }
}

#[test]
fn digits_select_the_narrowest_integer() {
    assert_eq!(
        Value::integer("-9223372036854775808"),
        Some(Value::Int(i64::MIN))
    );
    assert_eq!(
        Value::integer("9223372036854775808"),
        Some(Value::UInt(1 << 63))
    );
    assert_eq!(
        Value::integer("18446744073709551616"),
        Some(Value::BigInt("18446744073709551616".into()))
    );
    assert_eq!(
        Value::integer("-00000000000000000000000000012"),
        Some(Value::Int(-12))
    );
    assert_eq!(Value::integer("-0"), Some(Value::Int(0)));
    assert_eq!(Value::integer("1.0"), None);
    assert_eq!(Value::integer("-"), None);
}

/// Any value, nested a few levels.
pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i128>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop_oneof![
            Just(f64::NAN),
            Just(f64::INFINITY),
            Just(f64::NEG_INFINITY),
            Just(-0.0)
        ]
        .prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        proptest::collection::vec(any::<u8>(), 0..300).prop_map(|bytes| Value::Bytes(bytes.into())),
        (
            proptest::collection::vec(any::<u64>(), 0..4),
            proptest::collection::vec(any::<u8>(), 0..20)
        )
            .prop_map(|(shape, data)| {
                Value::from(Tensor {
                    dtype: "|u1".into(),
                    shape: shape.into(),
                    data: data.into(),
                })
            }),
    ];
    scalar.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((".{0,12}", inner.clone()), 0..6).prop_map(Value::from_iter),
            ("[$]{1,3}(int|float|bytes|tensor|opaque|emit|own)", inner)
                .prop_map(|entry| Value::from_iter([entry])),
            ("[$]{1,3}(int|float|bytes)", "[0-9]{1,4}|NaN")
                .prop_map(|entry| Value::from_iter([entry])),
        ]
    })
}

proptest! {
    #[test]
    fn values_pass_unchanged(value in any_value()) {
        prop_assert!(to_value(&value).expect("has a value").same(&value));
        prop_assert!(from_value::<Value>(&value).expect("comes back").same(&value));
        let inside: BTreeMap<String, (Value, u8)> = [("key".to_owned(), (value, 1))].into();
        let whole = to_value(&inside).expect("has a value");
        let back: BTreeMap<String, (Value, u8)> = from_value(&whole).expect("comes back");
        prop_assert!(back["key"].0.same(&inside["key"].0));
    }

    #[test]
    fn values_survive_other_formats(value in any_value()) {
        let json = serde_json::to_string(&value).expect("is JSON");
        let back = serde_json::from_str::<Value>(&json).expect("comes back");
        prop_assert!(back.same(&value), "{json}");
        let packed = rmp_serde::to_vec(&value).expect("is msgpack");
        prop_assert!(rmp_serde::from_slice::<Value>(&packed).expect("comes back").same(&value));
    }

    #[test]
    fn types_come_back(
        name in ".*",
        size in proptest::option::of(-1e9..1e9),
        number in any::<i128>(),
        raw in proptest::collection::vec(any::<u8>(), 0..50),
    ) {
        let type_ = (vec![Item { name, size }], number, Bytes::from(raw));
        let value = to_value(&type_).expect("has a value");
        let back: (Vec<Item>, i128, Bytes) = from_value(&value).expect("comes back");
        prop_assert_eq!(back, type_);
    }
}
