//! `/metrics`, read as Prometheus reads it.

use std::collections::BTreeMap;

use noob_zmq::runner::Runner;

use crate::http::Site;
use crate::rig::counted;

/// Numbers by name and labels, from the text format of Prometheus.
///
/// # Panics
/// On a line that the format does not allow, on a number without type, and on one twice.
fn parse(text: &str) -> BTreeMap<String, f64> {
    let mut types = BTreeMap::new();
    let mut numbers = BTreeMap::new();
    assert!(text.ends_with('\n'));
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(["counter", "gauge"].contains(&kind), "{line}");
            assert_eq!(types.insert(name, kind), None, "{line}");
        } else if !line.starts_with("# HELP ") {
            let (series, number) = line.rsplit_once(' ').unwrap();
            let name = series.split('{').next().unwrap();
            assert!(types.contains_key(name), "{line}");
            let labels = series.strip_prefix(name).unwrap();
            assert!(
                labels.is_empty() || (labels.starts_with('{') && labels.ends_with("\"}")),
                "{line}"
            );
            let number = number.parse().unwrap();
            let before = numbers.insert(series.to_owned(), number);
            assert_eq!(before, None, "{line}");
        }
    }
    numbers
}

fn read(site: &Site) -> BTreeMap<String, f64> {
    let host = format!("Host: {}", site.host);
    let bearer = format!("Authorization: Bearer {}", site.token);
    let answer = site.send("GET /metrics", &[&host, &bearer]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let kind = answer.header("content-type");
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    parse(&answer.body)
}

#[test]
fn metrics_are_the_numbers_of_the_status() {
    let (mut runner, _page, site) = counted();
    assert_eq!(read(&site)["noob_zmq_epochs_done_total"], 0.0);
    runner.run(30).unwrap();
    let numbers = read(&site);
    assert_eq!(numbers["noob_zmq_epochs_done_total"], 30.0);
    assert_eq!(numbers["noob_zmq_node_calls_total{node=\"twice\"}"], 30.0);
    assert_eq!(numbers["noob_zmq_node_up{node=\"twice\"}"], 1.0);
    let edge = "{source=\"count\",signal=\"index\",target=\"twice\",slot=\"value\"}";
    assert_eq!(numbers[&format!("noob_zmq_edge_events_total{edge}")], 30.0);
    let status = runner.status();
    let emitted = status.node("picture").unwrap().emitted;
    assert_eq!(emitted.events, 30);
    assert_eq!(
        numbers["noob_zmq_node_emitted_bytes_total{node=\"picture\"}"],
        emitted.bytes as f64
    );
    runner.run(12).unwrap();
    assert_eq!(read(&site)["noob_zmq_epochs_done_total"], 42.0);
    runner.deinit().unwrap();
    let numbers = read(&site);
    assert_eq!(numbers["noob_zmq_epochs_done_total"], 42.0);
    assert_eq!(numbers["noob_zmq_node_up{node=\"twice\"}"], 0.0);
}
