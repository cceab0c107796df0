//! The commands other than `run`.

use std::path::Path;

use crate::fixture::{Cli, shell, text};

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
        "NodeSockets_outbox -- \"event, progress\" --> NodeSockets_inbox\n",
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
fn graph_draws_a_tube_in_three_formats() {
    let cli = Cli::new();
    let tube = "noob_id: drawn
nodes:
  n: {type: noob_zmq.numbers.count, params: {limit: 2}}
  return: {type: return, depends: n.value}
";
    let tube = cli.file("drawn.yaml", tube).display().to_string();
    let drawn = |format: &[&str]| {
        let output = cli.run(&[&["graph", &*tube], format].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert!(drawn(&[]).starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
    let mermaid = "flowchart LR
    n0([\"n<br/>noob_zmq.numbers.count\"])
    n1[[\"return<br/>return\"]]
    n0 -->|\"value\"| n1
";
    assert_eq!(drawn(&["--format", "mermaid"]), mermaid);
    assert!(drawn(&["--format", "dot"]).contains("n0 -> n1 [label=\"value\"];"));
    let wrong = cli.file("wrong.yaml", "noob_id: wrong\nnodes: 7\n");
    let refused = cli.run(&["graph", &wrong.display().to_string()]);
    assert!(!refused.status.success() && refused.stdout.is_empty());
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
    // One is about the type, and one about `w`, which never ends.
    let path = cli.file("fits.yaml", fits);
    let output = cli.run(&["check", path.to_str().unwrap()]);
    let printed = text(&output.stdout);
    assert!(
        printed.contains("6 nodes, no mistakes, 2 warnings"),
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

/// The limits of the operating system are those of a run.
#[test]
fn check_finds_a_lack_of_descriptors_as_run_does() {
    let cli = Cli::new();
    let chain = (1..40).fold("  n0: {type: test.count}\n".to_owned(), |chain, n| {
        let signal = if n == 1 { "index" } else { "value" };
        let from = n - 1;
        chain + &format!("  n{n}: {{type: test.double, depends: [n{from}.{signal}]}}\n")
    });
    cli.file(
        "chain.yaml",
        format!("noob_id: t\nnodes:\n{chain}  r: {{type: return, depends: n39.value}}\n"),
    );
    for command in ["check", "run -n 1"] {
        let line = format!("ulimit -n 200; $NZ {command} chain.yaml; echo $?");
        let (stdout, stderr) = shell(&cli, &line);
        assert_eq!(stdout, "1\n", "{command}: {stderr}");
        assert!(
            stderr.contains("file descriptors in the process of its runner, and may open 200;"),
            "{command}: {stderr}"
        );
    }
    // Where the soft limit alone is too low, both raise it.
    let (stdout, stderr) = shell(&cli, "ulimit -Sn 200; $NZ check chain.yaml; echo $?");
    assert!(stdout.ends_with("no mistakes\n0\n"), "{stdout}{stderr}");
}

#[test]
fn check_finds_a_directory_too_long_for_sockets() {
    let cli = Cli::new();
    let long = "n".repeat(30);
    for (node, max) in [("count", 79), (long.as_str(), 60)] {
        cli.file(
            "count.yaml",
            format!(
                "noob_id: t\nnodes:\n  {node}: {{type: test.count}}\n  r: {{type: return, \
                 depends: {node}.index}}\n"
            ),
        );
        let path = cli.dir.path().to_str().unwrap();
        let of_length = |len: usize| format!("{path}/{}", "d".repeat(len - path.len() - 1));
        for command in ["check", "run -n 1"] {
            let run = |directory: &str| {
                let line = format!("NOOB_ZMQ_RUNTIME_DIR={directory} $NZ {command} count.yaml");
                shell(&cli, &format!("{line} > out; echo $?"))
            };
            let (stdout, stderr) = run(&of_length(max));
            assert_eq!(stdout, "0\n", "{command}: {stderr}");
            let deep = of_length(max + 1);
            let (stdout, stderr) = run(&deep);
            assert_eq!(stdout, "1\n", "{command}: {stderr}");
            let said = format!(
                "the directory `{deep}` for the sockets of this run has {} bytes, and may have \
                 {max},",
                max + 1
            );
            assert!(stderr.contains(&said), "{command}: {stderr}");
            assert!(!Path::new(&deep).exists());
        }
    }
}
