//! A tube that extends another, contains a third, and has a node with very many slots.
use noob_zmq::runner::SyncRunner;

#[noob_zmq::node(name = "extended.limit")]
fn limit(upto: u8) -> impl Iterator<Item = u8> {
    0..upto
}

#[noob_zmq::node(name = "extended.many")]
#[expect(clippy::too_many_arguments, reason = "that is what is tested")]
fn many(
    a: u8,
    b: u16,
    c: u32,
    d: u64,
    e: i8,
    f: i16,
    g: i32,
    h: i64,
    i: String,
    j: Vec<u8>,
    k: f32,
    l: f64,
    m: bool,
    n: char,
    #[slot(default = 5)] o: u8,
) -> String {
    let low = u64::from(a) + u64::from(b) + u64::from(c) + d + u64::from(o);
    let high = i64::from(e) + i64::from(f) + i64::from(g) + h;
    format!("{low} {high} {i} {j:?} {k} {l} {m} {n}")
}

noob_zmq::tube!(
    Many = "ui/pass/tube_extends.yaml",
    nodes = {"extended.limit" => limit, "extended.many" => many},
);

#[test]
fn what_it_extends_is_checked_and_runs_wherever_the_program_does() {
    let mut run = Many.runner::<SyncRunner>(2).unwrap();
    let mut said: Vec<String> = Vec::new();
    for _ in 0..2 {
        let returned: ManyReturned = run.process(7, true).unwrap().unwrap();
        said.push(returned.said.unwrap());
    }
    assert_eq!(
        said,
        [
            "12 0 so [1, 2] 1.5 2.5 true x",
            "15 1 so [1, 2] 1.5 2.5 true x"
        ]
    );
}
