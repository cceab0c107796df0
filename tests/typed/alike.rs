//! Names of a tube that are alike, and tubes whose names are.
#![expect(
    non_camel_case_types,
    reason = "a tube with a name that begins like that of the other"
)]

use noob_zmq::runner::SyncRunner;
use noob_zmq::{node, tube};

#[node(signal = "b_c")]
fn a_b_c(limit: u8) -> impl Iterator<Item = u8> {
    0..limit
}

#[node(signal = "c")]
fn shout(number: u8) -> String {
    format!("{number}!")
}

#[node]
fn shout_1(text: String) -> Vec<String> {
    vec![text; 2]
}

pub(crate) mod more {
    #[noob_zmq::node(signal = "c")]
    fn shout(number: u8) -> u64 {
        u64::from(number) + 1
    }
}

tube!(Alike = "typed/alike.yaml");
tube!(Alike_node0 = "typed/alike.yaml");

mod inner {
    noob_zmq::tube!(pub(super) Alike = "typed/alike.yaml");
}

#[test]
fn names_that_are_alike_do_not_collide() {
    let returned = Alike.runner::<SyncRunner>().unwrap().process().unwrap();
    let AlikeReturned {
        self_: own,
        self__: other,
        all,
    } = returned.unwrap();
    let all: Vec<String> = all.unwrap();
    assert_eq!((other, own), (Some("0!".to_owned()), Some(1_u64)));
    assert_eq!(all, ["0!", "0!"]);
    for count in [
        Alike_node0
            .runner::<SyncRunner>()
            .unwrap()
            .run_all()
            .unwrap()
            .len(),
        inner::Alike
            .runner::<SyncRunner>()
            .unwrap()
            .run_all()
            .unwrap()
            .len(),
    ] {
        assert_eq!(count, 3);
    }
}
