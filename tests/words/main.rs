//! Compares the counts of `examples/words.yaml` with those of `tr`, `sort` and `uniq`, for any
//! text.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use noob_zmq::graph::spec::{NoTubes, load};
use noob_zmq::graph::{Map, Source, Tube, Value};
use noob_zmq::node::Registry;
use noob_zmq::runner::{Runner, SyncRunner};

noob_zmq::test_nodes!();

/// Limit above any number of words.
const ALL: i64 = 1_000_000;

fn tube(given: Map) -> Tube {
    let text = include_str!("../../examples/words.yaml");
    let source = Source {
        name: "examples/words.yaml".into(),
        text: text.into(),
    };
    load(&source, Registry::get().unwrap(), &NoTubes, &given)
        .unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn given(path: &Path, n: i64) -> Map {
    let path = Value::from(path.to_str().unwrap());
    Map::from_iter([("path".to_owned(), path), ("n".to_owned(), n.into())])
}

/// Returns the values, one a line, as `noob-zmq run --json` prints them.
fn returned(runner: &mut dyn Runner) -> Vec<String> {
    let values = runner.run_all().unwrap();
    runner.deinit().unwrap();
    values
        .iter()
        .map(|value| serde_json::to_string(value).unwrap())
        .collect()
}

/// Returns the same line, computed by the shell.
fn by_the_shell(path: &Path, n: i64) -> String {
    let pipeline = format!(
        "tr -cs 'A-Za-z0-9' '\\n' | tr 'A-Z' 'a-z' | grep . | sort | uniq -c | sort -k1,1nr -k2,2 \
         | head -n {n} | awk 'BEGIN {{ printf \"{{\" }} {{ printf \"%s\\\"%s\\\":%s\", (NR > 1 ? \
         \",\" : \"\"), $2, $1 }} END {{ print \"}}\" }}'"
    );
    let shell = Command::new("sh")
        .args(["-c", &pipeline])
        .env("LC_ALL", "C")
        .stdin(std::fs::File::open(path).unwrap())
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    String::from_utf8(shell.stdout)
        .unwrap()
        .trim_end()
        .to_owned()
}

/// Texts with unusual word boundaries.
fn texts() -> Vec<(&'static str, Vec<u8>)> {
    let many: String = (0..60_000_u32)
        .map(|i| format!("w{} {}\r\n", i % 977, i.wrapping_mul(2_654_435_761) % 313))
        .collect();
    vec![
        ("this source", include_bytes!("main.rs").to_vec()),
        ("nothing", Vec::new()),
        ("no words", b"\n--\n\r\n".to_vec()),
        ("no end of line", b"The end the END".to_vec()),
        (
            "other letters",
            "na\u{ef}ve na\u{ef}ve \u{130}x Stra\u{df}e \u{663}3"
                .as_bytes()
                .to_vec(),
        ),
        (
            "bytes that are no text",
            b"a\xff\xfeb a\0b \xc3\xa9t\xc3 A\xf0\x9f\x98 \xed\xa0\x80z".to_vec(),
        ),
        ("a long line", b"Word,word;".repeat(100_000)),
        ("many blocks", many.into_bytes()),
    ]
}

fn check(make: &dyn Fn(Tube) -> Box<dyn Runner>) {
    for (what, text) in texts() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&text).unwrap();
        for n in [10, ALL] {
            let lines = returned(&mut *make(tube(given(file.path(), n))));
            assert_eq!(lines, [by_the_shell(file.path(), n)], "{what}, the top {n}");
        }
    }
}

#[test]
fn counts_equal_those_of_the_shell_in_one_process() {
    check(&|tube| Box::new(SyncRunner::new(tube).unwrap()));
}

#[test]
fn counts_so_far_are_emitted_for_each_block() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&b"one two\n".repeat(20_000)).unwrap();
    let mut given = given(file.path(), 10);
    given.insert("say".to_owned(), "each".into());
    let lines = returned(&mut SyncRunner::new(tube(given)).unwrap());
    assert_eq!(lines.len(), 3, "160000 bytes are three blocks of 65536");
    assert_eq!(lines[2], r#"{"one":20000,"two":20000}"#);
}

#[test]
fn missing_file_is_named_in_the_error() {
    let mut runner = SyncRunner::new(tube(given(Path::new("no/such/file"), 10))).unwrap();
    let error = runner.run_all().unwrap_err().to_string();
    assert!(
        error.contains("`lines`") && error.contains("cannot open the file `no/such/file`"),
        "{error}"
    );
}
