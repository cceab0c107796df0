//! Names of nodes that do not fit into the path of a socket.

use noob_zmq::graph::Value;
use noob_zmq::runner::{Runner as _, ZmqRunner};
use noob_zmq_tests::processes::{assert_gone, left_in};
use noob_zmq_tests::runners::{each, tube};
use tempfile::TempDir;

/// Longest directory of runs, in bytes.
///
/// Of the 107 bytes of a path, `/RRRRRRRR/nodes/NNNNNNNNNNNNNNNNNNNNNNNN/outbox` takes 47.
const LONGEST: usize = 60;

/// Returns a chain of two nodes of these names between a source and the return.
fn chain(first: &str, second: &str) -> String {
    format!(
        "
nodes:
  count: {{type: test.count, params: {{limit: 3}}}}
  {first}: {{type: test.double, depends: [{{value: count.index}}]}}
  {second}: {{type: test.double, depends: [{{value: {first}.value}}]}}
  return: {{type: return, depends: {second}.value}}
"
    )
}

/// Returns names that are too long for the path of a socket, by pairs.
fn long_names() -> [(String, String); 4] {
    let japanese = "\u{65e5}\u{672c}\u{8a9e}\u{306e}\u{9577}".repeat(5);
    assert_eq!((japanese.chars().count(), japanese.len()), (25, 75));
    let common = "p".repeat(100);
    let longest = "n".repeat(254);
    [
        (japanese, "short".into()),
        (format!("{common}_a"), format!("{common}_b")),
        (format!("{longest}a"), format!("{longest}b")),
        ("\u{e9}".repeat(127), "\u{e9}".repeat(126)),
    ]
}

#[test]
fn names_longer_than_the_path_of_a_socket_run() {
    for (first, second) in long_names() {
        each(&chain(&first, &second), |runner| {
            let values: Vec<_> = [0, 4, 8].map(Value::Int).into();
            assert_eq!(runner.run_all().unwrap(), values, "{first}, {second}");
        });
    }
}

#[test]
fn longest_name_runs_in_the_longest_directory() {
    let outer = TempDir::with_prefix("nz").unwrap();
    let base = outer.path().to_str().unwrap().len() + 1;
    let (first, second) = long_names().into_iter().nth(2).unwrap();
    let longest = outer.path().join("d".repeat(LONGEST - base));
    let mut runner = ZmqRunner::builder(tube(&chain(&first, &second)))
        .runtime_dir(&longest)
        .build();
    assert_eq!(runner.run(3).unwrap(), [0, 4, 8].map(Value::Int));
    let id = runner.runner_id().unwrap().to_owned();
    runner.deinit().unwrap();
    assert_gone(&longest, &id);

    let deeper = outer.path().join("d".repeat(LONGEST - base + 1));
    let mut runner = ZmqRunner::builder(tube(&chain(&first, &second)))
        .runtime_dir(&deeper)
        .build();
    let error = runner.init().unwrap_err().to_string();
    let text = format!("has {} bytes, and may have {LONGEST}", LONGEST + 1);
    assert!(
        error.contains(&text) && error.contains(deeper.to_str().unwrap()),
        "{error}"
    );
    assert_eq!(left_in(&deeper), Vec::<String>::new());
}

#[test]
fn name_longer_than_255_bytes_is_rejected_at_its_place() {
    let long = "n".repeat(256);
    let text = format!("noob_id: test{}", chain(&long, "b"));
    let errors = noob_zmq::tube::from_text("test.yaml", &text, ())
        .unwrap_err()
        .to_string();
    let place = "test.yaml:4:3";
    for part in [place, "it has 256 bytes", "a name has at most 255 bytes"] {
        assert!(errors.contains(part), "{part}: {errors}");
    }
}
