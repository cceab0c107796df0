//! Standard output, standard error and reports where they cannot be written.

use std::process::{Command, Stdio};

use crate::fixture::{Cli, counting_tube, text};

#[test]
fn closed_output_pipe_is_no_failure() {
    let cli = Cli::new();
    let tube = counting_tube(&cli);
    let shell = format!(
        "{} run {} --json | head -n 2",
        env!("CARGO_BIN_EXE_host"),
        tube
    );
    let output = Command::new("sh")
        .args(["-c", &shell])
        .env("NOOB_ZMQ_RUNTIME_DIR", cli.dir.path().join("r"))
        .output()
        .unwrap();
    assert_eq!(
        (text(&output.stdout), text(&output.stderr)),
        ("0\n1\n".into(), String::new())
    );
}

/// Runs the command with both outputs closed at their other ends, and returns its exit code.
fn code_with_closed_outputs(cli: &Cli, arguments: &[&str]) -> Option<i32> {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = cli.command();
    command
        .args(arguments)
        .stdout(writer.try_clone().unwrap())
        .stderr(writer);
    command.status().unwrap().code()
}

#[test]
fn closed_outputs_panic_no_command() {
    let cli = Cli::new();
    let tube = counting_tube(&cli);
    let wrong = cli.file("wrong.yaml", "noob_id: t\nnodes: {a: {type: test.cuont}}\n");
    let wrong = wrong.to_str().unwrap();
    let key = cli.dir.path().join("key");
    let bench = [
        "bench",
        &tube,
        "--runner",
        "sync",
        "--process",
        "2",
        "--run",
        "2",
    ];
    assert_eq!(code_with_closed_outputs(&cli, &bench), Some(0));
    for (arguments, code) in [
        (&["check", &tube][..], 0),
        (&["check", wrong], 1),
        (&["check", "/no/such.yaml"], 1),
        (&["run", &tube, "--input", "x=1"], 2),
        (&["run", &tube, "-n", "2", "--runner", "sync"], 0),
        (&["schema"], 0),
        (&["nodes"], 0),
        (&["keygen", key.to_str().unwrap()], 0),
        (&["--help"], 0),
        (&["--no-such"], 2),
    ] {
        assert_eq!(
            code_with_closed_outputs(&cli, arguments),
            Some(code),
            "{arguments:?}"
        );
    }
}

#[test]
fn full_disk_at_standard_output_is_a_failure() {
    let cli = Cli::new();
    let tube = counting_tube(&cli);
    for arguments in [
        &["schema"][..],
        &["check", &tube],
        &["nodes"],
        &["handlers"],
        &["protocol"],
        &["--help"],
        &["run", &tube, "-n", "2", "--runner", "sync"],
        &[
            "bench",
            &tube,
            "--runner",
            "sync",
            "--process",
            "2",
            "--run",
            "2",
        ],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let mut command = cli.command();
        command.args(arguments).stdout(full.unwrap());
        let output = command.stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let error = text(&output.stderr);
        assert!(
            error.starts_with("error: standard output: No space"),
            "{error}"
        );
    }
}

#[test]
fn unwritable_report_is_named_before_the_run() {
    let cli = Cli::new();
    let tube = counting_tube(&cli);
    let output = cli.run(&["run", &tube, "-n", "2", "--report", "/no/such/r.json"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        (text(&output.stdout), text(&output.stderr)),
        (
            String::new(),
            "error: the report cannot be written to `/no/such/r.json`: No such file or directory \
             (os error 2)\n"
                .into()
        )
    );
    // A report that fails at the end does not hide the error of the run.
    let fails = cli.tube(
        "
  count: {type: test.count}
  picky: {type: test.fail_at, params: {at: 0}, depends: [{value: count.index}]}
  return: {type: return, depends: picky.value}
",
    );
    let output = cli.run(&["run", &fails, "--report", "/dev/full"]);
    let error = text(&output.stderr);
    assert!(
        error.contains("cannot be written to `/dev/full`: No space"),
        "{error}"
    );
    assert!(
        error
            .lines()
            .last()
            .unwrap()
            .contains("the frame is refused"),
        "{error}"
    );
}
