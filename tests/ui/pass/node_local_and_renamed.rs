//! Nodes in functions and modules, with renamed imports, behind `cfg`, and twice in a file.
use noob_zmq::graph::{Emit, NodeTypes as _};
use noob_zmq::node as a_node;

mod first {
    #[super::a_node]
    pub fn twice(number: Number) -> Number {
        number * 2
    }

    type Number = i64;
}

mod second {
    #[noob_zmq::node]
    #[cfg(any())]
    fn twice(number: NoSuchType) -> i64 {}

    #[cfg_attr(all(), noob_zmq::node)]
    pub fn twice(number: i64) -> i64 {
        number * 2
    }
}

#[test]
fn runs() {
    const NOOB_ZMQ_NODE: i64 = 3;

    #[a_node(name = "local.thrice")]
    fn thrice(number: i64, #[slot(default = TIMES)] times: i64) -> Emit<i64> {
        Emit::Value(number * times)
    }
    const TIMES: i64 = NOOB_ZMQ_NODE;

    assert_eq!(first::twice(2), second::twice(2));
    assert_eq!(thrice(2, TIMES), Emit::Value(6));
    let registry = noob_zmq::node::Registry::get().unwrap();
    let this = module_path!().replace("::", ".");
    let names: Vec<_> = registry
        .names()
        .into_iter()
        .filter(|name| name.starts_with("local.") || name.starts_with(&this))
        .collect();
    assert_eq!(
        names,
        [
            "local.thrice".into(),
            format!("{this}.first.twice").into(),
            format!("{this}.second.twice").into()
        ]
    );
}
