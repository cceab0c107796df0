//! `noob-zmq run`: values, exit codes and errors.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::fixture::{Cli, counting_tube, text};

fn words_tube() -> String {
    let tube = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/words.yaml");
    tube.to_str().unwrap().to_owned()
}

/// Returns the ten most frequent words of a file by `tr`, `sort` and `uniq -c`, with their counts.
fn counted_by_tools(file: &Path) -> String {
    let pipe = r"export LC_ALL=C; tr -cs 'A-Za-z0-9' '\n' < $0 | tr 'A-Z' 'a-z' | grep . |
        sort | uniq -c | sort -k1,1nr -k2,2 | head -n 10";
    let output = Command::new("sh")
        .args(["-c", pipe])
        .arg(file)
        .output()
        .unwrap();
    let text = text(&output.stdout);
    let pair = |line: &str| {
        let (count, word) = line.trim().split_once(' ').unwrap();
        format!("\"{word}\":{count}")
    };
    format!(
        "{{{}}}\n",
        text.lines().map(pair).collect::<Vec<_>>().join(",")
    )
}

#[test]
fn words_are_counted_as_by_tr_sort_and_uniq() {
    let cli = Cli::new();
    let noise: Vec<u8> = (0_u32..20_000)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let long = "word ".repeat(5000) + "\r\nlast line without end";
    let texts: [(&str, &[u8]); 6] = [
        ("noise", &noise),
        ("empty", b""),
        ("blank", b"\n\n \n"),
        ("long", long.as_bytes()),
        (
            "other",
            "Grüße, Größe grüße\nÉcole école Ecole 42 42 x42\n".as_bytes(),
        ),
        ("license", include_bytes!("../../LICENSE")),
    ];
    for (name, bytes) in texts {
        let file = cli.file(name, bytes);
        let input = format!("path={}", file.display());
        let mut printed = BTreeMap::new();
        for runner in ["zmq", "sync"] {
            let output = cli.run(&[
                "run",
                &words_tube(),
                "--input",
                &input,
                "--json",
                "--runner",
                runner,
            ]);
            assert!(output.status.success(), "{name}: {}", text(&output.stderr));
            printed.insert(runner, text(&output.stdout));
        }
        assert_eq!(printed["zmq"], printed["sync"], "{name}");
        assert_eq!(printed["zmq"], counted_by_tools(&file), "{name}");
    }
}

#[test]
fn values_are_printed_one_per_line() {
    let cli = Cli::new();
    let tube = cli.tube(
        "
  count: {type: test.count}
  return: {type: return, depends: [{n: count.index}]}
",
    );
    let output = cli.run(&["run", &tube, "-n", "3", "--json"]);
    assert_eq!(
        text(&output.stdout),
        "{\"n\":0}\n{\"n\":1}\n{\"n\":2}\n",
        "{}",
        text(&output.stderr)
    );
    assert!(output.status.success());
}

#[test]
fn all_mistakes_of_a_tube_are_shown_and_nothing_starts() {
    let cli = Cli::new();
    let tube = cli.tube(
        "
  a: {type: test.cuont}
  b: {type: test.double, depends: [{valu: c.index}]}
  c: {type: test.count}
",
    );
    let output = cli.run(&["run", &tube]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in ["t.yaml:3:", "test.cuont", "test.count", "t.yaml:4:", "valu"] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
}

#[test]
fn exit_code_distinguishes_usage_from_failure() {
    let cli = Cli::new();
    let tube = counting_tube(&cli);
    for arguments in [
        &["run"][..],
        &["run", &tube, "--runner", "other"],
        &["run", &tube, "-n", "x"],
        &["run", &tube, "--input", "novalue"],
        &["walk"],
    ] {
        let output = cli.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        assert!(output.stdout.is_empty());
    }
    let output = cli.run(&["run", "nowhere.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("nowhere.yaml"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn failing_node_is_named_after_earlier_values() {
    let cli = Cli::new();
    let tube = cli.tube(
        "
  count: {type: test.count}
  picky: {type: test.fail_at, params: {at: 2}, depends: [{value: count.index}]}
  return: {type: return, depends: picky.value}
",
    );
    for runner in ["zmq", "sync"] {
        let output = cli.run(&["run", &tube, "--json", "--runner", runner]);
        let said = text(&output.stderr);
        assert_eq!(
            (output.status.code(), text(&output.stdout)),
            (Some(1), "0\n1\n".into()),
            "{runner}: {said}"
        );
        assert!(
            said.contains("`picky`")
                && said.contains("t.yaml:4:3")
                && said.contains("epoch 2")
                && said.contains("the frame is refused"),
            "{said}"
        );
    }
}

#[test]
fn node_output_is_prefixed_and_kept_off_stdout() {
    let cli = Cli::new();
    let tube = cli.tube(
        "
  count: {type: test.count, params: {limit: 2}}
  loud: {type: test.shout, depends: [{value: count.index}]}
  return: {type: return, depends: loud.value}
",
    );
    let output = cli.run(&["run", &tube, "--json"]);
    let said = text(&output.stderr);
    assert_eq!(text(&output.stdout), "0\n1\n", "{said}");
    for line in [
        "[loud] stdout of 0",
        "[loud] stderr of 0",
        "[loud] stdout of 1",
        "[loud] stderr of 1",
    ] {
        assert!(
            said.lines().any(|said| said == line),
            "{line} is not in:\n{said}"
        );
    }
}

#[test]
fn unreadable_log_filter_is_reported_and_ignored() {
    let cli = Cli::new();
    let output = cli
        .command()
        .arg("nodes")
        .env("RUST_LOG", "noob_zmq=chatty")
        .output()
        .unwrap();
    assert!(output.status.success());
    let logged = text(&output.stderr);
    assert!(logged.contains("`RUST_LOG` cannot be read"), "{logged}");
    assert!(logged.contains("noob_zmq=debug,warn"), "{logged}");
}

#[test]
fn option_of_another_runner_is_refused() {
    let cli = Cli::new();
    let tube = counting_tube(&cli);
    for (command, option, value, runner) in [
        ("run", "--report", "r.json", "sync"),
        ("run", "--report", "r.json", "task"),
        ("run", "--window", "4", "sync"),
        ("run", "--window-bytes", "4096", "sync"),
        ("run", "--listen", "127.0.0.1:0", "task"),
        ("run", "--wait", "3", "sync"),
        ("bench", "--window", "4", "sync"),
    ] {
        let output = cli.run(&[command, &tube, option, value, "--runner", runner]);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{option}: {error}");
        assert!(
            error.contains(&format!("`{option}` is an option of")),
            "{error}"
        );
    }
}
