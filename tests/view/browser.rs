//! The page in a real browser, over a running tube.

use std::path::Path;
use std::time::{Duration, Instant};

use noob_zmq_tests::processes::wait_for;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value as Json, json};

use crate::http::SOON;
use crate::rig::{CAMERA, Rig, Running};
use crate::webdriver::Browser;

/// Keys of WebDriver.
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const RIGHT: &str = "\u{e014}";

/// Returns the number at the begin of a text such as `41.5/s`.
fn number(text: &str) -> f64 {
    let end = text.find(|other: char| !other.is_ascii_digit() && other != '.');
    text[..end.unwrap_or(text.len())].parse().unwrap()
}

/// Returns a fact of the header or of the panel by its name.
fn fact(browser: &Browser, list: &str, name: &str) -> Option<String> {
    let script = format!(
        "const pairs = [...document.querySelectorAll('#{list} div')];
         const pair = pairs.find((one) => one.firstChild.textContent === '{name}');
         return pair ? pair.lastChild.textContent : null;"
    );
    browser.eval(&script).as_str().map(str::to_owned)
}

/// Compares the shown rate with the values that the run has printed in the same time.
fn assert_rate_is_that_of_the_run(browser: &Browser, running: &Running) {
    let mut seen = Vec::new();
    wait_for(
        "a rate within 15 % of the run's own count",
        3 * SOON,
        || {
            running.values.try_iter().for_each(drop);
            let begun = Instant::now();
            let mut rates = Vec::new();
            while begun.elapsed() < Duration::from_secs(3) {
                rates.push(number(&fact(browser, "facts", "rate")?));
            }
            let counted = running.values.try_iter().count() as f64 / begun.elapsed().as_secs_f64();
            let shown = rates.iter().sum::<f64>() / rates.len() as f64;
            seen.push((shown, counted));
            eprintln!("shown {shown:.1}/s, counted {counted:.1}/s");
            ((shown - counted).abs() < 0.15 * counted).then_some(())
        },
    );
}

/// Returns the process of a node, as `noob-zmq ps` tells it.
fn process_of(rig: &Rig, node: &str) -> u32 {
    let output = rig.command(&["ps", "--json"]).output().unwrap();
    let runs: Json = serde_json::from_slice(&output.stdout).unwrap();
    let nodes = runs[0]["nodes"].as_array().unwrap();
    let node = nodes.iter().find(|known| known["node"] == node).unwrap();
    node["pid"].as_u64().unwrap() as u32
}

fn show_graph(browser: &Browser) {
    browser.wait_for(
        "seven boxes",
        "return document.querySelectorAll('svg [data-node]').length === 7",
    );
    assert_eq!(browser.eval("return location.search"), "");
    assert_eq!(browser.text("#title"), "rig");
    let kinds = browser.eval(
        "return ['each', 'all', 'camera'].map((id) =>
           document.querySelector(`svg [data-node=${id}]`).getAttribute('class').split(' ')[1])",
    );
    assert_eq!(kinds, json!(["map", "gather", "source"]));
    assert_eq!(
        browser.eval("return document.querySelectorAll('.edge').length"),
        7
    );
    browser.wait_for(
        "rates on all edges",
        "return [...document.querySelectorAll('.edge')].every((line) =>
           line.classList.contains('active'))",
    );
    browser.wait_for(
        "the mark of the slowest node",
        "return document.querySelector('svg [data-node=weigh]').classList.contains('limit')",
    );
    browser.wait_for(
        "the notice of dropped values",
        "return document.getElementById('notices').textContent.includes('preview drops values')",
    );
}

fn show_picture(browser: &Browser) {
    browser.click("svg [data-node=camera]");
    browser.wait_for(
        "a picture",
        "return document.querySelector('#values canvas') !== null",
    );
    // The last point of the slope of colours, which the disc does not reach.
    let point = browser.eval(
        "const canvas = document.querySelector('#values canvas');
         const data = canvas.getContext('2d').getImageData(95, 71, 1, 1).data;
         return [canvas.width, canvas.height, ...data];",
    );
    assert_eq!(point, json!([96, 72, 252, 251, 96, 255]));
    assert_eq!(browser.eval("return location.hash"), "#camera");
}

fn show_values(browser: &Browser) {
    browser.click("svg [data-node=strips]");
    let rows = "return document.querySelectorAll('#values tbody tr').length === 4";
    browser.wait_for("a table of four strips", rows);
    let heads = browser.eval(
        "return [...document.querySelectorAll('#values thead th')].map((one) => one.textContent)",
    );
    assert_eq!(heads, json!(["light", "place", "word"]).sorted());
    // By the keyboard alone, from there two to the right.
    browser.press(&[ESCAPE]);
    browser.wait_for(
        "the run",
        "return document.getElementById('panel-head').textContent === 'Run'",
    );
    browser.press(&[RIGHT, RIGHT, ENTER]);
    browser.wait_for(
        "the slow node",
        "return document.getElementById('panel-head').textContent === 'weigh'",
    );
    let shown = browser.wait_for(
        "a number",
        "const shown = document.querySelector('#values .scalar');
         return shown ? shown.textContent : null",
    );
    let shown: f64 = shown.as_str().unwrap().parse().unwrap();
    assert!((0.0..=255.0).contains(&shown), "{shown}");
    browser.wait_for(
        "a plot",
        "const line = document.querySelector('#values path:last-of-type');
         return line !== null && (line.getAttribute('d') || '').split('L').length > 10",
    );
    browser.wait_for(
        "the output of the node",
        "return /strip [0-3] is (light|dark)/.test(document.getElementById('log').textContent)",
    );
}

/// Order of keys that does not depend on how a mapping is stored.
trait Sorted {
    fn sorted(self) -> Self;
}

impl Sorted for Json {
    fn sorted(self) -> Self {
        let mut items = self.as_array().cloned().unwrap_or_default();
        items.sort_by_key(ToString::to_string);
        items.into()
    }
}

fn show_death_and_restart(browser: &Browser, rig: &Rig) {
    let before = process_of(rig, "weigh");
    kill_process(Pid::from_raw(before.cast_signed()).unwrap(), Signal::KILL).unwrap();
    let error = browser.wait_for(
        "the error of the killed node",
        "const error = document.getElementById('panel-error');
         return error.hidden ? null : error.textContent",
    );
    let error = error.as_str().unwrap();
    assert!(
        error.contains("SIGKILL") || error.contains("signal 9"),
        "{error}"
    );
    browser.wait_for(
        "the notice of the restart",
        "const notices = document.getElementById('notices').textContent;
         return notices.includes('weigh was restarted once')",
    );
    wait_for("calls of the new process", SOON, || {
        let calls = fact(browser, "panel-numbers", "calls")?;
        let rate = number(calls.split(", ").nth(1)?);
        let process = fact(browser, "panel-numbers", "process")?;
        let is_new = !process.starts_with(&before.to_string());
        (rate > 0.0 && is_new && browser.text("#panel-kind").ends_with("running")).then_some(())
    });
    assert_eq!(
        fact(browser, "panel-numbers", "restarts").as_deref(),
        Some("1")
    );
    let process = fact(browser, "panel-numbers", "process").unwrap();
    assert!(
        process.starts_with(&process_of(rig, "weigh").to_string()),
        "{process}"
    );
}

fn show_sizes(browser: &Browser) {
    let output = Path::new(env!("CARGO_TARGET_TMPDIR")).join("page");
    std::fs::create_dir_all(&output).unwrap();
    for (width, height) in [(390, 1800), (1280, 1240), (2560, 1440)] {
        browser.resize(width, height);
        for scheme in ["light", "dark"] {
            browser.prefer(scheme);
            browser.wait_for(
                "no more width than the window has",
                "return document.documentElement.scrollWidth <= innerWidth",
            );
            let path = output.join(format!("{width}-{scheme}.png"));
            std::fs::write(&path, browser.screenshot()).unwrap();
            eprintln!("screenshot: {}", path.display());
        }
    }
    if std::env::var_os("NOOB_GALLERY").is_some() {
        let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/pictures");
        std::fs::create_dir_all(&gallery).unwrap();
        for scheme in ["light", "dark"] {
            let from = output.join(format!("1280-{scheme}.png"));
            std::fs::copy(from, gallery.join(format!("page-{scheme}.png"))).unwrap();
        }
    }
}

fn refuse_others(browser: &Browser, running: &Running) {
    let requests = browser.eval(
        "return performance.getEntriesByType('resource').map((entry) => new URL(entry.name))
           .filter((url) => url.origin !== location.origin && url.protocol !== 'data:').length",
    );
    assert_eq!(requests, 0);
    assert_eq!(browser.errors(), Vec::<String>::new());
    let port = running.site.port();
    browser.open(&format!(
        "http://evil.example:{port}/?token={}",
        running.site.token
    ));
    let refusal = browser.text("body");
    assert!(
        refusal.contains("answers to its own address only"),
        "{refusal}"
    );
    // A page of another origin, whose requests would carry the cookie.
    let read = browser.eval(&format!(
        "return fetch('http://{}/metrics', {{credentials: 'include'}})
           .then((answer) => answer.text(), (error) => `refused: ${{error}}`)",
        running.site.host
    ));
    assert!(read.as_str().unwrap().starts_with("refused: "), "{read}");
    browser.open(&format!("http://{}/", running.site.host));
    browser.wait_for(
        "the page",
        "return document.querySelector('svg [data-node=weigh]') !== null",
    );
}

#[test]
fn browser_shows_a_run_a_killed_node_and_its_restart() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let rig = Rig::new();
    rig.tube(CAMERA);
    let mut running = rig.start(&["run", "t.yaml", "--output", "jsonl", "--view"]);
    let site = running.site.clone();
    browser.resize(1280, 1240);
    browser.open(&format!("http://{}/", site.host));
    assert!(
        browser
            .text("body")
            .contains("open the address that was printed")
    );
    browser.errors();
    browser.open(&format!("http://{}/?token={}", site.host, site.token));
    show_graph(&browser);
    assert_rate_is_that_of_the_run(&browser, &running);
    show_picture(&browser);
    show_values(&browser);
    show_death_and_restart(&browser, &rig);
    show_picture(&browser);
    show_sizes(&browser);
    refuse_others(&browser, &running);
    running.stop();
    browser.wait_for(
        "the end of the run",
        "return document.getElementById('link').textContent === 'the run has ended'",
    );
    assert_eq!(browser.text("#state"), "closed");
}
