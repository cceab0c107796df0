//! Assets that `#[asset]` does not support: names without a dot, and an asset that counts its uses.

use std::panic::Location;

use noob_zmq::__private::inventory;
use noob_zmq::graph::{Map, ObjectCodec, Value};
use noob_zmq::node::{Argument, AssetType, NodeType};

use super::assets::{Counter, Set};

/// Asset that counts on entry and on exit, too.
static COUNTER_CM: AssetType = AssetType::new(
    NodeType::of_asset("counter_cm", module_path!(), Location::caller())
        .named("noob.testing.counter_cm")
        .params(&[Argument::new::<i64>("start", "i64").default("0")]),
    |params| {
        Ok(AssetType::made(Counter::Lifecycle {
            current: params.argument(0).or(|| 0)? + 1,
            entered: 1,
            exited: 0,
        }))
    },
    |object| {
        AssetType::closed::<Counter>(object, |counter| {
            counter.next();
            if let Counter::Lifecycle { exited, .. } = counter {
                *exited += 1;
            }
            Ok(())
        })
    },
    &ObjectCodec::portable::<Counter>(),
);
inventory::submit! { &COUNTER_CM }

static SET: AssetType = AssetType::new(
    NodeType::of_asset("set", module_path!(), Location::caller()).named("set"),
    |_| Ok(AssetType::made(Set { items: Vec::new() })),
    |_| Ok(()),
    &ObjectCodec::portable::<Set>(),
);
inventory::submit! { &SET }

static DICT: AssetType = AssetType::new(
    NodeType::of_asset("dict", module_path!(), Location::caller())
        .named("dict")
        .more_params(&Argument::new::<Value>("items", "any")),
    |params| Ok(AssetType::made(params.rest::<Map>()?)),
    |_| Ok(()),
    &ObjectCodec::portable::<Map>(),
);
inventory::submit! { &DICT }
