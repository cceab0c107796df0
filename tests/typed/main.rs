//! Typed tubes of `tube!` on the runners.

mod alike;
mod nodes;

use noob_zmq::graph::Value;
use noob_zmq::nodes::numbers::Number::Int;
use noob_zmq::nodes::text::Text;
use noob_zmq::runner::{Runner as _, SyncRunner, ZmqRunner};
use noob_zmq::tube;
use noob_zmq::typed::{FromTube, TypedError};
use noob_zmq_tests::runners::zmq;

use nodes::Page;

noob_zmq::test_nodes!();

tube!(
    Sums = "typed/sums.yaml",
    nodes = {"typed.echo" => crate::nodes::echo},
);

/// Shows that a function can name the types of a named tube.
fn small_of<R: noob_zmq::runner::Runner>(
    run: &mut SumsRun<R>,
) -> Result<Vec<Option<u8>>, TypedError> {
    let mut found = Vec::new();
    for add in [1, 2, 3] {
        let returned: SumsReturned = run.process(add, None)?.expect("a number");
        found.push(returned.small);
    }
    Ok(found)
}

fn sums<R: FromTube>() {
    let mut run = Sums.runner::<R>(None).unwrap();
    assert_eq!(small_of(&mut run).unwrap(), [Some(10), None, None]);
    let last = run.process(1, Some(Value::from("k"))).unwrap().unwrap();
    assert_eq!(
        (last.number, last.r#type),
        (Some(3), Some(Value::from("k")))
    );
    let mut twice = Sums.runner::<R>(Some(2)).unwrap();
    assert_eq!(small_of(&mut twice).unwrap(), [Some(2), Some(6), Some(10)]);
}

#[test]
fn typed_tube_has_struct_results_in_one_process() {
    sums::<SyncRunner>();
}

#[test]
fn typed_tube_has_struct_results_in_many_processes() {
    sums::<ZmqRunner>();
}

#[test]
fn single_return_has_the_type_of_its_signal() {
    let all: Vec<i64> = tube!("typed/one.yaml", crates = [noob_zmq_tests])
        .runner::<SyncRunner>()
        .unwrap()
        .run_all()
        .unwrap();
    assert_eq!(all, [0, -1, -2, -3, -4]);
}

#[test]
fn inputs_named_like_the_expansion_keep_their_values() {
    let names = tube!("typed/names.yaml");
    let mut run = names.runner::<SyncRunner>().unwrap();
    let value = run.process(Int(10), Int(3), Int(100)).unwrap();
    assert_eq!(value, Some(Int(107)));
}

#[test]
fn configured_runner_runs_a_typed_tube() {
    let one = tube!("typed/one.yaml", crates = [noob_zmq_tests]);
    let private = zmq(one.tube().unwrap());
    let mut run = one.on(private.runner);
    assert_eq!(run.process().unwrap(), Some(0));
    assert_eq!(run.run(2).unwrap(), [-1, -2]);
    assert_eq!(run.runner.processes().len(), 2);
    run.runner.deinit().unwrap();
}

#[test]
fn return_by_position_is_a_tuple() {
    let pair = tube!("typed/pair.yaml", nodes = {"given.count" => given::count});
    let mut run = pair.runner::<SyncRunner>().unwrap();
    let (title, page): (Text, Page) = run.process().unwrap().unwrap();
    assert_eq!(title, Text::One("PAGE 0".into()));
    assert_eq!(page, Page { number: 0 });
    let pages = run
        .run_all()
        .unwrap()
        .into_iter()
        .map(|(_, page)| page.number);
    assert_eq!(pages.collect::<Vec<_>>(), [1, 2]);
}

mod given {
    #[noob_zmq::node(name = "given.count", signal = "index")]
    pub(crate) fn count(limit: u32) -> impl Iterator<Item = u32> {
        0..limit
    }
}

#[test]
fn lists_keep_item_types_through_map_and_gather() {
    let mut run = tube!("typed/lists.yaml").runner::<SyncRunner>().unwrap();
    let returned = run.process(Text::from("so it goes")).unwrap().unwrap();
    let lengths: Option<Vec<usize>> = returned.lengths;
    assert_eq!(lengths, Some(vec![2, 2, 4]));
    assert_eq!(returned.sum, Some(11), "three words and eight letters");
}

#[test]
fn typed_tube_without_return_returns_nothing() {
    let mut run = tube!("typed/silent.yaml").runner::<SyncRunner>().unwrap();
    assert_eq!(run.process().unwrap(), None);
}

#[test]
fn node_type_known_at_load_takes_any_value() {
    let mut run = tube!("typed/at_load.yaml", at_load = ["test"])
        .runner::<SyncRunner>()
        .unwrap();
    assert_eq!(run.run_all().unwrap(), [[0], [3], [6]]);
}

#[test]
fn load_error_of_a_typed_tube_has_its_place() {
    let broken = tube!("typed/broken.yaml", at_load = ["nobody"]);
    let error = broken.tube().unwrap_err().to_string();
    assert!(
        error.contains("typed/broken.yaml:3:17: no node type is called `nobody.counts`"),
        "{error}"
    );
    assert!(error.contains("typed/broken.yaml:4:57"), "{error}");
}

#[test]
fn typed_tube_embeds_its_file() {
    assert_eq!(Sums::TEXT, include_str!("sums.yaml"));
}
