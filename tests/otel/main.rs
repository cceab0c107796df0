//! Spans and metrics, as a collector receives them from runs with real processes.

mod collector;
mod protobuf;

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use noob_zmq::runner::RunStatus;
use tempfile::TempDir;

use crate::collector::{Attributes, Collector, Conduct, Number, Span};

/// Time in which a program ends that waits for nobody; a request to a collector may take a minute.
const IN_TIME: Duration = Duration::from_secs(30);

/// End of the program `traced`.
struct Ended {
    /// Values of the epochs.
    values: Vec<String>,
    status: RunStatus,
    log: String,
    took: Duration,
}

/// Runs the program with a runner for some epochs.
fn run(runner: &str, epochs: u32, environment: &[(&str, &str)]) -> Ended {
    let directory = TempDir::with_prefix("nz").unwrap();
    let begun = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_traced"))
        .args([runner, directory.path().join("r").to_str().unwrap()])
        .arg(epochs.to_string())
        .env_remove("RUST_LOG")
        .env("OTEL_EXPORTER_OTLP_TIMEOUT", "60000")
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-rig=seven")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let took = begun.elapsed();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut values: Vec<String> = text.lines().map(str::to_owned).collect();
    let status = values.pop().expect("a status");
    Ended {
        values,
        status: serde_json::from_str(&status).unwrap(),
        log,
        took,
    }
}

/// Returns the values that the tube returns: it fails in epoch 3.
fn values(epochs: u32) -> Vec<String> {
    (0..epochs)
        .map(|epoch| match epoch {
            3 => "failed".to_owned(),
            _ => (2 * epoch).to_string(),
        })
        .collect()
}

/// Returns the spans by their traces.
fn traces(spans: &[Span]) -> BTreeMap<Vec<u8>, Vec<Span>> {
    let mut traces = BTreeMap::<_, Vec<Span>>::new();
    for span in spans {
        traces
            .entry(span.trace.clone())
            .or_default()
            .push(span.clone());
    }
    traces
}

/// Checks the spans of one epoch, and returns its number.
fn check_trace(spans: &[Span]) -> u32 {
    let root: Vec<&Span> = spans.iter().filter(|span| span.parent.is_empty()).collect();
    let [root] = root[..] else {
        panic!("not one root span: {spans:#?}")
    };
    assert_eq!(root.name, "epoch");
    assert_eq!((root.trace.len(), root.id.len()), (16, 8));
    let epoch: u32 = root.attributes["noob_zmq.epoch"].parse().unwrap();
    let result = if epoch == 3 { "failed" } else { "done" };
    assert_eq!(root.attributes["noob_zmq.result"], result);
    assert_eq!(root.error.is_some(), epoch == 3);
    let mut ids = BTreeSet::from([root.id.clone()]);
    for node in ["count", "double", "check"] {
        let calls: Vec<&Span> = spans.iter().filter(|span| span.name == node).collect();
        let [call] = calls[..] else {
            panic!("not one call of `{node}`: {spans:#?}")
        };
        assert_eq!(call.parent, root.id);
        assert!(ids.insert(call.id.clone()), "two spans with one id");
        assert!(call.begin <= call.end);
        let fails = epoch == 3 && node == "check";
        let expected = [
            ("noob_zmq.epoch", epoch.to_string()),
            ("noob_zmq.node", node.to_owned()),
            (
                "noob_zmq.result",
                if fails { "failed" } else { "done" }.to_owned(),
            ),
            ("noob_zmq.tube", "traced".to_owned()),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(call.attributes, Attributes::from(expected));
        match &call.error {
            Some(error) => assert!(fails && error.contains("invalid digit"), "{error}"),
            None => assert!(!fails, "{call:?}"),
        }
    }
    assert_eq!(spans.len(), 4, "{spans:#?}");
    epoch
}

fn counter(value: u64) -> Number {
    Number {
        is_counter: true,
        value: value as f64,
    }
}

/// Runs six epochs with a collector, and checks everything that it has received.
fn check_run(runner: &str, processes: usize) {
    let collector = Collector::open(Conduct::Takes);
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*collector.endpoint()),
        ("OTEL_SERVICE_NAME", "rig"),
        ("OTEL_RESOURCE_ATTRIBUTES", "room=7"),
    ];
    let ended = run(runner, 6, &environment);
    assert_eq!(ended.values, values(6));
    assert!(!ended.log.contains("collector"), "{}", ended.log);
    let received = collector.received();
    let traces = traces(&received.spans);
    let epochs: BTreeSet<u32> = traces.values().map(|spans| check_trace(spans)).collect();
    assert_eq!(epochs, (0..6).collect());
    assert_eq!(traces.len(), 6);
    let pids = received
        .spans
        .iter()
        .map(|span| &span.resource["process.pid"]);
    assert_eq!(pids.collect::<BTreeSet<_>>().len(), processes);
    for span in &received.spans {
        assert_eq!(span.resource["service.name"], "rig");
        assert_eq!(span.resource["room"], "7");
        assert_eq!(span.resource["noob_zmq.tube"], "traced");
        assert_eq!(span.resource.get("noob_zmq.run"), ended.status.run.as_ref());
    }
    let number = |name: &str, labels: &[(&str, &str)]| {
        let labels = labels.iter();
        let labels = labels.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let key = (format!("noob_zmq_{name}"), labels.collect());
        let found = received.numbers.get(&key);
        found.unwrap_or_else(|| panic!("no {key:?}")).clone()
    };
    let status = &ended.status;
    assert_eq!((status.epochs.done, status.epochs.failed), (5, 1));
    assert_eq!(number("epochs_done_total", &[]), counter(5));
    assert_eq!(number("epochs_failed_total", &[]), counter(1));
    assert!(!number("epochs_open", &[]).is_counter);
    for node in &status.nodes {
        let labels = [("node", &*node.node)];
        assert_eq!(number("node_calls_total", &labels), counter(node.calls));
        assert_eq!(
            number("node_emitted_events_total", &labels),
            counter(node.emitted.events)
        );
    }
    for edge in &status.edges {
        let labels = [
            ("source", &*edge.source),
            ("signal", &*edge.signal),
            ("target", &*edge.target),
            ("slot", &*edge.slot),
        ];
        assert_eq!(
            number("edge_events_total", &labels),
            counter(edge.traffic.events)
        );
    }
}

#[test]
fn spans_and_metrics_of_processes_agree_with_the_run() {
    // The runner, and a process for each node.
    check_run("zmq", 4);
}

#[test]
fn spans_and_metrics_of_one_process_agree_with_the_run() {
    check_run("sync", 1);
    check_run("task", 1);
}

#[test]
fn nested_tube_is_one_call() {
    let collector = Collector::open(Conduct::Takes);
    let endpoint = collector.endpoint();
    run("nested", 3, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)]);
    let received = collector.received();
    let names: Vec<&str> = received.spans.iter().map(|span| &*span.name).collect();
    assert_eq!(names.len(), 6, "{names:?}");
    assert_eq!(names.iter().filter(|name| **name == "inner").count(), 3);
    let pids = received
        .spans
        .iter()
        .map(|span| &span.resource["process.pid"]);
    assert_eq!(pids.collect::<BTreeSet<_>>().len(), 2);
    let numbers = received.numbers.keys();
    let tubes: BTreeSet<&String> = numbers
        .filter_map(|(_, labels)| labels.get("tube"))
        .collect();
    assert_eq!(tubes, BTreeSet::from([&"traced".to_owned()]));
}

#[test]
fn sampled_epochs_are_whole() {
    let collector = Collector::open(Conduct::Takes);
    let environment = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*collector.endpoint()),
        ("OTEL_METRICS_EXPORTER", "none"),
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.5"),
    ];
    assert_eq!(run("zmq", 60, &environment).values, values(60));
    let received = collector.received();
    assert!(received.numbers.is_empty());
    let traces = traces(&received.spans);
    // Each of both would be a coin that falls on one side sixty times.
    assert!((1..60).contains(&traces.len()), "{}", traces.len());
    for spans in traces.values() {
        check_trace(spans);
    }
}

#[test]
fn disabled_exporter_sends_nothing() {
    let collector = Collector::open(Conduct::Takes);
    let endpoint = collector.endpoint();
    for off in [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ] {
        let ended = run("zmq", 4, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint), off]);
        assert_eq!(ended.values, values(4));
        let said = ended.log.contains("only `http/protobuf` is spoken");
        assert_eq!(said, off.1 == "grpc", "{}", ended.log);
    }
    assert_eq!(collector.received().requests, 0);
}

/// Runs with a collector that takes nothing, and returns the log.
fn run_in_vain(endpoint: &str, more: &[(&str, &str)]) -> String {
    let endpoint = [("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)];
    let ended = run("zmq", 200, &[&endpoint, more].concat());
    assert_eq!(ended.values, values(200));
    assert!(ended.took < IN_TIME, "{:?}", ended.took);
    assert_eq!(ended.status.epochs.done, 199);
    ended.log
}

#[test]
fn missing_collector_is_logged_once_a_process() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    // An export for each span.
    let log = run_in_vain(&endpoint, &[("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1")]);
    assert_eq!(
        log.matches("do not reach the collector").count(),
        4,
        "{log}"
    );
    assert!(log.contains("Connection refused"), "{log}");
}

#[test]
fn collector_that_answers_with_errors_is_logged_once_a_process() {
    let collector = Collector::open(Conduct::AnswersWithError);
    let small = [("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "8")];
    let log = run_in_vain(&collector.endpoint(), &small);
    assert_eq!(log.matches("it answers 500").count(), 4, "{log}");
    assert!(collector.received().requests > 4);
}

#[test]
fn collector_that_answers_nothing_costs_spans_and_no_time() {
    let collector = Collector::open(Conduct::AnswersNothing);
    let small = [
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "16"),
    ];
    let log = run_in_vain(&collector.endpoint(), &small);
    // Four are on their way for a minute, sixteen wait, and the others have no room.
    let counts = log
        .lines()
        .filter(|line| line.contains("of the spans of this process"));
    let counts: Vec<&str> = counts.collect();
    assert_eq!(counts.len(), 4, "{log}");
    for line in counts {
        assert!(
            line.contains("180 were dropped since too many waited"),
            "{line}"
        );
    }
}
