//! `noob-zmq run --view` and `noob-zmq view`.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use noob_zmq_tests::processes::wait_for;

use crate::http::{SOON, Site};
use crate::rig::{CAMERA, Rig};

const SLOW: &str = "
  count: {type: test.count}
  slow: {type: test.slow, params: {ms: 5}, depends: [{value: count.index}]}
  return: {type: return, depends: slow.value}
";

#[test]
fn run_serves_a_page_until_it_ends() {
    let rig = Rig::new();
    rig.tube(SLOW);
    let mut running = rig.start(&["run", "t.yaml", "--output", "jsonl", "--view"]);
    assert!(running.site.host.starts_with("127.0.0.1:"));
    let mut events = running.site.events("");
    let graph = events.find("graph", |_| true);
    assert_eq!(graph["nodes"][1]["signals"][0]["type"], "i64");
    let status = events.find("status", |status| {
        status["epochs"]["done"].as_u64() > Some(10)
    });
    assert_eq!(status["state"], "running");
    let first = running.values.recv_timeout(SOON);
    assert_eq!(first.as_deref(), Ok("0"), "the values are printed as ever");
    let site = running.site.clone();
    running.stop();
    events.find("ended", |_| true);
    assert!(std::net::TcpStream::connect(&site.host).is_err());
}

/// Returns the socket of the run for watchers.
fn socket_of_run(rig: &Rig) -> PathBuf {
    let runs = std::fs::read_dir(rig.dir.path().join("r")).unwrap();
    let mut sockets = runs.map(|run| run.unwrap().path().join(".watch"));
    sockets.find(|path| path.exists()).expect("a run")
}

/// Takes a place for watchers; `None` if none is left.
fn watch(socket: &Path) -> Option<UnixStream> {
    let mut watcher = UnixStream::connect(socket).unwrap();
    watcher.set_read_timeout(Some(SOON)).unwrap();
    // A watcher that is refused may be closed before it has written.
    let _ = watcher.write_all(b"{\"watch\":\"status\",\"every\":9}\n");
    let mut line = String::new();
    BufReader::new(&watcher).read_line(&mut line).unwrap();
    // Each that is let in gets a status; one that is refused gets an error.
    line.starts_with("{\"status\":").then_some(watcher)
}

/// Tube with a tube inside, which has four signals.
const NESTED: &str = "
  count: {type: test.count}
  inner:
    type: tube
    params:
      tube:
        noob_id: inner
        input: {n: {type: int, scope: process}}
        nodes:
          twice: {type: test.double, depends: [{value: input.n}]}
          slow: {type: test.slow, params: {ms: 5}, depends: [{value: twice.value}]}
          return:
            type: return
            depends: [{a: twice.value}, {b: slow.value}, {c: twice.value}, {d: slow.value}]
    depends: [{n: count.index}]
  return: {type: return, depends: inner.a}
";

#[test]
fn run_of_another_process_has_types_and_the_tubes_inside() {
    let rig = Rig::new();
    rig.tube(NESTED);
    let running = rig.start(&["run", "t.yaml", "--output", "jsonl", "--view", "0"]);
    let own = running.site.events("").find("graph", |_| true);
    let view = rig.start(&["view", "rig"]);
    let graph = view.site.events("").find("graph", |_| true);
    assert_eq!(graph, own);
    assert_eq!(graph["nodes"][0]["signals"][0]["type"], "i64");
    assert_eq!(graph["nodes"][1]["child"]["nodes"][1]["id"], "twice");
}

#[test]
fn signals_of_a_node_share_one_of_the_places_for_watchers() {
    let rig = Rig::new();
    rig.tube(NESTED);
    let _running = rig.start(&["run", "t.yaml", "--output", "jsonl", "--view", "0"]);
    let view = rig.start(&["view", "rig"]);
    let socket = socket_of_run(&rig);
    // Of 32 places, three are left: for statuses, for the tube, and for the values.
    let others: Vec<_> = (0..29).map(|_| watch(&socket).expect("a place")).collect();
    let mut events = view.site.events("?node=inner");
    let mut missing = vec!["inner.a", "inner.b", "inner.c", "inner.d"];
    while !missing.is_empty() {
        let sample = events.find("sample", |_| true);
        missing.retain(|signal| sample["signal"] != *signal);
    }
    drop(others);
}

#[test]
fn run_of_another_host_is_shown_with_its_values_and_its_end() {
    let rig = Rig::new();
    rig.tube(SLOW);
    let listen = ["--listen", "127.0.0.1:0", "--plain", "--view"];
    let start = ["run", "t.yaml", "--output", "jsonl"];
    let mut running = rig.start(&[&start[..], &listen].concat());
    let at = running.listening.recv_timeout(SOON).unwrap();
    // The directory of runs of the other host is not that of this one.
    let other = Rig::new();
    let view = other.start(&["view", "--join", &at, "--plain"]);
    let mut events = view.site.events("?node=slow");
    let graph = events.find("graph", |_| true);
    assert_eq!(graph["nodes"][1]["signals"][0]["type"], "i64");
    events.find("status", |status| {
        status["epochs"]["done"].as_u64() > Some(10)
    });
    events.find("sample", |sample| sample["signal"] == "slow.value");
    assert!(view.site.get("/metrics").body.contains("noob_zmq_run_info"));
    running.stop();
    events.find("ended", |_| true);
}

#[test]
fn run_of_another_process_is_shown_with_its_values_and_its_end() {
    let rig = Rig::new();
    rig.tube(CAMERA);
    let mut running = rig.start(&["run", "t.yaml", "--output", "jsonl", "--view", "0"]);
    let mut own = running.site.events("");
    own.find("status", |status| {
        status["epochs"]["done"].as_u64() > Some(3)
    });
    let view = rig.start(&["view", "rig"]);
    assert_ne!(view.site.host, running.site.host);
    let mut events = view.site.events("?node=weigh");
    let graph = events.find("graph", |_| true);
    let nodes = graph["nodes"].as_array().unwrap();
    let kinds: Vec<[&str; 2]> = nodes
        .iter()
        .map(|node| ["id", "kind"].map(|key| node[key].as_str().unwrap()))
        .collect();
    let expected = [
        ["camera", "source"],
        ["strips", "node"],
        ["each", "map"],
        ["weigh", "node"],
        ["all", "gather"],
        ["preview", "node"],
        ["return", "return"],
    ];
    assert_eq!(kinds, expected);
    let sample = events.find("sample", |sample| sample["signal"] == "weigh.value");
    assert!(sample["value"].is_f64(), "{sample}");
    let epoch = sample["epoch"].as_str().unwrap();
    assert!(epoch.contains("/each["), "{epoch}");
    events.find("log", |lines| {
        let lines = lines.as_array().unwrap();
        lines
            .iter()
            .any(|line| line.as_str().unwrap().starts_with("strip "))
    });
    let metrics = view.site.get("/metrics").body;
    assert!(
        metrics.contains("noob_zmq_run_info{tube=\"rig\""),
        "{metrics}"
    );
    running.stop();
    events.find("ended", |_| true);
}

#[test]
fn run_with_too_many_watchers_is_not_said_to_have_ended() {
    let rig = Rig::new();
    rig.tube(SLOW);
    let mut running = rig.start(&["run", "t.yaml", "--output", "jsonl", "--view"]);
    let view = rig.start(&["view", "rig"]);
    view.site.events("").find("status", |_| true);
    let socket = socket_of_run(&rig);
    let watchers: Vec<UnixStream> = std::iter::repeat_with(|| watch(&socket))
        .map_while(|watcher| watcher)
        .collect();
    assert!(!watchers.is_empty());
    let mut events = view.site.events("");
    let mistakes = events.find("mistakes", |_| true);
    let text = mistakes[0].as_str().unwrap();
    assert!(
        text.starts_with("the run cannot be watched: ") && text.contains("too many watchers"),
        "{text}"
    );
    events.find("ended", |_| true);
    // A page that is opened later sees the run.
    drop(watchers);
    wait_for("a place for the page", SOON, || {
        let event = view.site.events("").next()?;
        (event.name == "graph").then_some(())
    });
    running.stop();
}

#[test]
fn tube_is_shown_with_its_types_and_followed_as_it_is_saved() {
    let rig = Rig::new();
    let path = rig.tube(SLOW);
    let view = rig.start(&["view", "t.yaml"]);
    let mut events = view.site.events("");
    let graph = events.find("graph", |_| true);
    assert_eq!(graph["nodes"].as_array().unwrap().len(), 3);
    assert_eq!(
        graph["edges"][0]["text"],
        "count.index: i64 → slow.value: i64"
    );
    assert_eq!(events.find("mistakes", |_| true), serde_json::json!([]));
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("test.slow", "test.slwo")).unwrap();
    let mistakes = events.find("mistakes", |mistakes| {
        !mistakes.as_array().unwrap().is_empty()
    });
    let mistake = mistakes[0].as_str().unwrap();
    assert!(
        mistake.contains("`test.slwo`") && mistake.contains("t.yaml"),
        "{mistake}"
    );
    let longer = text.replace(
        "  return:",
        "  twice: {type: test.double, depends: [{value: slow.value}]}\n  return:",
    );
    std::fs::write(&path, longer).unwrap();
    let graph = events.find("graph", |graph| {
        graph["nodes"].as_array().unwrap().len() == 4
    });
    assert_eq!(graph["nodes"][2]["id"], "twice");
    assert_eq!(view.site.get("/metrics").status, 503);
    // A file that is gone is a mistake, too, and not the end.
    std::fs::remove_file(&path).unwrap();
    events.find("mistakes", |mistakes| {
        !mistakes.as_array().unwrap().is_empty()
    });
}

#[test]
fn unknown_runs_missing_files_and_wrong_addresses_are_refused() {
    let rig = Rig::new();
    rig.tube(SLOW);
    for (arguments, code, part) in [
        (&["view", "other"][..], 1, "no run of this user goes on"),
        (
            &["view", "other.yaml"],
            1,
            "cannot read the tube `other.yaml`",
        ),
        (&["view", "t.yaml", "here"], 2, "`here` is no address"),
        (
            &["run", "t.yaml", "--view=1.2.3"],
            2,
            "`1.2.3` is no address",
        ),
        (
            &["view", "t.yaml", "192.0.2.1:1"],
            1,
            "cannot listen on `192.0.2.1:1`",
        ),
    ] {
        let output = rig.command(arguments).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(part), "{arguments:?}: {error}");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
    }
}

#[test]
fn port_that_is_in_use_is_told() {
    let rig = Rig::new();
    rig.tube(SLOW);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = rig.command(&["view", "t.yaml", &address]).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        error.contains(&format!("cannot listen on `{address}`")),
        "{error}"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn page_on_all_interfaces_answers_to_addresses_alone() {
    let rig = Rig::new();
    rig.tube(SLOW);
    let view = rig.start(&["view", "t.yaml", "0.0.0.0:0"]);
    let site: &Site = &view.site;
    assert!(site.host.starts_with("127.0.0.1:"), "{}", site.host);
    assert_eq!(site.get("/").status, 200);
    let host = format!("Host: evil.example:{}", site.port());
    assert_eq!(site.send("GET /", &[&host, &site.cookie()]).status, 421);
}
