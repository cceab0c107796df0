//! Cost of watching: the rate of a run that nobody looks at, beside that of the same run with a
//! watcher, in turns.
//!
//! `cargo bench -p noob-zmq-tests --bench watch`; an argument sets the number of turns.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use noob_zmq::page::{PageOptions, serve};
use noob_zmq::prelude::*;
use noob_zmq::runner::Watcher;
use noob_zmq_tests as _;

/// Epochs of one measurement, with three events each.
const EPOCHS: u64 = 200_000;

const TUBE: &str = "
noob_id: watched
nodes:
  count: {type: test.count}
  a: {type: test.double, depends: [{value: count.index}]}
  b: {type: test.double, depends: [{value: a.value}]}
  return: {type: return, depends: b.value}
";

/// Watches a run until it is told to end.
type Watching<'a> = &'a (dyn Fn(&AtomicBool) + Sync);

#[noob_zmq::main]
fn main() -> Result<(), Box<dyn Error>> {
    let turns = std::env::args().skip(1).find_map(|text| text.parse().ok());
    let turns: usize = turns.unwrap_or(15);
    let mut runner = ZmqRunner::new(tube::from_text("watched.yaml", TUBE, ())?);
    runner.init()?;
    let watcher = runner.watcher();
    let looks = AtomicU64::new(0);
    let cases: [(&str, Watching<'_>); 6] = [
        ("nobody looks", &|_| {}),
        ("status, 4 a second", &|ends| poll(&watcher, ends, &looks)),
        ("tap of `a.value`", &|ends| {
            tap(&watcher, "a.value", ends, &looks)
        }),
        ("tap of `b.value`", &|ends| {
            tap(&watcher, "b.value", ends, &looks)
        }),
        ("open page", &|ends| open_page(&watcher, "", ends, &looks)),
        ("open page of `a`", &|ends| {
            open_page(&watcher, "?node=a", ends, &looks)
        }),
    ];
    measure(&mut runner, &|_| {})?;
    let mut rates = vec![Vec::new(); cases.len()];
    let mut ratios = vec![Vec::new(); cases.len()];
    for _ in 0..turns {
        let mut first = 0.0;
        for (place, (_, watch)) in cases.iter().enumerate() {
            let rate = measure(&mut runner, watch)?;
            if place == 0 {
                first = rate;
            }
            rates[place].push(rate);
            ratios[place].push(rate / first);
        }
    }
    runner.deinit()?;
    println!("{turns} turns, {EPOCHS} epochs each; medians");
    for (place, (name, _)) in cases.iter().enumerate() {
        let events = 3.0 * median(&mut rates[place]);
        let ratio = median(&mut ratios[place]);
        println!("{name:20} {events:9.0} events/s  ratio {ratio:.3}");
    }
    println!(
        "{} statuses and samples were read",
        looks.load(Ordering::Relaxed)
    );
    Ok(())
}

/// Returns the epochs per second of a run, while a thread watches.
fn measure(
    runner: &mut ZmqRunner,
    watch: &(dyn Fn(&AtomicBool) + Sync),
) -> Result<f64, Box<dyn Error>> {
    let ends = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| watch(&ends));
        // The nodes are told of a tap before the clock starts.
        runner.run(200)?;
        let begun = Instant::now();
        runner.run(EPOCHS)?;
        let took = begun.elapsed();
        ends.store(true, Ordering::Relaxed);
        Ok(EPOCHS as f64 / took.as_secs_f64())
    })
}

fn poll(watcher: &Watcher, ends: &AtomicBool, looks: &AtomicU64) {
    let mut last = Instant::now();
    while !ends.load(Ordering::Relaxed) {
        if last.elapsed() >= Duration::from_millis(250) {
            last = Instant::now();
            std::hint::black_box(watcher.status());
            looks.fetch_add(1, Ordering::Relaxed);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn tap(watcher: &Watcher, signal: &str, ends: &AtomicBool, looks: &AtomicU64) {
    let Ok(tap) = watcher.tap(signal) else { return };
    while !ends.load(Ordering::Relaxed) {
        if let Ok(Some(_)) = tap.next_within(Duration::from_millis(5)) {
            looks.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Serves a page, and reads its stream as a browser does.
fn open_page(watcher: &Watcher, query: &str, ends: &AtomicBool, looks: &AtomicU64) {
    let Ok(page) = serve(watcher.clone(), &PageOptions::default()) else {
        return;
    };
    let address = page.url().trim_start_matches("http://");
    let Some((host, token)) = address.split_once("/?token=") else {
        return;
    };
    let Ok(mut stream) = TcpStream::connect(host) else {
        return;
    };
    let request = format!(
        "GET /events{query} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    let _ = stream.write_all(request.as_bytes());
    let _ = stream.set_read_timeout(Some(Duration::from_millis(50)));
    let mut bytes = vec![0; 64 << 10];
    while !ends.load(Ordering::Relaxed) {
        let read = stream.read(&mut bytes).unwrap_or(0);
        // Each update begins with an empty comment.
        let begun = bytes[..read].windows(3).filter(|part| part == b":\n\n");
        looks.fetch_add(begun.count() as u64, Ordering::Relaxed);
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
