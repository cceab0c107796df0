//! The `noob-zmq` command as users and scripts call it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use noob_zmq_tests::processes::left_in;
use tempfile::TempDir;

struct Cli {
    dir: TempDir,
}

impl Cli {
    fn new() -> Self {
        Self {
            dir: TempDir::with_prefix("nz").unwrap(),
        }
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_host"));
        command
            .env("NOOB_ZMQ_RUNTIME_DIR", self.dir.path().join("r"))
            .env_remove("RUST_LOG")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command().args(arguments).output().unwrap();
        assert_eq!(left_in(&self.dir.path().join("r")), Vec::<String>::new());
        output
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

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
    let tube = cli.file(
        "t.yaml",
        "noob_id: t
nodes:
  count: {type: test.count}
  return: {type: return, depends: [{n: count.index}]}
",
    );
    let output = cli.run(&["run", tube.to_str().unwrap(), "-n", "3", "--json"]);
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
    let tube = cli.file(
        "t.yaml",
        "noob_id: t
nodes:
  a: {type: test.cuont}
  b: {type: test.double, depends: [{valu: c.index}]}
  c: {type: test.count}
",
    );
    let output = cli.run(&["run", tube.to_str().unwrap()]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in ["t.yaml:3:", "test.cuont", "test.count", "t.yaml:4:", "valu"] {
        assert!(said.contains(part), "{part} is not in:\n{said}");
    }
}

#[test]
fn exit_code_distinguishes_usage_from_failure() {
    let cli = Cli::new();
    let tube = cli.file(
        "t.yaml",
        "noob_id: t
nodes:
  count: {type: test.count}
  return: {type: return, depends: count.index}
",
    );
    let tube = tube.to_str().unwrap();
    for arguments in [
        &["run"][..],
        &["run", tube, "--runner", "other"],
        &["run", tube, "-n", "x"],
        &["run", tube, "--input", "novalue"],
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
    let tube = cli.file(
        "t.yaml",
        "noob_id: t
nodes:
  count: {type: test.count}
  picky: {type: test.fail_at, params: {at: 2}, depends: [{value: count.index}]}
  return: {type: return, depends: picky.value}
",
    );
    for runner in ["zmq", "sync"] {
        let output = cli.run(&["run", tube.to_str().unwrap(), "--json", "--runner", runner]);
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
    let tube = cli.file(
        "t.yaml",
        "noob_id: t
nodes:
  count: {type: test.count, params: {limit: 2}}
  loud: {type: test.shout, depends: [{value: count.index}]}
  return: {type: return, depends: loud.value}
",
    );
    let output = cli.run(&["run", tube.to_str().unwrap(), "--json"]);
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
fn closed_output_pipe_is_no_failure() {
    let cli = Cli::new();
    let tube = cli.file(
        "t.yaml",
        "noob_id: t
nodes:
  count: {type: test.count}
  return: {type: return, depends: count.index}
",
    );
    let shell = format!(
        "{} run {} --json | head -n 2",
        env!("CARGO_BIN_EXE_host"),
        tube.display()
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

/// Returns a tube that counts, as an argument.
fn counting_tube(cli: &Cli) -> String {
    let tube = cli.file(
        "count.yaml",
        "noob_id: t
nodes:
  count: {type: test.count}
  return: {type: return, depends: count.index}
",
    );
    tube.to_str().unwrap().to_owned()
}

/// Runs a line of the shell in the directory, where `$NZ` is the command; returns its outputs.
fn shell(cli: &Cli, line: &str) -> (String, String) {
    let mut command = Command::new("bash");
    command
        .args(["-c", line])
        .current_dir(cli.dir.path())
        .env("NZ", env!("CARGO_BIN_EXE_host"))
        .env("NO_COLOR", "1")
        .env("NOOB_ZMQ_RUNTIME_DIR", "r");
    let output = command.output().unwrap();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn tube_from_a_pipe_is_read_once() {
    let cli = Cli::new();
    counting_tube(&cli);
    cli.file(
        "outer.yaml",
        "noob_id: outer
nodes:
  inner: {type: tube, params: {tube: t}}
  return: {type: return, depends: inner.value}
",
    );
    for line in [
        "$NZ run - -n 2 < count.yaml",
        "cat count.yaml | $NZ run - -n 2 --runner sync",
        "cat count.yaml | $NZ run /dev/stdin -n 2 --runner sync",
        "$NZ run <(cat count.yaml) -n 2 --runner task",
        "mkfifo f; cat count.yaml > f & $NZ run f -n 2 --runner sync; wait",
        "mkfifo f.yaml; cat count.yaml > f.yaml & $NZ run f.yaml -n 2 --runner sync; wait",
    ] {
        assert_eq!(
            shell(&cli, line),
            ("0\n1\n".into(), String::new()),
            "{line}"
        );
    }
    let (stdout, stderr) = shell(&cli, "cat count.yaml | $NZ check -");
    assert_eq!(stdout, "-: 2 nodes, no mistakes\n", "{stderr}");
    let (_, stderr) = shell(&cli, "echo 'noob_id: 3' | $NZ check -");
    assert!(stderr.contains("/dev/stdin:1:10"), "{stderr}");
    // Tubes that it mentions are those of the current directory.
    let (stdout, stderr) = shell(&cli, "cat outer.yaml | $NZ check -");
    assert_eq!(stdout, "-: 2 nodes, no mistakes\n", "{stderr}");
}

#[test]
fn relative_runtime_directory_is_used() {
    let cli = Cli::new();
    counting_tube(&cli);
    let (stdout, stderr) = shell(&cli, "$NZ run count.yaml -n 1");
    assert_eq!((stdout, stderr), ("0\n".into(), String::new()));
    let directory = cli.dir.path().join("r");
    assert!(directory.is_dir());
    assert_eq!(left_in(&directory), Vec::<String>::new());
}

#[test]
fn unwritable_runtime_directory_gets_a_hint() {
    let cli = Cli::new();
    let tube = counting_tube(&cli);
    let mut command = cli.command();
    command.args(["run", &tube, "-n", "1"]);
    let output = command
        .env("NOOB_ZMQ_RUNTIME_DIR", "/dev/null/r")
        .output()
        .unwrap();
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(
        error.contains("cannot create `/dev/null/r`: Not a directory")
            && error.contains("set `NOOB_ZMQ_RUNTIME_DIR` to a directory of your own"),
        "{error}"
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
    let fails = cli.file(
        "fails.yaml",
        "noob_id: t
nodes:
  count: {type: test.count}
  picky: {type: test.fail_at, params: {at: 0}, depends: [{value: count.index}]}
  return: {type: return, depends: picky.value}
",
    );
    let output = cli.run(&["run", fails.to_str().unwrap(), "--report", "/dev/full"]);
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

#[test]
fn protocol_shows_sockets_and_messages_of_every_actor() {
    let output = Cli::new().run(&["protocol"]);
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for part in [
        "## CommandSockets\n",
        "## NodeSockets\n",
        "| `router` | ROUTER | binds `command/inbox` | `identify` `status` `health` `error` |",
        "`noob_zmq::runner::zmq::sockets`, noob-zmq/src/runner/zmq/sockets.rs:",
        "```mermaid\nflowchart LR\n",
        "NodeSockets_dealer -- \"identify, status, health, error\" --> CommandSockets_router\n",
        "NodeSockets_outbox -- \"event\" --> NodeSockets_inbox\n",
    ] {
        assert!(shown.contains(part), "{part:?} is not in\n{shown}");
    }
    let one = text(&Cli::new().run(&["protocol", "command"]).stdout);
    assert!(one.contains("## CommandSockets") && one.contains("## NodeSockets"));
}

#[test]
fn protocol_of_unknown_actor_lists_known_actors() {
    let output = Cli::new().run(&["protocol", "Commander"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.contains("no socket spec `Commander`; it has `CommandSockets`, `NodeSockets`"),
        "{said}"
    );
}

#[test]
fn handlers_lists_the_handler_of_each_message() {
    let shown = text(&Cli::new().run(&["handlers", "Command"]).stdout);
    assert!(
        shown.starts_with("CommandNode: CommandSockets\n"),
        "{shown}"
    );
    assert!(
        shown.contains("    router Status        on_status\n"),
        "{shown}"
    );
    assert!(
        shown.contains("    at noob-zmq/src/runner/zmq/command/command_node.rs:"),
        "{shown}"
    );
    assert!(!shown.contains("NodeRunner"), "{shown}");
}

#[test]
fn addons_are_listed_with_crate_and_line() {
    let shown = text(&Cli::new().run(&["handlers", "NodeRunner"]).stdout);
    let addon = "NodeRunner: add-on
    inbox \"heartbeat.ask\"  on_ask
    at examples/heartbeat/lib.rs:";
    let (_, rest) = shown.split_once(addon).expect("the add-on");
    let line = rest.lines().next().expect("a line");
    assert!(line.ends_with(" in `noob_zmq_heartbeat`"), "{shown}");
    let nodes = text(&Cli::new().run(&["nodes", "test.count"]).stdout);
    let at = nodes.lines().last().expect("a node");
    assert!(
        at.contains("tests/support/nodes.rs:") && at.ends_with(" in `noob_zmq_tests`"),
        "{nodes}"
    );
}

#[test]
fn tube_id_is_searched_in_configured_folders() {
    let cli = Cli::new();
    std::fs::create_dir_all(cli.dir.path().join("tubes/deep")).unwrap();
    let count = "nodes:
  n: {type: noob_zmq.numbers.count, params: {limit: 2}}
  r: {type: return, depends: n.value}
";
    cli.file("tubes/base.yaml", format!("noob_id: base\n{count}"));
    let two =
        "noob_id: two\nextends: [base]\nnodes:\n  r: {type: return, depends: [{n: n.value}]}\n";
    cli.file("tubes/deep/two.yaml", two);
    let folders = cli.dir.path().join("tubes");
    let run = |arguments: &[&str], folders: &Path| {
        let mut command = cli.command();
        command
            .env("NOOB_CONFIG_DIRS", folders)
            .env("COLUMNS", "1000");
        command.args(arguments).output().unwrap()
    };
    let output = run(&["run", "two", "--runner", "sync", "--json"], &folders);
    assert_eq!(
        text(&output.stdout),
        "{\"n\":0}\n{\"n\":1}\n",
        "{}",
        text(&output.stderr)
    );
    let output = run(&["check", "tow"], &folders);
    assert_eq!(output.status.code(), Some(1));
    let errors = text(&output.stderr);
    let place = format!("`{}` and all below", folders.display());
    assert!(
        errors.contains("no tube is called `tow`") && errors.contains(&place),
        "{errors}"
    );
    // Tubes are also searched in the folder of the tube.
    let lost = cli.file("lost.yaml", two.replace("base", "bsae"));
    let output = run(&["check", lost.to_str().unwrap()], &folders);
    let errors = text(&output.stderr)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(errors.contains("did you mean `base`?"), "{errors}");
    let beside = format!("`{}`", cli.dir.path().display());
    assert!(errors.replace("│ ", "").contains(&beside), "{errors}");
}

#[test]
fn check_compares_signal_and_slot_types() {
    let cli = Cli::new();
    let tube = "noob_id: types
nodes:
  n: {type: noob_zmq.numbers.count, params: {limit: 2}}
  s: {type: noob_zmq.text.split, depends: [{text: n.value}]}
  c: {type: noob_zmq.text.count, depends: [{words: s.value}]}
  t: {type: noob_zmq.text.top, depends: [{counts: c.value}, {n: n.value}]}
  r: {type: return, depends: t.value}
";
    let path = cli.file("types.yaml", tube);
    let path = path.to_str().unwrap();
    for command in ["check", "run"] {
        let output = cli
            .command()
            .args([command, path])
            .env("COLUMNS", "400")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
        let errors = text(&output.stderr);
        for part in [
            "types.yaml:4:51",
            "`n.value` is `i64`, and slot `text` of node `s` takes `String`",
            "an integer is never a text",
            "feed it a signal of type `String`",
            // The warning is shown too.
            "types.yaml:6:65",
            "takes `usize`: only numbers from 0 on go",
            "error: 1 mistake in the tube; nothing was started",
        ] {
            assert!(
                errors.contains(part),
                "{command}: `{part}` is not in\n{errors}"
            );
        }
    }
    let fits = tube.replace("text: n.value", "text: w.value").replace(
        "  n: {",
        "  w: {type: noob_zmq.text.upper, params: {text: a b}}\n  n: {",
    );
    let path = cli.file("fits.yaml", fits);
    let output = cli.run(&["check", path.to_str().unwrap()]);
    let printed = text(&output.stdout);
    assert!(
        printed.contains("6 nodes, no mistakes, 1 warning"),
        "{printed}{}",
        text(&output.stderr)
    );
}

#[test]
fn schema_equals_the_committed_file_and_knows_node_types() {
    let cli = Cli::new();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/tube.schema.json");
    let output = cli.run(&["schema", "--no-types"]);
    assert_eq!(
        text(&output.stdout),
        std::fs::read_to_string(kept).unwrap(),
        "write it anew: noob-zmq schema --no-types > docs/tube.schema.json"
    );
    let schema = text(&cli.run(&["schema"]).stdout);
    for part in [
        "noob_zmq.text.upper",
        "test.double",
        "(value: i64) → value: i64",
    ] {
        assert!(schema.contains(part), "`{part}` is not in\n{schema}");
    }
}

#[test]
fn bench_reports_epochs_and_losses() {
    let cli = Cli::new();
    let tube = |picky: &str| {
        let text = format!(
            "noob_id: t
nodes:
  count: {{type: test.count}}
  picky: {{type: test.fail_at, params: {{at: 12}}, {picky}depends: [{{value: count.index}}]}}
  return: {{type: return, depends: picky.value}}
"
        );
        cli.file("t.yaml", text)
    };
    let arguments = ["--process", "10", "--run", "20", "--json"];
    for (runner, picky, lost) in [
        ("zmq", "on_error: skip, ", 1),
        ("zmq", "enabled: false, ", 0),
        ("sync", "enabled: false, ", 0),
        ("task", "enabled: false, ", 0),
    ] {
        let tube = tube(picky);
        let mut command = vec!["bench", tube.to_str().unwrap(), "--runner", runner];
        command.extend(arguments);
        let output = cli.run(&command);
        let said = text(&output.stderr);
        assert!(output.status.success(), "{runner}: {said}");
        let figures: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let of = |path: &str| figures.pointer(path).and_then(serde_json::Value::as_u64);
        assert_eq!(of("/process/epochs"), Some(10), "{figures}");
        assert_eq!(of("/run/epochs"), Some(20), "{figures}");
        assert_eq!(of("/lost/epochs"), Some(lost), "{runner}: {figures}");
        for time in [
            "/start",
            "/stop",
            "/process/p50",
            "/process/p99",
            "/run/epochs_per_second",
        ] {
            let time = figures.pointer(time).and_then(serde_json::Value::as_f64);
            assert!(time.is_some_and(|time| time > 0.0), "{figures}");
        }
    }
    let picky = tube("");
    let mut command = vec!["bench", picky.to_str().unwrap()];
    command.extend(&arguments[..4]);
    let output = cli.run(&command);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("the frame is refused"), "{said}");
}
