//! `--placement` of `noob-zmq run`, and `noob-zmq plan`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use crate::fixture::{Cli, text};

/// Returns a tube that reads a file in each of these nodes, by the name of the node, as an
/// argument.
fn reading_tube(cli: &Cli, files: &[(&str, &str)]) -> String {
    let mut nodes = String::new();
    let mut depends = Vec::new();
    for (node, path) in files {
        nodes += &format!("\n  {node}: {{type: noob_zmq.files.lines, params: {{path: {path}}}}}");
        depends.push(format!("{{{node}: {node}.lines}}"));
    }
    let depends = depends.join(", ");
    cli.tube(&format!(
        "{nodes}\n  return: {{type: return, depends: [{depends}]}}\n"
    ))
}

/// Runs a tube in an epoch with a placement, and returns its values and its errors.
fn run(cli: &Cli, tube: &str, placement: &str) -> (serde_json::Value, String) {
    let path = cli.file("p.yaml", placement);
    let output = cli.run(&[
        "run",
        tube,
        "-n",
        "1",
        "--json",
        "--placement",
        path.to_str().unwrap(),
    ]);
    let printed = text(&output.stdout);
    let value = serde_json::from_str(&printed).unwrap_or_default();
    (value, text(&output.stderr))
}

/// Returns the line that a node has read with this beginning, without it.
fn line<'v>(value: &'v serde_json::Value, node: &str, begin: &str) -> &'v str {
    let lines = value[node].as_array().expect("the lines of a file");
    let mut found = lines
        .iter()
        .filter_map(|line| line.as_str()?.strip_prefix(begin));
    found.next().expect("the line").trim()
}

/// Returns the niceness in a `stat` file of `/proc`.
fn nice_in(stat: &str) -> i32 {
    // The fields begin behind the name, which is in parentheses: the first is number 3.
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    fields.split(' ').nth(19 - 3).unwrap().parse().unwrap()
}

/// Returns a processor that this process may use.
fn some_cpu() -> u32 {
    let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
    let cpus = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let last = cpus.unwrap().trim().rsplit([',', '-']).next().unwrap();
    last.parse().unwrap()
}

#[test]
fn placed_run_returns_the_values_of_an_unplaced_one() {
    let cli = Cli::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = |path: &str| root.join(path).to_str().unwrap().to_owned();
    let input = format!("path={}", path("LICENSE"));
    let run = |options: &[&str]| {
        let tube = path("examples/words.yaml");
        let arguments = ["run", &tube, "--input", &input, "--json"];
        let output = cli.run(&[&arguments[..], options].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let placement = path("examples/placements/words.yaml");
    let placed = run(&["--placement", &placement]);
    assert!(placed.contains("\"the\""), "{placed}");
    assert_eq!(placed, run(&[]));
    assert_eq!(placed, run(&["--runner", "sync"]));
}

#[test]
fn process_has_the_settings_of_its_placement() {
    let cli = Cli::new();
    let tube = reading_tube(
        &cli,
        &[
            ("status", "/proc/thread-self/status"),
            ("stat", "/proc/thread-self/stat"),
            ("limits", "/proc/self/limits"),
            ("environment", "/proc/self/environ"),
            ("plain", "/proc/self/limits"),
        ],
    );
    let cpu = some_cpu();
    let own = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    // The next one: on a busy machine, a process far behind others would not end in time.
    let nice = (nice_in(&own) + 1).min(19);
    let (value, errors) = run(
        &cli,
        &tube,
        &format!(
            "runner: here
hosts: {{here: {{environment: {{PLACED_A: 1, PLACED_B: host}}}}}}
nodes:
  status: {{cpus: {cpu}}}
  stat: {{nice: {nice}}}
  limits: {{memory: 3 GiB}}
  environment: {{environment: {{PLACED_B: node}}}}
"
        ),
    );
    assert!(value.is_object(), "{errors}");
    assert_eq!(
        line(&value, "status", "Cpus_allowed_list:"),
        cpu.to_string()
    );
    assert_eq!(nice_in(line(&value, "stat", "")), nice);
    let limit = |node| {
        line(&value, node, "Max data size")
            .split_whitespace()
            .next()
            .unwrap()
    };
    assert_eq!(limit("limits"), (3_u64 << 30).to_string());
    assert_ne!(limit("plain"), limit("limits"));
    let environment = line(&value, "environment", "");
    let variables: Vec<&str> = environment.split('\0').collect();
    assert!(variables.contains(&"PLACED_A=1"), "{variables:?}");
    assert!(variables.contains(&"PLACED_B=node"), "{variables:?}");
}

#[test]
fn node_above_its_memory_ends_and_is_named() {
    let cli = Cli::new();
    // A line is held in memory: this one has no end.
    let path = cli.dir.path().join("long");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(1 << 30).unwrap();
    let tube = reading_tube(&cli, &[("long", path.to_str().unwrap())]);
    let (value, errors) = run(&cli, &tube, "nodes: {long: {memory: 128 MiB}}");
    assert!(value.is_null(), "{value}");
    assert!(errors.contains("memory allocation of"), "{errors}");
    assert!(errors.contains("the node `long`"), "{errors}");
}

#[test]
fn processor_that_there_is_not_is_named() {
    let cli = Cli::new();
    let tube = reading_tube(&cli, &[("one", "/proc/self/status")]);
    let (value, errors) = run(&cli, &tube, "nodes: {one: {cpus: 1000}}");
    assert!(value.is_null(), "{value}");
    assert!(
        errors.contains("`cpus: 1000` of the placement is refused"),
        "{errors}"
    );
    assert!(errors.contains("`one`"), "{errors}");
}

#[test]
fn node_runs_the_program_of_its_placement() {
    let cli = Cli::new();
    let tube = reading_tube(
        &cli,
        &[("one", "/proc/self/cmdline"), ("two", "/proc/self/comm")],
    );
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_host"), cli.dir.path().join("tool")).unwrap();
    let (value, errors) = run(&cli, &tube, "nodes: {one: {program: [./tool, word]}}");
    assert!(value.is_object(), "{errors}");
    let words: Vec<&str> = line(&value, "one", "").split('\0').collect();
    let tool = cli.dir.path().join("./tool");
    assert_eq!(words[..2], [tool.to_str().unwrap(), "word"]);
    let (value, errors) = run(&cli, &tube, "nodes: {one: {program: ./none}}");
    assert!(
        value.is_null() && errors.contains("./none` cannot be run"),
        "{errors}"
    );
}

#[test]
fn mistake_of_a_placement_is_shown_in_its_text() {
    let cli = Cli::new();
    let tube = reading_tube(&cli, &[("camera", "/proc/self/status")]);
    for (placement, parts) in [
        (
            "nodes:\n  camra: {nice: 1}\n",
            &[
                "p.yaml:2:3",
                "camra: {nice: 1}",
                "no such node",
                "did you mean `camera`?",
            ][..],
        ),
        (
            "nodes:\n  camera: {ssh: lab}\n",
            &[
                "p.yaml:2:12",
                "has no key `ssh`",
                "there are `host`, `label`",
            ],
        ),
    ] {
        for command in ["run", "plan"] {
            let path = cli.file("p.yaml", placement);
            let path = path.to_str().unwrap();
            let output = cli.run(&[command, &tube, "--placement", path]);
            let errors = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{errors}");
            assert_eq!(text(&output.stdout), "");
            let last = &"1 mistake in the placement; nothing was started";
            for part in parts.iter().chain([last]) {
                assert!(errors.contains(part), "`{part}` is not in\n{errors}");
            }
        }
    }
    let output = cli.run(&["run", &tube, "--placement", "none.yaml"]);
    let errors = text(&output.stderr);
    assert!(
        errors.contains("cannot read the placement `none.yaml`"),
        "{errors}"
    );
}

#[test]
fn plan_prints_hosts_links_and_commands() {
    let cli = Cli::new();
    let tube = cli.tube(
        "
  a: {type: test.count}
  b: {type: noob_zmq.numbers.multiply, depends: [{left: a.index}]}
  c: {type: noob_zmq.numbers.multiply, depends: [{left: b.value}]}
  d: {type: noob_zmq.numbers.multiply, depends: [{left: c.value}]}
  return: {type: return, depends: d.value}
",
    );
    let placement = cli.file(
        "p.yaml",
        "runner: desk
hosts: {desk: {nice: 3}, lab: {labels: [fast]}}
nodes:
  a: {memory: 64 MiB, environment: {A: 1}}
  d: {label: fast}
groups:
  quick: {nodes: [b, c], cpus: 0}
",
    );
    let placement = placement.to_str().unwrap();
    let plan = ["plan", &tube, "--placement", placement, "--plain"];
    let output = cli.run(&plan);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(
        text(&output.stdout),
        format!(
            "desk (the runner)
  a      A=1; nice 3; memory 64 MiB
  b + c  group quick; cpus 0; nice 3
lab
  d

links between hosts
  c.value (desk) -> d (lab)
  d.value (lab) -> return (desk)

start
  desk$ noob-zmq run {tube} --placement {placement} --listen ADDRESS --plain
  lab$ noob-zmq agent --join ADDRESS --plain --name lab
"
        )
    );
    let output = cli.run(&[&plan[..], &["--json"]].concat());
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(plan["hosts"][0]["runner"], true);
    assert_eq!(
        plan["hosts"][0]["processes"][1]["nodes"],
        serde_json::json!(["b", "c"])
    );
    assert_eq!(plan["hosts"][0]["processes"][0]["memory"], 64 << 20);
    assert_eq!(plan["hosts"][1]["name"], "lab");
    assert_eq!(plan["links"][1]["to_host"], "desk");
    assert_eq!(plan["missing"], serde_json::json!([]));
}

#[test]
fn plan_names_everything_that_is_missing() {
    let cli = Cli::new();
    let tube = reading_tube(&cli, &[("a", "x"), ("b", "x"), ("c", "x")]);
    let placement = cli.file(
        "p.yaml",
        "hosts: {lab: }\nnodes: {a: {program: no-such-program}, b: {cpus: 1000}, c: {host: lab}}\n",
    );
    let key = cli.dir.path().join("key");
    let options = [
        "--placement",
        placement.to_str().unwrap(),
        "--key",
        key.to_str().unwrap(),
    ];
    let output = cli.run(&[&["plan", &tube], &options[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("4 things are missing"),
        "{}",
        text(&output.stderr)
    );
    let printed = text(&output.stdout);
    for part in [
        "this host\n",
        "the program `no-such-program` of node `a`",
        "the processors 1000 of node `b`",
        &format!(
            "the private key `{}` of this host: make it by `noob-zmq keygen`",
            key.display()
        ),
        "with `node` in front: there is no such file",
        "lab$ noob-zmq agent --join ADDRESS --server-key KEY --name lab",
    ] {
        assert!(printed.contains(part), "`{part}` is not in\n{printed}");
    }
}

#[test]
fn node_on_another_host_joins_a_placed_run() {
    let cli = Cli::new();
    let tube = cli.tube(
        "
  a: {type: test.count}
  b: {type: noob_zmq.numbers.multiply, depends: [{left: a.index}]}
  return: {type: return, depends: b.value}
",
    );
    let placement = cli.file("p.yaml", "hosts: {lab: }\nnodes: {b: {host: lab}}\n");
    let options = [
        "run",
        &tube,
        "-n",
        "3",
        "--json",
        "--placement",
        placement.to_str().unwrap(),
    ];
    let output = cli.run(&options);
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        errors.contains("`b` is placed on the host `lab`"),
        "{errors}"
    );
    assert!(errors.contains("noob-zmq run --listen"), "{errors}");

    let mut command = cli.command();
    command
        .args(options)
        .args(["--listen", "127.0.0.1:0", "--plain"]);
    let mut run = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(run.stderr.take().unwrap()).lines();
    let address = lines.by_ref().find_map(|line| {
        let line = line.unwrap();
        Some(line.strip_prefix("listening at ")?.to_owned())
    });
    let address = address.expect("the address of the runner");
    let node = cli.run_beside(&["node", "--join", &address, "--plain", "--id", "b"]);
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let output = run.wait_with_output().unwrap();
    assert!(node.status.success(), "{}", text(&node.stderr));
    assert_eq!(text(&output.stdout), "0\n2\n4\n", "{rest:?}");
}

#[test]
fn placement_belongs_to_the_runner_with_processes() {
    let cli = Cli::new();
    let tube = reading_tube(&cli, &[("a", "/proc/self/status")]);
    let output = cli.run(&["run", &tube, "--runner", "sync", "--placement", "p.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    let errors = text(&output.stderr);
    assert!(
        errors.contains("`--placement` is an option of the runner `zmq`"),
        "{errors}"
    );
}

#[test]
fn schema_of_placements_equals_the_committed_file() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/placement.schema.json");
    let output = Cli::new().run(&["schema", "placement"]);
    assert_eq!(
        text(&output.stdout),
        std::fs::read_to_string(kept).unwrap_or_default(),
        "write it anew: noob-zmq schema placement > docs/placement.schema.json"
    );
}
