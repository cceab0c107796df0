//! Inputs and values that go through pipes, on every runner.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::time::Duration;

use noob_zmq_tests::processes::{left_in, wait_for};
use rustix::process::{Pid, Signal, kill_process};

use crate::fixture::{Cli, shell};

const RUNNERS: [&str; 3] = ["sync", "task", "zmq"];

/// A directory with tubes whose process-scoped input is `x`.
fn tubes() -> Cli {
    let cli = Cli::new();
    cli.file(
        "pass.yaml",
        "noob_id: pass
input: {x: {type: int, scope: process}}
nodes:
  out: {type: return, depends: input.x}
",
    );
    cli.file(
        "beside.yaml",
        "noob_id: beside
input: {x: {type: int, scope: process, default: 7}}
nodes:
  count: {type: test.count, params: {limit: 3}}
  sum: {type: test.add, depends: [count.index, input.x]}
  out: {type: return, depends: sum.value}
",
    );
    cli.file(
        "any.yaml",
        "noob_id: any
input:
  x: {type: any, scope: process}
  unit: {type: str, scope: process, default: m}
nodes:
  echo: {type: test.echo, depends: [{value: input.x}]}
  out: {type: return, depends: [{x: echo.value}, {unit: input.unit}]}
",
    );
    cli
}

/// Runs the line with each runner in the place of `RUNNER`; all must give the same.
fn each(cli: &Cli, line: &str) -> (String, String) {
    let outputs = RUNNERS.map(|runner| shell(cli, &line.replace("RUNNER", runner)));
    assert_eq!(outputs[0], outputs[1], "sync and task: {line}");
    assert_eq!(outputs[0], outputs[2], "sync and zmq: {line}");
    outputs.into_iter().next().unwrap()
}

fn printed(cli: &Cli, line: &str) -> String {
    let (out, error) = each(cli, line);
    assert_eq!(error, "", "{line}");
    out
}

#[test]
fn closed_output_ends_a_run_of_process_scoped_inputs() {
    let cli = tubes();
    let line = "$NZ run pass.yaml --runner RUNNER --input x=4 -n 1000000000 | head -1";
    assert_eq!(printed(&cli, line), "4\n");
    let line = "yes 5 | $NZ run pass.yaml --runner RUNNER --inputs - | head -1";
    assert_eq!(printed(&cli, line), "5\n");
}

#[test]
fn process_scoped_input_beside_a_source_ends_with_the_source() {
    let cli = tubes();
    for (given, values) in [("", "7\n8\n9\n"), ("--input x=1", "1\n2\n3\n")] {
        for n in ["", "-n 10"] {
            let line = format!("$NZ run beside.yaml --runner RUNNER {given} {n}");
            assert_eq!(printed(&cli, &line), values, "{line}");
        }
        let line = format!("$NZ run beside.yaml --runner RUNNER {given} -n 2");
        assert_eq!(printed(&cli, &line), values[..4], "{line}");
    }
    let line = "seq 10 | $NZ run beside.yaml --runner RUNNER --inputs -";
    assert_eq!(printed(&cli, line), "1\n3\n5\n");
    // Nothing but the input feeds this one.
    assert_eq!(
        printed(&cli, "$NZ run pass.yaml --runner RUNNER --input x=4"),
        "4\n"
    );
    let line = "$NZ run pass.yaml --runner RUNNER --input x=4 -n 2";
    assert_eq!(printed(&cli, line), "4\n4\n");
}

#[test]
fn lines_of_json_are_inputs_of_an_epoch_each() {
    let cli = tubes();
    cli.file(
        "lines.jsonl",
        "\u{feff}{\"x\": [1, null, \"日本\"]}\r\n\n{\"unit\": \"s\", \"x\": 1.5}\n{\"x\": \"end\"}",
    );
    let run = "$NZ run any.yaml --runner RUNNER --json --inputs";
    let values = "{\"x\":[1,null,\"日本\"],\"unit\":\"m\"}
{\"x\":1.5,\"unit\":\"s\"}
{\"x\":\"end\",\"unit\":\"m\"}
";
    assert_eq!(printed(&cli, &format!("{run} lines.jsonl")), values);
    assert_eq!(printed(&cli, &format!("{run} - < lines.jsonl")), values);
    assert_eq!(printed(&cli, &format!("{run} <(cat lines.jsonl)")), values);
    assert_eq!(printed(&cli, &format!("{run} - -n 0 < lines.jsonl")), "");
    let line = format!("{run} - -n 1 --input unit=kg < lines.jsonl");
    assert_eq!(
        printed(&cli, &line),
        values.lines().next().unwrap().replace('m', "kg") + "\n"
    );
    assert_eq!(printed(&cli, &format!("{run} /dev/null")), "");
}

#[test]
fn values_of_a_run_are_inputs_of_another() {
    let cli = tubes();
    let wide =
        r#"{"x": [{"$float": "NaN"}, 123456789012345678901234567890, 18446744073709551615]}"#;
    cli.file("wide.jsonl", wide);
    let run = "$NZ run any.yaml --runner RUNNER --inputs";
    let tagged = r#"{"x":[{"$float":"NaN"},{"$int":"123456789012345678901234567890"},"#;
    let tagged = format!("{tagged}18446744073709551615],\"unit\":\"m\"}}\n");
    assert_eq!(printed(&cli, &format!("{run} wide.jsonl --json")), tagged);
    let line = format!("{run} wide.jsonl --output jsonl | {run} - --output jsonl");
    assert_eq!(printed(&cli, &line), tagged);
    let plain = "{\"x\":[null,123456789012345678901234567890,18446744073709551615],\"unit\":\"m\"}";
    let line =
        format!("{run} wide.jsonl --output jsonl --plain-json | {run} - --json --plain-json");
    assert_eq!(printed(&cli, &line), format!("{plain}\n"));
    let line = "seq 3 | $NZ run pass.yaml --runner RUNNER --inputs - | \
        $NZ run pass.yaml --runner RUNNER --inputs - --output json";
    assert_eq!(printed(&cli, line), "[\n1,\n2,\n3\n]\n");
    let line = "$NZ run pass.yaml --runner RUNNER --inputs /dev/null --output json";
    assert_eq!(printed(&cli, line), "[]\n");
}

#[test]
fn bad_line_of_inputs_is_named_with_its_number() {
    let cli = tubes();
    for (lines, part) in [
        (
            "1\n{\"x\": \"two\"}",
            "line 2 of standard input is refused: the input `x` has the type \
            `int` and cannot be the string `\"two\"`; give an integer",
        ),
        (
            "1\n\n{\"x\":",
            "line 3 of standard input is no JSON: EOF while parsing a value at column 5; \
            write one mapping a line, as in `{\"x\": ..}`",
        ),
        (
            "1\nNaN",
            "line 2 of standard input is no JSON: expected value at column 1",
        ),
        (
            "1\n{\"y\": 2}",
            "line 2 of standard input gives `y`, which is no process-scoped input of \
            the tube; it has `x`",
        ),
        ("1\n{}", "line 2 of standard input lacks `x` (int)"),
        (
            "1\n\\xff",
            "line 2 of standard input is no UTF-8 text, from byte 1 on",
        ),
    ] {
        let run = "$NZ run pass.yaml --runner RUNNER --inputs -";
        let (out, error) = each(&cli, &format!("printf '{lines}' | {run}; echo $?"));
        assert_eq!(out, "1\n1\n", "{lines}: {error}");
        assert!(error.contains(part), "{lines}: {error}");
        // A list of JSON is complete nevertheless.
        let (out, _) = each(&cli, &format!("printf '{lines}' | {run} --output json"));
        assert_eq!(out, "[\n1\n]\n", "{lines}");
    }
    let (_, error) = each(&cli, "$NZ run pass.yaml --runner RUNNER --inputs /no/such");
    assert_eq!(
        error,
        "error: `/no/such`: No such file or directory (os error 2)\n"
    );
    let (_, error) = each(&cli, "$NZ run pass.yaml --runner RUNNER --inputs . ");
    assert!(
        error.contains("line 1 of `.` cannot be read: Is a directory"),
        "{error}"
    );
}

/// Runs that wait for the next line of their inputs, and are sent a signal.
#[test]
fn signal_ends_a_run_that_waits_for_inputs() {
    let cli = tubes();
    for runner in RUNNERS {
        for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
            let mut command = cli.command();
            command
                .current_dir(cli.dir.path())
                .args(["run", "pass.yaml", "--runner", runner, "--inputs", "-"])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null());
            let mut child = Ended(command.spawn().unwrap());
            let mut stdin = child.0.stdin.take().unwrap();
            stdin.write_all(b"5\n").unwrap();
            let mut printed = BufReader::new(child.0.stdout.take().unwrap()).lines();
            assert_eq!(printed.next().unwrap().unwrap(), "5", "{runner}");
            let pid = i32::try_from(child.0.id()).unwrap();
            kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
            let ended = wait_for("the run to end", Duration::from_secs(10), || {
                child.0.try_wait().unwrap()
            });
            assert_eq!(ended.code(), Some(code), "{runner}");
            assert!(printed.next().is_none(), "{runner}");
            assert_eq!(left_in(&cli.dir.path().join("r")), Vec::<String>::new());
            drop(stdin);
        }
    }
}

/// Process that ends with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn value_is_printed_before_the_next_line_of_inputs() {
    let cli = tubes();
    for runner in RUNNERS {
        let mut command = cli.command();
        command
            .current_dir(cli.dir.path())
            .args(["run", "pass.yaml", "--runner", runner, "--inputs", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = child.stdin.take().unwrap();
        let mut values = BufReader::new(child.stdout.take().unwrap());
        for x in 0..3 {
            writeln!(lines, "{x}").unwrap();
            let mut value = String::new();
            values.read_line(&mut value).unwrap();
            assert_eq!(value, format!("{x}\n"), "{runner}");
        }
        drop(lines);
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn contradicting_options_of_a_pipeline_are_refused() {
    let cli = tubes();
    cli.file(
        "none.yaml",
        "noob_id: none\nnodes: {c: {type: test.count, params: {limit: 1}}}\n",
    );
    for (arguments, part) in [
        (
            "run - --inputs -",
            "standard input is either the tube or `--inputs`",
        ),
        (
            "run pass.yaml --input x=1 --plain-json",
            "add `--output jsonl`",
        ),
        (
            "run pass.yaml --input x=1 --json --output table",
            "cannot be used with",
        ),
        ("run none.yaml --inputs -", "declares none"),
        (
            "run pass.yaml",
            "needs the input `x` (int): give it with `--input NAME=VALUE`",
        ),
        (
            "bench pass.yaml",
            "needs the input `x` (int): give it with `--input NAME=VALUE`",
        ),
        (
            "run pass.yaml --input x=two",
            "`--input x=two`: the input `x` has the type `int`",
        ),
        ("check pass.yaml --input x=two", "give an integer"),
    ] {
        let (out, error) = shell(&cli, &format!("$NZ {arguments} < pass.yaml; echo $?"));
        assert_eq!(out, "2\n", "{arguments}: {error}");
        assert!(error.contains(part), "{arguments}: {error}");
    }
}

#[test]
fn word_of_an_input_is_of_its_declared_type() {
    let cli = Cli::new();
    cli.file(
        "loud.yaml",
        "noob_id: loud
input: {loud: {type: bool, default: false}, text: {type: 'str | None', default: null}}
nodes:
  count: {type: test.count, params: {limit: 1}}
  loud: {type: test.double, enabled: input.loud, depends: [{value: count.index}]}
  echo: {type: test.echo, params: {value: input.text}}
  sink: {type: test.double, depends: [{value: loud.value}]}
  out: {type: return, depends: echo.value}
",
    );
    let run = "$NZ run loud.yaml -n 1 --runner RUNNER --json --input text=123E5 --input loud";
    let with = |loud: &str| each(&cli, &format!("{run}={loud}"));
    for loud in ["False", "no", "off", "0"] {
        let (out, warnings) = with(loud);
        assert_eq!(out, "\"123E5\"\n", "{loud}");
        assert!(
            warnings.contains("`sink` will never run"),
            "{loud}: {warnings}"
        );
    }
    for loud in ["True", "yes", "on", "1"] {
        let (_, warnings) = with(loud);
        assert!(!warnings.contains("never run"), "{loud}: {warnings}");
    }
    let (_, error) = with("maybe");
    assert!(
        error.contains(
            "`--input loud=maybe`: the input `loud` has the type `bool` and cannot be \
            the string `\"maybe\"`; give `true` or `false`"
        ),
        "{error}"
    );
}

#[test]
fn values_after_the_end_of_a_source_are_warned_of() {
    let cli = Cli::new();
    let tube = |limit: u32| {
        let text = format!(
            "noob_id: two
nodes:
  two: {{type: test.count, params: {{limit: 2}}}}
  more: {{type: test.count, params: {{limit: {limit}}}}}
  out: {{type: return, depends: [{{two: two.index}}, {{more: more.index}}]}}
"
        );
        cli.file("two.yaml", text);
    };
    let run = "$NZ run two.yaml --json --runner RUNNER";
    for limit in [1, 2, 3] {
        tube(limit);
        let (out, error) = each(&cli, run);
        assert!(out.starts_with("{\"two\":0,\"more\":0}\n"), "{out}");
        // Each source has at most one more value, which is returned without the other.
        assert_eq!(error, "", "{limit}");
    }
    tube(5);
    let (out, error) = each(&cli, run);
    assert!(out.ends_with("}\n{\"more\":2}\n"), "{out}");
    assert!(
        error.contains(
            "the source `two` has ended, and the return node `out` depends on it: \
            no epoch from 3 on returns a value"
        ),
        "{error}"
    );
}

#[test]
fn output_of_nodes_is_kept_off_the_values() {
    let cli = Cli::new();
    cli.file(
        "shout.yaml",
        "noob_id: shout
nodes:
  count: {type: test.count, params: {limit: 2}}
  loud: {type: test.shout, depends: [{value: count.index}]}
  out: {type: return, depends: loud.value}
",
    );
    for runner in RUNNERS {
        let run = format!("$NZ run shout.yaml --runner {runner}");
        let (out, error) = shell(&cli, &run);
        assert_eq!(out, "0\n1\n", "{runner}");
        assert!(error.contains("stdout of 1"), "{runner}: {error}");
    }
    let bench = "$NZ bench shout.yaml --process 1 --run 0 --json --runner";
    for runner in RUNNERS {
        let (out, _) = shell(&cli, &format!("{bench} {runner}"));
        assert!(out.starts_with("{\"start\":"), "{runner}: {out}");
    }
}

#[test]
fn node_that_reads_standard_input_gets_its_end() {
    let cli = Cli::new();
    cli.file(
        "reader.yaml",
        "noob_id: reader
input: {x: {type: int, scope: process, default: 1}}
nodes:
  read: {type: test.read_standard_input}
  out: {type: return, depends: [{read: read.value}, {x: input.x}]}
",
    );
    let run = "$NZ run reader.yaml --runner RUNNER --json";
    let value = |x| format!("{{\"read\":\"\",\"x\":{x}}}\n");
    assert_eq!(
        printed(&cli, &format!("yes | {run} -n 2")),
        value(1).repeat(2)
    );
    let lines = printed(&cli, &format!("seq 2 | {run} --inputs -"));
    assert_eq!(lines, value(1) + &value(2));
}

#[test]
fn tube_that_returns_nothing_or_never_ends_says_so() {
    let cli = Cli::new();
    let count = "count: {type: test.count, params: {limit: 1}}";
    cli.file("none.yaml", format!("noob_id: none\nnodes:\n  {count}\n"));
    let never = "out: {type: return, depends: [{v: sum.value}, {w: count.index}]}";
    let double = "double: {type: test.double, enabled: false, depends: [{value: count.index}]}";
    let sum = "sum: {type: test.double, depends: [{value: double.value}]}";
    cli.file(
        "never.yaml",
        format!("noob_id: never\nnodes:\n  {count}\n  {double}\n  {sum}\n  {never}\n"),
    );
    cli.file(
        "endless.yaml",
        "noob_id: endless
nodes:
  one: {type: test.double, params: {value: 1}}
  out: {type: return, depends: one.value}
",
    );
    let (out, error) = each(&cli, "$NZ run none.yaml --runner RUNNER");
    let note =
        "note: the tube `none` has no node of `type: return`, so that its run prints nothing\n";
    assert_eq!((out.as_str(), error.as_str()), ("", note));
    let (out, _) = shell(&cli, "$NZ check none.yaml");
    assert!(
        out.ends_with("no mistakes; without a node of `type: return`, a run returns nothing\n")
    );
    for command in ["run", "check"] {
        let (out, error) = shell(&cli, &format!("$NZ {command} never.yaml; echo $?"));
        assert_eq!(out, "1\n", "{error}");
        assert!(
            error.contains("the return node `out` (never.yaml:6:3) can never run"),
            "{error}"
        );
    }
    let (out, error) = each(&cli, "$NZ run endless.yaml --runner RUNNER -n 2");
    assert_eq!(out, "2\n2\n");
    assert!(
        error.contains("node `one` depends on nothing, and its type is no source that ends"),
        "{error}"
    );
}
