//! Arguments with the names that an expansion uses itself.

use super::{call, find, live, map, said};
use crate::graph::Map;

/// Has the names that the expansion uses itself.
#[noob_zmq::node]
fn names(call: i64, said: i64, params: i64, names: i64, r#type: i64) -> [i64; 5] {
    [call, said, params, names, r#type]
}

/// Has such names with the underscore that would tell them apart.
#[noob_zmq::node]
fn minus(call: i64, call_: i64, emitted: i64, emitted_: i64) -> i64 {
    (call - call_) * 100 + (emitted - emitted_)
}

#[noob_zmq::node]
fn range(params: i64, params_: i64, node: i64) -> impl Iterator<Item = i64> {
    [params, params_, node].into_iter()
}

#[test]
fn argument_with_underscore_keeps_its_own_value() {
    let given = map([
        ("call", 10.into()),
        ("call_", 3.into()),
        ("emitted", 9.into()),
        ("emitted_", 4.into()),
    ]);
    assert_eq!(
        call(&mut *live("minus", []), &[], given),
        Ok(said("value", 705))
    );
    let params = [
        ("params", 1.into()),
        ("params_", 2.into()),
        ("node", 3.into()),
    ];
    let mut source = live("range", params);
    source.init().unwrap();
    for item in [1, 2, 3] {
        assert_eq!(call(&mut *source, &[], Map::new()), Ok(said("value", item)));
    }
}

#[test]
fn arguments_can_have_any_name() {
    let slots: Vec<_> = find("names").slots.iter().map(|slot| slot.name).collect();
    assert_eq!(slots, ["call", "said", "params", "names", "type"]);
    let given = map([
        ("call", 1.into()),
        ("said", 2.into()),
        ("params", 3.into()),
        ("names", 4.into()),
        ("type", 5.into()),
    ]);
    assert_eq!(
        call(&mut *live("names", []), &[], given),
        Ok(said("value", [1, 2, 3, 4, 5]))
    );
}
