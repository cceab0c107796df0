//! The stream of a page: its events, pages that hang, and the number of pages.

use std::time::{Duration, Instant};

use noob_zmq::page::{PageOptions, serve};
use noob_zmq::runner::Runner;
use noob_zmq_tests::processes::wait_for;
use noob_zmq_tests::runners::{tube, zmq};

use crate::http::{SOON, Site};
use crate::rig::counted;

#[test]
fn stream_has_the_graph_first_and_then_statuses() {
    let (mut runner, _page, site) = counted();
    let mut events = site.events("");
    let first = events.next().unwrap();
    assert_eq!(first.name, "graph");
    assert_eq!(first.data["title"], "test");
    let nodes = first.data["nodes"].as_array().unwrap();
    let ids: Vec<&str> = nodes
        .iter()
        .map(|node| node["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["count", "picture", "twice", "return"]);
    // Edges go from left to right, and end at the boxes that they name.
    for edge in first.data["edges"].as_array().unwrap() {
        let place = |id: &str| nodes.iter().find(|node| node["id"] == id).unwrap();
        let [source, target] = ["source", "target"].map(|end| place(edge[end].as_str().unwrap()));
        let right = source["x"].as_f64().unwrap() + source["width"].as_f64().unwrap();
        assert_eq!(edge["from"][0].as_f64(), Some(right));
        assert_eq!(edge["to"][0].as_f64(), target["x"].as_f64());
    }
    runner.run(7).unwrap();
    let status = events.find("status", |status| status["epochs"]["done"] == 7);
    assert_eq!(status["nodes"][2]["calls"], 7);
    runner.deinit().unwrap();
    events.find("status", |status| status["state"] == "closed");
    assert_eq!(events.next().unwrap().name, "ended");
    assert!(events.next().is_none());
}

#[test]
fn values_of_the_chosen_node_are_sent() {
    let (mut runner, _page, site) = counted();
    let mut events = site.events("?node=twice");
    // The signals are tapped before the first event is sent.
    assert_eq!(events.next().unwrap().name, "graph");
    runner.run(30).unwrap();
    let mut numbers = Vec::new();
    while numbers.len() < 30 {
        let sample = events.find("sample", |_| true);
        assert_eq!(sample["signal"], "twice.value");
        let new = sample["numbers"].as_array().unwrap();
        numbers.extend(new.iter().map(|pair| pair[1].as_f64().unwrap()));
        assert_eq!(sample["value"].as_f64(), numbers.last().copied());
    }
    let all: Vec<f64> = (0..30).map(|number| 2.0 * f64::from(number)).collect();
    assert_eq!(numbers, all);
    let mut events = site.events("?node=picture");
    assert_eq!(events.next().unwrap().name, "graph");
    runner.run(1).unwrap();
    let sample = events.find("sample", |_| true);
    assert_eq!(sample["signal"], "picture.value");
    let shape = &sample["value"]["$tensor"]["shape"];
    assert_eq!(*shape, serde_json::json!([72, 96, 3]));
    let data = sample["value"]["$tensor"]["data"]["$bytes"].as_str();
    assert_eq!(data.unwrap().len(), 2 * 72 * 96 * 3);
}

#[test]
fn page_that_hangs_keeps_neither_the_run_nor_other_pages_waiting() {
    let (mut runner, _page, site) = counted();
    let host = format!("Host: {}", site.host);
    // Pictures that nobody reads: more than the sockets hold.
    let hung: Vec<_> = (0..4)
        .map(|_| site.open("GET /events?node=picture", &[&host, &site.cookie()]))
        .collect();
    let mut read = site.events("");
    let begun = Instant::now();
    let mut epochs = 0;
    while begun.elapsed() < Duration::from_secs(3) {
        runner.run(100).unwrap();
        epochs += 100;
    }
    read.find("status", |status| status["epochs"]["done"] == epochs);
    assert_eq!(site.get("/metrics").status, 200);
    drop(hung);
}

#[test]
fn number_of_pages_is_bounded_and_a_closed_page_makes_room() {
    let (_runner, _page, site) = counted();
    let mut open: Vec<_> = (0..16).map(|_| site.events("")).collect();
    let refused = site.get("/events");
    assert_eq!(refused.status, 503);
    assert!(refused.body.contains("too many pages"), "{}", refused.body);
    open.pop();
    wait_for("a place for a page", SOON, || {
        let host = format!("Host: {}", site.host);
        let mut stream = site.open("GET /events", &[&host, &site.cookie()]);
        let mut start = [0; 12];
        std::io::Read::read_exact(&mut stream, &mut start).unwrap();
        (start == *b"HTTP/1.1 200").then_some(())
    });
}

#[test]
fn drop_of_the_page_ends_its_streams_and_its_port() {
    let (_runner, page, site) = counted();
    let mut events = site.events("");
    events.find("status", |_| true);
    drop(page);
    events.find("ended", |_| true);
    assert!(events.next().is_none());
    assert!(std::net::TcpStream::connect(&site.host).is_err());
}

#[test]
fn unreadable_names_of_nodes_are_refused_and_unknown_ones_have_no_values() {
    let (_runner, _page, site) = counted();
    for name in ["%", "%zz", "%ff"] {
        assert_eq!(
            site.get(&format!("/events?node={name}")).status,
            400,
            "{name}"
        );
    }
    let mut events = site.events("?node=nobody");
    assert_eq!(events.next().unwrap().name, "graph");
    events.find("status", |status| status["state"] == "running");
}

#[test]
fn drops_and_their_edge_are_sent() {
    let text = "
nodes:
  count: {type: test.count}
  slow: {type: test.slow, params: {ms: 20}, depends: [{value: {from: count.index, policy: latest}}]}
  last: {type: test.double, depends: [{value: count.index}]}
  return: {type: return, depends: last.value}
";
    let mut private = zmq(tube(text));
    private.runner.init().unwrap();
    let page = serve(private.runner.watcher(), &PageOptions::default()).unwrap();
    let mut events = Site::new(page.url()).events("");
    let graph = events.find("graph", |_| true);
    let edges = graph["edges"].as_array().unwrap();
    let drops: Vec<bool> = edges.iter().map(|edge| edge["drops"] == true).collect();
    assert_eq!(drops, [true, false, false]);
    private.runner.run(200).unwrap();
    let status = events.find("status", |status| {
        status["edges"][0]["dropped"].as_u64() > Some(0)
    });
    assert_eq!(status["edges"][0]["target"], "slow");
}
